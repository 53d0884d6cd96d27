"""Products that look like the one being typed, and the codes of a family (E.3-01, A.5)."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.db.models.lookups import StartsWith

from catalog.domain import sku as codes
from catalog.domain.twins import Twin
from catalog.domain.typing_errors import swaps
from catalog.models import Product
from catalog.models.product import Alike
from winvest.core import scoping
from winvest.core.models.sorting import FrenchSort

MAX_FOUND = 5
MIN_LENGTH = 4
# As alike as « Box Fibre Pro » and « Box Fibre Pros » are, and two ranges of one offer are not.
LIKENESS = 0.8


def similar_products(
    products: QuerySet[Product, Any], *, sku: str = "", name: str = "", but: UUID | None = None
) -> list[Twin]:
    """Return at most five of the products that look like these.

    A code is a twin when it looks the same (`codes.alike`); a name, by trigrams, or when two letters
    changed places. The closest come first; `but` leaves one product out, itself.
    """
    label = FrenchSort(Value(name.replace("\x00", " ")[:160]))
    alike = Q()
    if len(codes.bare(sku)) >= MIN_LENGTH:
        twins = Product._base_manager.annotate(looks=Alike("sku")).filter(looks=codes.alike(sku))
        alike |= Q(pk__in=list(twins.values_list("pk", flat=True)))
    if len(name.strip()) >= MIN_LENGTH:
        # The operator `%` has the index; the function then asks for more than its threshold.
        alike |= Q(sort_label__trigram_similar=label) & Q(likeness__gte=LIKENESS)
        alike |= Q(sort_label__in=[FrenchSort(Value(one)) for one in swaps(name[:160])])
    if not alike:
        return []
    found = (
        (products.exclude(pk=but) if but else products)
        .alias(likeness=TrigramSimilarity("sort_label", label))  # type: ignore[arg-type]
        .filter(alike)
        .order_by("-likeness", "sku")
    )
    rows = found.values_list("pk", "sku", "name", "company__code")[:MAX_FOUND]
    return [Twin(*row) for row in rows]


def codes_after(prefix: str) -> list[str]:
    """Return the codes that begin with `prefix`, whatever their capitals and whoever holds them."""
    with scoping.everything():
        products = Product.objects.filter(StartsWith(Upper(F("sku")), Value(prefix)))
        return list(products.values_list("sku", flat=True))
