"""Reading who receives commissions (K-07)."""

from typing import Any

from django.db.models import QuerySet

from commissions.models import Beneficiary

FIELDS = (
    *("id", "company_id", "split_key", "name", "employment", "user_id", "partner_id"),
    *("auxiliary_account", "tax_code", "is_active", "sort_label"),
)


def list_beneficiaries() -> QuerySet[Any, Any]:
    """Return the beneficiaries of the companies in scope."""
    return Beneficiary.objects.values(*FIELDS)
