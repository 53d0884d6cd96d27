"""Reading the catalogue: companies, risks, partners, products."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.serializers import (
    CompanySerializer,
    PartnerSerializer,
    ProductDetailSerializer,
    ProductQuery,
    ProductSerializer,
)
from catalog.selectors import products
from winvest.core.api.problems import ApiProblem
from winvest.core.api.renderers import exact
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound


class CompanyList(ApiView):
    """Companies of the caller."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012 - one table per view

    @extend_schema(
        operation_id="companies_list",
        summary="Sociétés",
        description="Les sociétés où l'appelant a un rôle, par code.",
        tags=["Référentiels"],
        parameters=[ListQuery],
        responses=page_of(CompanySerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        self.parameters(ListQuery)
        return self.page(products.list_companies(), ("code",))


class PartnerList(ApiView):
    """Partners managed by, or activated for, the caller's companies."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012

    @extend_schema(
        operation_id="partners_list",
        summary="Partenaires",
        description="Les partenaires gérés par les sociétés de l'appelant, ou activés pour elles.",
        tags=["Référentiels"],
        parameters=[ListQuery],
        responses=page_of(PartnerSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        self.parameters(ListQuery)
        return self.page(products.list_partners(), ("name", "id"))


class ProductList(ApiView):
    """Products that the caller sees."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012

    @extend_schema(
        operation_id="products_list",
        summary="Produits",
        description=(
            "Les produits que l'appelant voit, par nom. Sans le droit de tout voir, ce sont les "
            "produits actifs et publiés en ce moment."
        ),
        tags=["Produits"],
        parameters=[ProductQuery],
        responses=page_of(ProductSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(ProductQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        rows = products.list_products(self.access, at=now(), **filters)
        return self.page(rows, ("sort_label", "id"))


class ProductDetail(ApiView):
    """One product."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012

    @extend_schema(
        operation_id="products_read",
        summary="Fiche d'un produit",
        description="Le produit avec ses versions, formules, prix et publications.",
        tags=["Produits"],
        responses=ProductDetailSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the product; one that the caller does not see is 404, whoever owns it."""
        product = products.read_product(self.access, id, at=now())
        if product is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        for version in product["versions"]:
            for rule in version["pricing_rules"]:
                rule["payload"] = exact(rule["payload"])
        return Response(product)
