"""Search as a French reader expects: without accents or case, every word, or a code's start."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.db.models import F, Q, QuerySet, Value
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Upper
from django.db.models.lookups import Contains, StartsWith

from winvest.core.models.sorting import FrenchSort
from winvest.core.scoping import OneOf

Columns = Sequence[str]

MAX_WORDS = 8
# As many related rows are no longer few: the list itself is then read, from its beginning.
MANY = 1_000
# Already `fr_sort`-ed by the database, with a trigram index.
SORTED = "sort_label"


def find(
    rows: QuerySet[Any],
    text: str,
    fields: Sequence[str],
    codes: Sequence[str],
    *,
    elsewhere: Q | None = None,
) -> Any:
    """Keep the rows where each word of `text` is in a field, or where a code starts with `text`.

    `elsewhere` is another way to be found.
    """
    text = text.replace("\x00", " ").strip()
    if not text:
        return rows
    groups = _by_relation(fields, codes)
    condition = Q() if elsewhere is None else elsewhere
    alone = len(groups) == 1 and elsewhere is None
    for relation, (near_fields, near_codes) in groups.items():
        found = _found(rows.model, relation, text, near_fields, near_codes)
        # No index answers an OR over two tables: the own columns are left out where none matches.
        if relation or alone or rows.model._base_manager.filter(found).exists():
            condition |= found
    return rows.filter(condition)


def _by_relation(fields: Sequence[str], codes: Sequence[str]) -> dict[str, tuple[Columns, Columns]]:
    """Group the columns by the relation that leads to them, the empty one for the table's own.

    All stay together where the words may be spread over several relations.
    """
    if len({_relation(name) for name in fields}) > 1:
        return {"": (fields, codes)}
    relations = dict.fromkeys(_relation(name) for name in (*fields, *codes))
    return {
        relation: (
            [name for name in fields if _relation(name) == relation],
            [name for name in codes if _relation(name) == relation],
        )
        for relation in relations
    }


def _relation(name: str) -> str:
    return name.rpartition(LOOKUP_SEP)[0]


def _found(model: Any, relation: str, text: str, fields: Columns, codes: Columns) -> Q:
    """Return the condition on the columns of one relation.

    A few related rows are named by their keys: the planner, which cannot tell a rare word from a
    common one, would read the whole list for a rare one.
    """
    condition = _matches(text, fields, codes)
    if not relation:
        return condition
    path: Any = get_fields_from_path(model, relation)
    far = path[-1].related_model
    near = _matches(text, *([_column(name) for name in names] for names in (fields, codes)))
    keys = list(far._base_manager.filter(near).order_by().values_list("pk", flat=True)[:MANY])
    if len(keys) == MANY:
        return condition
    first, _, rest = relation.partition(LOOKUP_SEP)
    if not rest:
        return Q(OneOf(first, keys))
    between = path[0].related_model._base_manager.filter(OneOf(rest, keys))
    return Q(OneOf(first, between.order_by().values("pk")))


def _column(name: str) -> str:
    return name.rpartition(LOOKUP_SEP)[2]


def _matches(text: str, fields: Columns, codes: Columns) -> Q:
    words = Q()
    for word in text.split()[:MAX_WORDS]:
        words &= _any_field(word, fields)
    starts = Q()
    for code in codes:
        starts |= Q(StartsWith(Upper(F(code)), Upper(Value(text))))
    return words | starts if fields else starts


def _any_field(word: str, fields: Columns) -> Q:
    found = Q()
    for field in fields:
        column = F(field) if field.endswith(SORTED) else FrenchSort(F(field))
        found |= Q(Contains(column, FrenchSort(Value(word))))
    return found
