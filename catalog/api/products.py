"""Products: list, creation (Annexe A.3.1), page, change, deletion of a draft."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import ProductBody
from catalog.api.moments import MomentQuery, moment_asked
from catalog.api.serializers import ProductDetailSerializer, ProductQuery, ProductSerializer
from catalog.choices import PricingType
from catalog.domain import badges, sku
from catalog.domain.moments import Moment
from catalog.domain.tiers import inversion_warnings
from catalog.domain.twins import product_warnings
from catalog.models import Product
from catalog.selectors import products
from catalog.selectors.duplicates import similar_products
from catalog.selectors.search import ordering_of
from catalog.selectors.visibility import visible_products
from catalog.services.products import delete_product
from winvest.core import json
from winvest.core.api.problems import ApiProblem
from winvest.core.api.renderers import exact
from winvest.core.api.resources import ResourceList, ResourceRow
from winvest.core.api.schema import page_of
from winvest.core.api.views import BODY_METHODS
from winvest.core.api.warned import WarnedView
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, NotFound, Reason

TAGS = ["Produits"]


class ProductView(WarnedView):
    """A product is written by whoever edits the catalogue of its company and family."""

    model = Product
    edit_action = Action.CATALOG_EDIT
    fixed = frozenset({"company_id", "lifecycle_status"})
    write_serializer = ProductBody
    # What people force is kept beside what is computed (E-06).
    renamed: ClassVar[Mapping[str, str]] = {"forced_badges": "badges"}
    # A copy looks like what it copies.
    tells_twins = True
    moment: Moment | None = None

    def read(self, pk: UUID) -> Any:
        """Return the whole product; one that the caller does not see is 404, whoever owns it."""
        product = products.read_product(self.access, pk, at=now(), moment=self.moment)
        if product is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        versions = [shown_version(version) for version in product["versions"]]
        return {**shown_product(product), "versions": versions}

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Tell a code of another form (M-12), and the products alike to whoever writes (E.3-01)."""
        found = []
        if message := sku.warning(body["sku"], body["company_code"], body["risk_code"]):
            found.append(Reason("sku.format", message, "sku"))
        if self.tells_twins and self.request.method in BODY_METHODS:
            seen = visible_products(self.access, at=now())
            twins = similar_products(seen, sku=body["sku"], name=body["name"], but=body["id"])
            found += product_warnings(body["sku"], twins)
        return found


class ProductList(ProductView, ResourceList):
    """Products that the caller sees."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.CATALOG_EDIT}  # noqa: RUF012
    company_field = "company_id"

    @extend_schema(
        operation_id="products_list",
        summary="Produits",
        description=(
            "Les produits que l'appelant voit, par nom, ou du plus au moins pertinent pour ce qui "
            "est cherché. Sans le droit de tout voir, ce sont les produits actifs et publiés en ce "
            "moment. Avec `known_at`, ceux qui existaient alors, et les filtres de publication et "
            "de prix comme on les connaissait ; leurs propres champs sont ceux d'aujourd'hui."
        ),
        tags=TAGS,
        parameters=[ProductQuery],
        responses=page_of(ProductSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(ProductQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        rows = products.list_products(self.access, at=now(), **filters)
        answer = self.page(rows, ordering_of(rows))
        answer.data["results"] = [shown_product(row) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="products_create",
        summary="Créer un produit",
        description=(
            "Annexe A.3.1. Le produit est créé en brouillon ; `warnings` dit ce qui est accepté "
            "et mérite un regard : un code d'un autre format que le format conseillé, un produit "
            "au code ou au nom proche."
        ),
        tags=TAGS,
        request=ProductBody,
        responses={201: ProductDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a draft."""
        return self.create(request)

    def new(self, values: dict[str, Any]) -> Product:
        """Return the draft, signed by its author."""
        values.pop("lifecycle_status", None)
        self.require_company(values["company_id"])
        return Product(**self.stored(values), created_by=self.user)


class ProductRow(ProductView, ResourceRow):
    """One product."""

    actions = {  # noqa: RUF012
        "GET": Action.CATALOG_VIEW,
        "PATCH": Action.CATALOG_EDIT,
        "DELETE": Action.CATALOG_EDIT,
    }
    path_model = Product

    def check_change(self, row: Product) -> None:
        """Refuse a stale change, and another code of what was released."""
        super().check_change(row)
        asked: Any = self.request.data
        if asked.get("sku", row.sku) != row.sku and row.is_released():
            raise Conflict(sku.CodeProblem.KEPT, path="sku")

    @extend_schema(
        operation_id="products_read",
        summary="Fiche d'un produit",
        description=(
            "Le produit avec ses versions, formules, prix et publications, et son `ETag` ; avec "
            "une date, la version alors en vigueur et ce qui en courait, à la TVA de ce jour."
        ),
        tags=TAGS,
        parameters=[MomentQuery],
        responses=ProductDetailSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the product with its `ETag`."""
        self.moment = moment_asked(self.parameters(MomentQuery))
        return self.answer(id)

    @extend_schema(
        operation_id="products_change",
        summary="Modifier un produit",
        description="Change les champs donnés. La société et le statut ne se changent pas ici ; le code non "
        "plus, une fois une version mise en production (409).",
        tags=TAGS,
        request=ProductBody,
        responses=ProductDetailSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    @extend_schema(
        operation_id="products_delete",
        summary="Effacer un brouillon",
        description="Seul un brouillon jamais publié s'efface ; tout autre produit donne 409.",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Delete a draft that was never published."""
        product = self.find(Product.objects.all(), id)
        delete_product(actor=self.user, product=product, check=self.check_delete)
        return Response(status=204)


BADGE_FACTS = ("has_promotion", "is_pilot")


def shown_product(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the read model with its badges and exact numbers."""
    told = {name: value for name, value in row.items() if name not in BADGE_FACTS}
    found = badges.badges_of(
        row["forced_badges"],
        status=row["lifecycle_status"],
        created_at=row["created_at"],
        at=now(),
        **{name: row[name] for name in BADGE_FACTS},
    )
    return {
        **told,
        "attributes": exact(row["attributes"]),
        "badges": [badge.value for badge in found],
    }


def shown_version(row: dict[str, Any]) -> dict[str, Any]:
    """Return a version of the read model with exact numbers in its payloads."""
    return {
        **row,
        "plans": [shown_plan(plan) for plan in row["plans"]],
        "pricing_rules": [shown_price(rule) for rule in row["pricing_rules"]],
    }


def shown_plan(row: dict[str, Any]) -> dict[str, Any]:
    """Return a plan with exact numbers."""
    structured = ("parameters", "options", "surcharges", "discounts")
    value = row["bundle_value"]
    told = None if value is None else f"{value.normalize():f}"
    return {**row, **{name: exact(row[name]) for name in structured}, "bundle_value": told}


class PricedView(WarnedView):
    """A price whose single answers tell where its tiers make more units cheaper than fewer."""

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Return the inversions of a grid."""
        if body["type"] != PricingType.TIERED:
            return []
        return inversion_warnings(json.loads(body["payload"].encoded_json), body["tier_mode"])


def shown_price(row: dict[str, Any]) -> dict[str, Any]:
    """Return a price with exact numbers."""
    return {**row, "payload": exact(row["payload"])}
