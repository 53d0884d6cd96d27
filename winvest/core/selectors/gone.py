"""Rows that were deleted: their last names, and those that a text names (3.8-07)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import F, Q, Value
from django.db.models.lookups import Contains

from winvest.core.models.sorting import FrenchSort

# What people call a row by, in the tables that have it.
CALLED = ("sku", "code", "name", "label", "legal_name", "title")


def gone_named(model: Any, text: str, most: int) -> list[UUID]:
    """Return rows that were deleted, of those in scope, whose name or code holds every word."""
    states = model.history.model._default_manager.filter(history_type="-")
    columns = [name for name in CALLED if name in {one.name for one in states.model.tracked_fields}]
    for word in text.split():
        written = FrenchSort(Value(word))
        held = [Q(Contains(FrenchSort(F(name)), written)) for name in columns]
        states = states.filter(Q(*held, _connector=Q.OR))
    return list(states.order_by("-history_date").values_list("id", flat=True)[:most])


def last_names(model: Any, keys: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give the last names of rows that were deleted, of those in scope."""
    for key, row in _last_rows(model, keys).items():
        # What it is of may have left no history: its key stays.
        with suppress(ObjectDoesNotExist):
            yield key, str(row)


def _last_rows(model: Any, keys: Collection[Any]) -> dict[str, Any]:
    """Return deleted rows as they stood last, by key, with what they name; a level at a time."""
    states = model.history.model._default_manager.filter(id__in=keys)
    tracked = {field.name for field in states.model.tracked_fields}
    parents = [
        field
        for field in model._meta.concrete_fields
        if field.is_relation and field.name in tracked
    ]
    states = states.select_related(*(field.name for field in parents))
    rows = {}
    gone: dict[Any, list[Any]] = defaultdict(list)
    for state in states.order_by("id", "-history_date", "-history_id").distinct("id"):
        row = rows[str(state.id)] = state.instance
        for field in parents:
            above = getattr(state, field.name)
            if above is not None:
                setattr(row, field.name, above)
            elif getattr(row, field.attname) is not None and hasattr(
                field.related_model, "history"
            ):
                gone[field].append(row)
    for field, below in gone.items():
        found = _last_rows(field.related_model, {getattr(row, field.attname) for row in below})
        for row in below:
            if (above := found.get(str(getattr(row, field.attname)))) is not None:
                setattr(row, field.name, above)
    return rows
