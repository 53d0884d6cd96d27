"""Old states of rows, the latest first, with what they name as it was named then (1-23, §3.8)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Value

from winvest.core.selectors.audit import naming_relations

CREATED, DELETED = "+", "-"
# A row that another names at an instant: the column that the key reads, its value, the instant.
Named = tuple[Any, Any, datetime]
# The state before another, of the same row.
_BEFORE = """
    SELECT {number}, history_id,
      (SELECT max(b.history_id) FROM {table} b
        WHERE b.id = h.id AND b.history_id < h.history_id)
    FROM {table} h WHERE history_id = ANY(%s)"""
# How the rows that changed since stood at an instant; one that came later, as it came.
_THEN = """
    SELECT {number}, w.key::text, w.at, coalesce(
      (SELECT history_id FROM {table} h WHERE h.{column} = w.key AND h.history_date <= w.at
        ORDER BY history_date DESC, history_id DESC LIMIT 1),
      (SELECT history_id FROM {table} h WHERE h.{column} = w.key
        ORDER BY history_date, history_id LIMIT 1))
    FROM unnest(%s::{type}[], %s::timestamptz[]) AS w(key, at)
    WHERE EXISTS (SELECT FROM {table} h WHERE h.{column} = w.key AND h.history_date > w.at)"""


@cache
def _table_of_states(model: Any) -> Any:
    return model.history.model


def states_of(model: Any) -> QuerySet[Any]:
    """Return the old states of a model's rows that are in scope; `model.history` makes a class each time."""
    rows: QuerySet[Any] = _table_of_states(model)._default_manager.all()
    return rows


class MergedHistory:
    """The old states of a row and of its parts, the latest first: a list read by pages.

    A page takes a constant number of statements for each table on it, whatever its length.
    """

    def __init__(
        self,
        sources: Sequence[QuerySet[Any]],
        above: Mapping[Any, str] | None = None,
        known: Iterable[Any] = (),
    ) -> None:
        """Take the histories, the first being the row's own, and the key of each part that leads to it.

        What that key names is the page's own row: nobody tells it again. `known` are rows that the
        page has read already.
        """
        self.sources = sources
        self.above = above or {}
        self.known = {(type(row), row.pk): row for row in known}

    def __len__(self) -> int:
        return sum(source.count() for source in self.sources)

    def __getitem__(self, page: slice) -> list[Any]:
        first, *others = [
            source.order_by()
            .annotate(number_of_source=Value(number))
            .values_list("history_date", "number_of_source", "history_id")
            for number, source in enumerate(self.sources)
        ]
        # The wanted rows only: a union of states would need the same columns in every table.
        keys = first.union(*others, all=True).order_by(
            F("history_date").desc(), "number_of_source", F("history_id").desc()
        )[page]
        order = [(number, key) for _, number, key in keys]
        states = self._states(order)
        found = [states[one] for one in order]
        self._name(found)
        return found

    def _states(self, order: Sequence[tuple[int, Any]]) -> dict[tuple[int, Any], Any]:
        """Return states by their source and key, each with the one before it."""
        states = self._rows(order)
        changed = _by_number(one for one, state in states.items() if state.history_type != CREATED)
        rows = _union(
            (_BEFORE.format(number=number, table=_table(self.sources[number].model)), [keys])
            for number, keys in changed.items()
        )
        earlier = {(number, key): (number, before) for number, key, before in rows}
        previous = self._rows([one for one in earlier.values() if one[1] is not None])
        for one, state in states.items():
            state.before = previous.get(earlier.get(one, (0, None)))
        return states

    def _rows(self, keys: Iterable[tuple[int, Any]]) -> dict[tuple[int, Any], Any]:
        found = {}
        for number, wanted in _by_number(keys).items():
            rows = self.sources[number].model._default_manager.order_by()
            for state in rows.filter(history_id__in=wanted):
                found[number, state.history_id] = state
        return found

    def _name(self, states: Sequence[Any]) -> None:
        """Give the states, and those before them, the rows that they name as these stood then."""
        earlier = [(one.before, one.history_date) for one in states if one.before is not None]
        holders = [*((one, one.history_date) for one in states), *earlier]
        name_as_then(holders, self._keys, self.known)

    def _keys(self, model: Any) -> list[Any]:
        left_out = self.above.get(model.instance_type)
        keys = [key for key in model.tracked_fields if key.many_to_one and key.name != left_out]
        return [model._meta.get_field(key.name) for key in keys] + [
            model._meta.get_field("history_user")
        ]


