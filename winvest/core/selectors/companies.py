"""Read model of the companies (§2.1, Annexe A.2.1)."""

from typing import Any

from django.db.models import Q, QuerySet

from winvest.core.models import Company

Rows = QuerySet[Any, Any]


def list_companies(**filters: Any) -> Rows:
    """Return the companies in scope; filters: code, siren, is_active."""
    return Company.objects.filter(**filters).values(
        "id",
        "code",
        "legal_name",
        "brand_name",
        "siren",
        "siret_default",
        "vat_number",
        "country",
        "currency",
        "timezone",
        "ics_code",
        "brand_theme",
        "addresses",
        "contacts",
        "vat_regime",
        "account_length",
        "is_active",
        "created_at",
        "updated_at",
        has_logo=~Q(logo=""),
    )
