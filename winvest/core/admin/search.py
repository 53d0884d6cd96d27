"""Search as a French reader expects: without accents or case, every word, or a code's start."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Contains, StartsWith

from winvest.core.models.sorting import FrenchSort

MAX_WORDS = 8
# Already `fr_sort`-ed by the database, with a trigram index.
SORTED = "sort_label"


def find(rows: QuerySet[Any], text: str, fields: Sequence[str], codes: Sequence[str]) -> Any:
    """Keep the rows where each word of `text` is in a field, or where a code starts with `text`."""
    text = text.replace("\x00", " ").strip()
    if not text:
        return rows
    words = Q()
    for word in text.split()[:MAX_WORDS]:
        words &= _any_field(word, fields)
    starts = Q()
    for code in codes:
        starts |= Q(StartsWith(Upper(F(code)), Upper(Value(text))))
    return rows.filter(words | starts if fields else starts)


def _any_field(word: str, fields: Sequence[str]) -> Q:
    found = Q()
    for field in fields:
        column = F(field) if field.endswith(SORTED) else FrenchSort(F(field))
        found |= Q(Contains(column, FrenchSort(Value(word))))
    return found
