"""The one search of products: what is found, and in which order (§3.7, docs/recherche.md).

Every word must be in the name, the short name, the carrier, the partner's name or those of the
risk and of the ones that contain it, as a French reader means it (no accents, no capitals, plurals), the last one as far as it is typed; or the code
begins with the text, spaces read as dashes. Only where the reader sees nothing of that, names that look like the text are found.
"""

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, IntegerField, Model, Q, QuerySet, Value, When
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Cast, Upper
from django.db.models.lookups import Exact, StartsWith

from catalog.domain.sku import typed_code
from catalog.selectors.words import words_not_in_names
from winvest.core.domain.typing_errors import swaps
from winvest.core.models.sorting import FrenchSort
from winvest.core.models.words import FrenchPhrase, FrenchQuery, FrenchWhole, Holds
from winvest.core.scoping import OneOf
from winvest.core.selectors.keyset import number_of_keys

Rows = QuerySet[Any, Any]

MAX_LENGTH = 100
# So many found at most are put in order of relevance; more are listed by name, as an index does.
RANKED = 500
RANK = "search_rank"
_NUMBER = "search_number"
BY_NAME = ("natural_label", "id")
EXACT_CODE, CODE, NAME, PHRASE, WHOLE, BEGUN = range(6)
# So many names that look alike are compared at most.
ALIKE = 500
_LIKENESS = 1_000
# So many ways to put two letters back in order are tried at most.
MAX_SWAPS = 40


@dataclass(frozen=True, slots=True)
class Sought:
    """What a text finds of all that a reader sees: it narrows a list and its counts alike."""

    text: str
    # None: more products than are put in order of relevance.
    keys: list[UUID] | None
    number: int
    # Only names that look like the text are found.
    are_alike: bool = False
    # What each of them answers, where not all their keys are known; and some of these.
    found: Q = field(default_factory=Q)
    some: list[UUID] = field(default_factory=list)


def search_products(rows: Rows, text: str, *, seen: Rows, cursor: str | None = None) -> Rows:
    """Keep what `text` finds among the products, with `RANK` where their number allows it."""
    return narrowed(rows, look_for(text, seen=seen, cursor=cursor))


def look_for(text: str, *, seen: Rows, cursor: str | None = None) -> Sought | None:
    """Return what `text` finds; None for an empty one, which keeps everything.

    `seen` are all the products that the reader sees: they alone decide whether something is
    found at all, so that nothing betrays the others. A list that goes on from `cursor` keeps the
    order in which it began, though products came and went: up to twice as many are still put in
    order of relevance.
    """
    text = _cleaned(text)
    if not text:
        return None
    most, found = RANKED * _room(cursor), _found(text)
    if not most:  # goes on by name, as it began: more were found than are put in order
        return Sought(text, None, RANKED + 1, found=found)
    keys = _keys(seen.filter(found), most + 1)
    if not keys:
        alike = _keys(_alike(seen, text), ALIKE)
        keys = [] if alike else _keys_of_swaps(text, seen, most + 1)
        if not keys:
            return Sought(text, alike, len(alike), are_alike=True)
    are_all = len(keys) <= most
    return Sought(text, keys if are_all else None, len(keys), found=found, some=keys)


def to_narrow(seen: Rows, sought: Sought | None) -> Rows:
    """Return the products of which `narrowed` keeps the found ones: those `seen`.

    Of those found by their keys it was asked already: asked twice, it takes a tenth of a page.
    """
    return seen if sought is None or sought.keys is None else seen.model.objects.all()


def narrowed(rows: Rows, sought: Sought | None) -> Rows:
    """Keep what was found, with `RANK` where its number allows it."""
    if sought is None:
        return rows
    if sought.keys is not None and sought.are_alike:
        return _look_alikes(rows, sought.text, sought.keys)
    rows = rows.annotate(**{_NUMBER: Value(sought.number)})
    if sought.keys is None:
        many: Rows = rows.filter(sought.found)
        return many
    few: Rows = rows.filter(OneOf("pk", sought.keys)).annotate(**{RANK: _rank(sought.text)})
    return few


def some_of(found: Rows, sought: Sought | None) -> Rows:
    """Return enough of the products found for whoever reads a few: those that came a moment ago."""
    if sought is None or not sought.some:
        return found
    some: Rows = found.model.objects.filter(OneOf("pk", sought.some))
    return some