def name_as_then(
    holders: Sequence[tuple[Any, datetime]],
    keys_of: Callable[[Any], Iterable[Any]],
    known: Mapping[tuple[Any, Any], Any],
) -> None:
    """Put behind the foreign keys of rows what they name, as it stood at the instant of each.

    A row without a history, or that has not changed since, stands as it does today. What its name is
    made of is read with it. One statement for each table, and one for what changed.
    """
    wanted: dict[Named, list[tuple[Any, Any]]] = defaultdict(list)
    for holder, at in holders:
        for key in keys_of(type(holder)):
            value = getattr(holder, key.attname)
            if value is not None:
                wanted[key.target_field, value, at].append((holder, key))
    rows = _as_then(wanted, known)
    for one, places in wanted.items():
        for holder, key in places:
            key.set_cached_value(holder, rows.get(one))
    below = [(row, one[2]) for one, row in rows.items() if any(_names(type(row)))]
    if below:
        name_as_then(below, _names, known)


def _names(model: Any) -> Iterable[Any]:
    if len(getattr(model, "log_title", ())) != 1:
        return ()
    return (field for field in naming_relations(model) if field.is_relation)


def _as_then(wanted: Collection[Named], known: Mapping[tuple[Any, Any], Any]) -> dict[Named, Any]:
    """Return the rows by what was asked; one that is gone and left no history is not there."""
    pairs: dict[Any, list[tuple[Any, datetime]]] = defaultdict(list)
    for target, key, at in wanted:
        pairs[target].append((key, at))
    rows: dict[Named, Any] = {}
    for target, found in pairs.items():
        # Whoever reads a row reads what it names, as the joins of a list do.
        keys = {key for key, _ in found}
        today = {key: known[target.model, key] for key in keys if (target.model, key) in known}
        if unread := keys - today.keys():
            rows_of = target.model._base_manager
            today |= rows_of.in_bulk(unread, field_name=target.attname)
        rows |= {(target, key, at): copy(today[key]) for key, at in found if key in today}
    kept = [target for target in pairs if hasattr(target.model, "history")]
    changed = _union(_then(number, target, pairs[target]) for number, target in enumerate(kept))
    states = {
        number: _table_of_states(kept[number].model)._base_manager.in_bulk(keys)
        for number, keys in _by_number((number, state) for number, _, _, state in changed).items()
    }
    for number, key, at, state in changed:
        rows[kept[number], kept[number].to_python(key), at] = states[number][state].instance
    return rows


def _then(
    number: int, target: Any, pairs: Sequence[tuple[Any, datetime]]
) -> tuple[str, list[list[Any]]]:
    sql = _THEN.format(
        number=number,
        table=_table(_table_of_states(target.model)),
        column=connection.ops.quote_name(target.column),
        type=target.db_type(connection),
    )
    return sql, [[key for key, _ in pairs], [at for _, at in pairs]]


def _union(parts: Iterable[tuple[str, list[Any]]]) -> list[Any]:
    """Return the rows of several statements asked as one."""
    asked = list(parts)
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(sql for sql, _ in asked),
            list(chain.from_iterable(values for _, values in asked)),
        )
        return list(cursor.fetchall())


def _by_number(keys: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for number, key in keys:
        found[number].append(key)
    return found


def _table(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)
