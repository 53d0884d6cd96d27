"""Accounting mappings as the API shows them."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounting.choices import MappingState
from accounting.models import AccountingMapping
from catalog.domain.moments import Moment


def list_mappings(version_id: UUID) -> QuerySet[Any, Any]:
    """Return the mappings of a version for the companies in scope, those replaced included."""
    return AccountingMapping.objects.filter(product_version_id=version_id).values(
        *("id", "product_version_id", "company_id", "nature", "gl_account", "journal"),
        *("tax_code", "cost_center", "state", "validated_by_id", "validated_at"),
        "replaced_at",
    )


def mappings_at(rows: QuerySet[Any, Any], moment: Moment) -> QuerySet[Any, Any]:
    """Keep the mappings in force at the moment: validated, and not yet replaced.

    A validated mapping never changes, so the rows are what they were; nothing says beforehand
    when one will be replaced.
    """
    then = min(moment.as_of, moment.known_at or moment.as_of)
    running = Q(replaced_at__isnull=True) | Q(replaced_at__gt=then)
    return rows.filter(running, validated_at__lte=then)


def mapping_stood(row: dict[str, Any], moment: Moment) -> dict[str, Any]:
    """Return the row of a mapping in force at the moment; its end only as far as it was known."""
    end, known_at = row["replaced_at"], moment.known_at
    known = end is not None and (known_at is None or end <= known_at)
    return {
        **row,
        "state": MappingState.VALIDATED.value,
        "replaced_at": end if known else None,
    }
