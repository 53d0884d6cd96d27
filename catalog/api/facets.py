"""The filters of the products with their counts (E-03)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.serializers import FacetsSerializer, ProductFilters
from catalog.selectors.facets import count_facets
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action


class ProductFacets(ApiView):
    """What each filter of the list would leave."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012 - one table per view

    @extend_schema(
        operation_id="products_facets",
        summary="Filtres des produits, avec leurs nombres",
        description=(
            "Pour chaque filtre de la liste, ses valeurs et le nombre de produits que chacune "
            "laisserait, les autres filtres donnés étant appliqués, parmi ceux que l'appelant voit. "
            "Les nombres d'un filtre `exact: false` sont des minimums. `as_of` et `known_at` comme "
            "pour la liste des produits."
        ),
        tags=["Produits"],
        parameters=[ProductFilters],
        responses=FacetsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the eight filters; a company that is not the caller's is 404."""
        filters: dict[str, Any] = self.parameters(ProductFilters)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        counted = count_facets(self.access, at=now(), **filters)
        return Response(
            {
                "facets": [
                    {"name": one.name, "exact": one.exact, "values": one.values} for one in counted
                ]
            }
        )
