"""Risk families, for memberships that are limited to some of them (N-02)."""

from collections.abc import Collection
from uuid import UUID

from catalog.models import Risk
from winvest.core.permissions import RiskFamilies


def with_descendants(risks: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return each risk with those below it, whatever the scope."""
    return {risk: frozenset({risk}) for risk in risks}


def named_risks() -> list[tuple[UUID, str]]:
    """Return the risks in scope by label, for whoever gives a role in a family."""
    rows = Risk.objects.order_by("sort_label", "id").values_list("id", "label", "company__code")
    return [(pk, f"{label} ({code or 'Groupe'})") for pk, label, code in rows]


FAMILIES = RiskFamilies(expand=with_descendants, choices=named_risks)
