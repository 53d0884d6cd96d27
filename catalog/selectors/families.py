"""Risk families, for memberships that are limited to some of them (N-02)."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from catalog.models import Risk
from winvest.core.permissions import RiskFamilies

DESCENDANTS = """
WITH RECURSIVE below(root, id) AS (
  SELECT id, id FROM risk WHERE id = ANY(%s)
  UNION SELECT below.root, risk.id FROM below JOIN risk ON risk.parent_id = below.id)
SELECT root, id FROM below
"""


def with_descendants(risks: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return each risk with those below it, whatever the scope."""
    if not risks:
        return {}
    below: dict[UUID, set[UUID]] = {risk: {risk} for risk in risks}
    with connection.cursor() as cursor:
        cursor.execute(DESCENDANTS, [list(risks)])
        for root, risk in cursor.fetchall():
            below[root].add(risk)
    return {root: frozenset(found) for root, found in below.items()}


def named_risks() -> list[tuple[UUID, str]]:
    """Return the risks in scope by label, for whoever gives a role in a family."""
    rows = Risk.objects.order_by("sort_label", "id").values_list("id", "label", "company__code")
    return [(pk, f"{label} ({code or 'Groupe'})") for pk, label, code in rows]


FAMILIES = RiskFamilies(expand=with_descendants, choices=named_risks)
