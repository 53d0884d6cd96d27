"""What the log tells of a record: its own lines, and those of what it holds (§3.8, 3.8-07).

A row is below the one that its title names first (`log_title`): the versions of a product, the
prices of a version, the accesses of a partner.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.lookups import Contains

from winvest.core.models.access import User
from winvest.core.models.audit import AuditEntry
from winvest.core.models.sorting import FrenchSort
from winvest.core.scoping import OneOf
from winvest.core.selectors.audit import audited_models, names_in

# So many rows of a table at most are looked for below others: those of one product are tens.
MOST = 1_000
# So many people are found by a word at most.
PEOPLE = 50
# The rows below others: those that are there, and those that were.
_BELOW = """
    (SELECT {number}, id FROM {table} WHERE {column} = ANY(%s) LIMIT {most})"""


def record_lives(record: UUID) -> list[UUID]:
    """Return the keys of a record and of all that it holds, whether they are still there or not."""
    tables = AuditEntry._base_manager.filter(record_id=record).order_by("-id")
    table = tables.values_list("table", flat=True).first()
    model = audited_models().get(table or "")
    return [record] if model is None else lives({model: [record]})


def lives(rows: dict[Any, list[UUID]]) -> list[UUID]:
    """Return the keys of these rows and of all that they hold; one statement for each level."""
    found: dict[UUID, None] = {}
    level = {model: keys for model, keys in rows.items() if keys}
    while level:
        found |= dict.fromkeys(chain.from_iterable(level.values()))
        level = _below(level)
    return list(found)


def people_named(text: str) -> list[UUID]:
    """Return the people whose name or address holds every word, those who left too.

    Whoever reads the log reads the names of all who acted in it, whatever company they are of.
    """
    people = User.objects.all()
    for word in text.split():
        written = FrenchSort(Value(word))
        people = people.filter(
            Contains(FrenchSort(F("name")), written) | Contains(FrenchSort(F("email")), written)
        )
    return list(people.order_by("pk").values_list("pk", flat=True)[:PEOPLE])


def told_of(records: Collection[UUID], people: Collection[UUID]) -> Q:
    """Return the condition on the lines of the log: of one of the records, or by one of the people."""
    return Q(OneOf("record_id", list(records))) | Q(OneOf("actor_id", list(people)))


def _below(level: dict[Any, list[UUID]]) -> dict[Any, list[UUID]]:
    asked = [
        (child, _BELOW.format(number=number, table=table, column=column, most=MOST), keys)
        for number, (child, table, column, keys) in enumerate(_places(level))
    ]
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for _, sql, _ in asked), [keys for *_, keys in asked])
        rows = cursor.fetchall()
    found: dict[Any, set[UUID]] = defaultdict(set)
    for number, key in rows:
        found[asked[number][0]].add(key)
    return {child: list(keys) for child, keys in found.items()}


def _places(level: dict[Any, list[UUID]]) -> Iterator[tuple[Any, str, str, list[UUID]]]:
    """Give each table where something may be below these rows: the rows', and their history's."""
    quote = connection.ops.quote_name
    for model, keys in level.items():
        for child, key in _children(model):
            tables = [child._meta.db_table]
            if hasattr(child, "history"):
                tables.append(child.history.model._meta.db_table)
            for table in tables:
                yield child, quote(table), quote(key.column), keys


@cache
def _children(model: Any) -> tuple[tuple[Any, Any], ...]:
    """Return the audited models whose title names a row of `model` first, with the key."""
    return tuple(
        (child, key)
        for child in audited_models().values()
        if (key := _first_named(child)) is not None and key.related_model is model
    )


def _first_named(model: Any) -> Any:
    name = next(_names(model.log_title), None) if model.log_title else None
    field = None if name is None else model._meta.get_field(name)
    return field if field is not None and field.is_relation else None


def _names(texts: Iterable[str]) -> Iterator[str]:
    return chain.from_iterable(names_in(text) for text in texts)
