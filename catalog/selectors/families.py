"""Risk families, for memberships that are limited to some of them (N-02)."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db import connection

from catalog.models import Risk
from winvest.core.permissions import RiskFamilies

_BELOW = (
    "WITH RECURSIVE below(top, id) AS ("
    " SELECT id, id FROM risk WHERE id = ANY(%s)"
    " UNION SELECT below.top, risk.id FROM risk JOIN below ON risk.parent_id = below.id"
    ") SELECT top, id FROM below"
)


def with_descendants(risks: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return each risk with all those below it, in one statement, whatever the scope."""
    families: dict[UUID, set[UUID]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [list(risks)])
        for top, risk in cursor.fetchall():
            families[top].add(risk)
    return {risk: frozenset(families[risk]) for risk in risks}


def named_risks() -> list[tuple[UUID, str]]:
    """Return the risks in scope by label, for whoever gives a role in a family."""
    rows = Risk.objects.order_by("sort_label", "id").values_list("id", "label", "company__code")
    return [(pk, f"{label} ({code or 'Groupe'})") for pk, label, code in rows]


FAMILIES = RiskFamilies(expand=with_descendants, choices=named_risks)
