"""Products that look like the one being typed, and the codes of a family (E.3-01, A.5)."""

from typing import Any
from uuid import UUID

from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.db.models.lookups import StartsWith

from catalog.domain import sku as codes
from catalog.models import Product
from catalog.models.product import Bare
from winvest.core import scoping
from winvest.core.models.sorting import FrenchSort

MAX_FOUND = 5
MIN_LENGTH = 4
ALIKE = 0.45


class Similarity(Func):
    """`similarity(a, b)` of pg_trgm: from 0 to 1."""

    function = "similarity"
    output_field = FloatField()


def similar_products(
    *, sku: str = "", name: str = "", but: UUID | None = None
) -> QuerySet[Product, Any]:
    """Return at most five products in scope whose code or name looks like these, the closest first.

    A code is a twin when only its capitals and separators differ; a name, by trigrams.
    """
    products: QuerySet[Product, Any] = (
        Product.objects.exclude(pk=but) if but else Product.objects.all()
    )
    label = FrenchSort(Value(name))
    alike = Q()
    if len(codes.bare(sku)) >= MIN_LENGTH:
        alike |= Q(pk__in=Product.objects.annotate(b=Bare("sku")).filter(b=codes.bare(sku)))
    if len(name.strip()) >= MIN_LENGTH:
        # The operator `%` has the index; the function then asks for more than its threshold.
        alike |= Q(sort_label__trigram_similar=label)
    if not alike:
        return products.none()
    return (
        products.filter(alike)
        .annotate(twin=Bare("sku"), near=Similarity("sort_label", label))
        .filter(Q(twin=codes.bare(sku)) | Q(near__gte=ALIKE))
        .order_by("-near", "sku")[:MAX_FOUND]
    )


def codes_after(prefix: str) -> list[str]:
    """Return the codes that begin with `prefix`, whatever their capitals and whoever holds them."""
    with scoping.everything():
        products = Product.objects.filter(StartsWith(Upper(F("sku")), Value(prefix)))
        return list(products.values_list("sku", flat=True))
