"""Schemes as the API shows them, tiers nested."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from commissions.models import CommissionScheme, CommissionTier

SCHEME_FIELDS = (
    *("id", "product_version_id", "name", "direction", "applies_to", "plan_id", "channel"),
    *("seller_id", "partner_id", "valid_from", "valid_to", "settlement", "trigger"),
    *("offset_months", "offset_day", "mode", "flow", "base", "split", "tier_mode"),
    *("counting_scope", "counting_period", "min_amount", "max_amount", "bonus", "malus"),
    *("clawback_months", "earned_basis", "advance_months", "advance_percent", "recognition"),
    "test_cases",
)
TIER_FIELDS = ("basis", "month_from", "month_to", "min", "max", "value_type", "value")


def list_schemes(version_id: UUID) -> QuerySet[Any, Any]:
    """Return the schemes of a version that the scope reads."""
    return CommissionScheme.objects.filter(product_version_id=version_id).values(*SCHEME_FIELDS)


def schemes_on(rows: QuerySet[Any, Any], day: date) -> QuerySet[Any, Any]:
    """Keep the schemes whose period holds a day of the owner's time zone."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return rows.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def tiers_of(scheme_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the tiers of each of these schemes, in their order, in one statement."""
    found: dict[UUID, list[dict[str, Any]]] = {pk: [] for pk in scheme_ids}
    rows = CommissionTier._base_manager.filter(scheme_id__in=found)
    for row in rows.order_by("month_from", "min").values("scheme_id", *TIER_FIELDS):
        found[row.pop("scheme_id")].append(row)
    return found
