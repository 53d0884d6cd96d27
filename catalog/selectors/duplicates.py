"""Products that look like the one being typed, and the codes of a family (E.3-01, A.5)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Upper
from django.db.models.lookups import StartsWith

from catalog.domain import sku as codes
from catalog.domain.twins import Twin
from catalog.models import Product
from catalog.models.product import Alike
from winvest.core import scoping
from winvest.core.domain.typing_errors import one_slip_apart
from winvest.core.models.sorting import FrenchSort

MAX_FOUND = 5
MIN_LENGTH = 4
# In a shorter code each letter tells.
MIN_SLIPPED = 6
# As alike as « Box Fibre Pro » and « Box Fibre Pros » are, and two ranges of one offer are not.
LIKENESS = 0.8
# So many names, the closest, are compared letter by letter.
MAX_COMPARED = 50
_SHOWN = ("pk", "sku", "name", "company__code")


def similar_products(
    products: QuerySet[Product, Any], *, sku: str = "", name: str = "", but: UUID | None = None
) -> list[Twin]:
    """Return at most five of the products that look like these.

    A code is a twin when it looks the same (`codes.alike`) or is one slip away (`codes.slips`); a
    name, by trigrams, or when one letter tells them apart. The codes come first, then the closest
    names; `but` leaves one product out, itself.
    """
    others = products.exclude(pk=but) if but else products
    found = [*_by_code(others, sku, but), *_by_name(others, name)]
    return list(dict.fromkeys(found))[:MAX_FOUND]


def _by_code(products: QuerySet[Product, Any], sku: str, but: UUID | None) -> list[Twin]:
    if len(codes.bare(sku)) < MIN_LENGTH:
        return []
    looks = {codes.alike(sku)}
    if len(codes.bare(sku)) >= MIN_SLIPPED:
        looks |= codes.slips(sku)
    twins = Product._base_manager.annotate(looks=Alike("sku")).filter(looks__in=looks)
    keys = [key for key in twins.values_list("pk", flat=True) if key != but]
    if not keys:
        return []
    rows = products.filter(pk__in=keys).order_by("sku").values_list(*_SHOWN)
    return [Twin(*row) for row in rows[:MAX_FOUND]]


def _by_name(products: QuerySet[Product, Any], name: str) -> list[Twin]:
    if len(name.strip()) < MIN_LENGTH:
        return []
    label = FrenchSort(Value(name.replace("\x00", " ").strip()[:160]))
    # The operator `%` has the index.
    near = products.filter(sort_label__trigram_similar=label)
    near = near.annotate(likeness=TrigramSimilarity("sort_label", label), typed=label)  # type: ignore[arg-type]
    rows = near.order_by("-likeness", "sku").values_list(
        "likeness", "typed", "sort_label", *_SHOWN
    )[:MAX_COMPARED]
    return [
        Twin(*shown)
        for likeness, typed, there, *shown in rows
        if likeness >= LIKENESS or one_slip_apart(typed, there)
    ]


def codes_after(prefix: str) -> list[str]:
    """Return the codes that begin with `prefix`, whatever their capitals and whoever holds them."""
    with scoping.everything():
        products = Product.objects.filter(StartsWith(Upper(F("sku")), Value(prefix)))
        return list(products.values_list("sku", flat=True))
