"""Values of the indices as of a moment, and before the corrections made since (domain.md §1)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.domain.moments import Moment
from catalog.models import IndexValue
from winvest.core.selectors.past import past_states

Rows = QuerySet[Any, Any]
# The group's: a price reads an index on the wall of the company that sells it.
ZONE = ZoneInfo("Europe/Paris")


def values_then(rows: Rows, moment: Moment) -> Rows:
    """Keep, of each index, the value that ran on the day of the moment and was entered by then."""
    day = moment.as_of.astimezone(ZONE).date()
    entered = Q(created_at__lte=moment.known_at) if moment.known_at else Q()
    later = IndexValue.objects.filter(
        entered, index=OuterRef("index"), valid_on__gt=OuterRef("valid_on"), valid_on__lte=day
    )
    return rows.filter(entered, ~Exists(later), valid_on__lte=day)


def before_corrections(rows: list[dict[str, Any]], known_at: datetime) -> list[dict[str, Any]]:
    """Return the values as the database knew them: index and day never change."""
    keys = [row["id"] for row in rows]
    before = past_states(IndexValue._meta.db_table, after=known_at, records=keys)
    for row in rows:
        if state := before.get(row["id"]):
            row |= {"value": Decimal(str(state["value"])), "source": state["source"]}
    return rows
