"""Accounting mappings as the API shows them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounting.models import AccountingMapping


def list_mappings(version_id: UUID) -> QuerySet[Any, Any]:
    """Return the mappings of a version for the companies in scope, those replaced included."""
    return AccountingMapping.objects.filter(product_version_id=version_id).values(
        *("id", "product_version_id", "company_id", "nature", "gl_account", "journal"),
        *("tax_code", "cost_center", "state", "validated_by_id", "validated_at"),
        "replaced_at",
    )