def _room(cursor: str | None) -> int:
    """Return how many times `RANKED` products are put in order: 1, or as the list began."""
    if not cursor:
        return 1
    return 2 if number_of_keys(cursor) == len((RANK, *BY_NAME)) else 0


def of_found_products(model: type[Model], path: str, text: str, *, seen: Rows) -> Q:
    """Return the condition on the rows of `model` that their product, at `path`, is found by `text`.

    A few products are named by their keys; of many, the list itself is read from its beginning.
    """
    text = _cleaned(text)
    keys = _keys(seen.filter(_found(text)), RANKED)
    if len(keys) == RANKED:
        return _found(text, f"{path}{LOOKUP_SEP}")
    keys = keys or _keys(_alike(seen, text), ALIKE) or _keys_of_swaps(text, seen, ALIKE)
    first, _, rest = path.partition(LOOKUP_SEP)
    if not rest:
        return Q(OneOf(first, keys))
    between: Any = model._meta.get_field(first).related_model
    below = between._base_manager.filter(OneOf(rest, keys))
    return Q(OneOf(first, below.order_by().values("pk")))


def ordering_of(rows: Rows) -> tuple[str, ...]:
    """Return the keys that sort the products: the most relevant first where there is a rank."""
    return (RANK, *BY_NAME) if RANK in rows.query.annotations else BY_NAME


def number_found(rows: Rows) -> int | None:
    """Return how many products the search has found, up to one more than `RANKED`, if it did."""
    number: Any = rows.query.annotations.get(_NUMBER)
    return None if number is None else int(number.value)


def _found(text: str, path: str = "") -> Q:
    words = f"{path}search_words"
    found = Q(Holds(words, FrenchQuery(Value(text))))
    for others, partners, risks in words_not_in_names(text):
        theirs = Q(Holds(words, FrenchQuery(Value(others)))) if others else Q()
        for name, keys in (("partner", partners), ("risk", risks)):
            theirs &= Q(**{f"{path}{name}__in": keys}) if keys else Q()
        found |= theirs
    code = typed_code(text)
    return found | Q(StartsWith(Upper(f"{path}sku"), code)) if code else found


def _keys_of_swaps(text: str, seen: Rows, most: int) -> list[UUID]:
    """Return what is found once two letters of a word are put back in order.

    In each other's place they change too many trigrams for a name to look like the text.
    """
    words = [FrenchQuery(Value(one)) for one in swaps(text)[:MAX_SWAPS]]
    if not words:
        return []
    found = reduce(or_, (Q(Holds("search_words", query)) for query in words))
    return _keys(seen.filter(found), most)


def _rank(text: str) -> Case:
    """Return the place of a product among what is found; those of one place are sorted by name."""
    code, asked = typed_code(text), Value(text)
    codes = {EXACT_CODE: Exact, CODE: StartsWith} if code else {}
    places: dict[int, Any] = {
        **{place: lookup(Upper(F("sku")), code) for place, lookup in codes.items()},
        NAME: StartsWith(F("sort_label"), FrenchSort(asked)),
        PHRASE: Holds("search_words", FrenchPhrase(asked)),
        WHOLE: Holds("search_words", FrenchWhole(asked)),
    }
    whens = [When(condition, then=Value(place)) for place, condition in places.items()]
    return Case(*whens, default=Value(BEGUN), output_field=IntegerField())


def _look_alikes(rows: Rows, text: str, keys: list[UUID]) -> Rows:
    """Keep the products of which a part of the name looks like the text, the likest first."""
    near: Any = TrigramWordSimilarity(FrenchSort(Value(text)), "sort_label")  # type: ignore[arg-type]
    likeness = Cast(Value(_LIKENESS) * near, IntegerField())
    ranked: Rows = rows.filter(OneOf("pk", keys)).annotate(**{RANK: Value(_LIKENESS) - likeness})
    return ranked


def _alike(seen: Rows, text: str) -> Rows:
    # The words, which are never null, stand in no index of names: PostgreSQL would compare every
    # name of one rather than ask that of the trigrams.
    label = FrenchSort(Value(text))
    alike: Rows = seen.filter(sort_label__trigram_word_similar=label, search_words__isnull=False)
    return alike


def _keys(products: Rows, most: int) -> list[UUID]:
    return list(products.order_by().values_list("pk", flat=True)[:most])


def _cleaned(text: str) -> str:
    return text.replace("\x00", " ").strip()[:MAX_LENGTH]
