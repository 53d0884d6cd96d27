"""Lists of what products hold, found by the product as it is itself (`docs/recherche.md`)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.selectors.search import of_found_products
from catalog.selectors.visibility import visible_products
from winvest.core.admin.search import find
from winvest.core.clock import now
from winvest.core.permissions import access_of


class FoundByProduct:
    """Mixin of such a list: `product_path` leads to the product.

    `own_fields` and `search_codes` are other ways to find a row.
    """

    model: Any
    # What makes the search box appear, and lets other pages choose among the rows.
    search_fields: Sequence[str] = ("product",)
    search_codes: ClassVar[tuple[str, ...]]
    own_fields: ClassVar[tuple[str, ...]] = ()
    product_path: ClassVar[str] = "product"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search the products that the user sees, then what they hold."""
        if not search_term.replace("\x00", " ").strip():
            return queryset, False
        seen = visible_products(access_of(request.user), at=now())
        found = of_found_products(self.model, self.product_path, search_term, seen=seen)
        rows = find(queryset, search_term, self.own_fields, self.search_codes, elsewhere=found)
        return rows, False
