"""Sale agreements: `sale-agreements` and `sale-agreements/{id}` (R-10)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import NULLABLE
from catalog.api.started import KeptOnceStarted
from catalog.domain.agreements import AgreementProblem
from catalog.models import Product, SaleAgreement
from catalog.selectors.agreements import list_agreements
from catalog.services.agreements import change_agreement, give_agreement, why_kept
from winvest.core.api.resources import ResourceList, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    IdField,
    InstantField,
    ListQuery,
    StrictSerializer,
    TextField,
)
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict

TAGS = ["Versions"]
FILTERS = ("company", "seller", "product", "at")


class AgreementQuery(ListQuery):
    """Filters of the agreements."""

    company = IdField(required=False, help_text="Société propriétaire.")
    seller = IdField(required=False, help_text="Société vendeuse.")
    product = IdField(required=False, help_text="Produit.")
    at = InstantField(required=False, help_text="En cours à cet instant.")


class AgreementBody(StrictSerializer):
    """What the product's owner lets another company sell during `[start_at, end_at)`."""

    product_id = IdField()
    seller_id = IdField(help_text="Société à qui l'accord est donné.")
    terms = TextField(max_length=2000, help_text="Conditions, lues par la vendeuse.", **NULLABLE)
    start_at = InstantField(required=False, help_text="Maintenant par défaut.")
    end_at = InstantField(**NULLABLE)


class AgreementSerializer(serializers.Serializer[object]):
    """An agreement."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField(help_text="Société propriétaire du produit.")
    product_id = serializers.UUIDField()
    seller_id = serializers.UUIDField()
    terms = serializers.CharField(allow_null=True)
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)


class AgreementView(ResourceView):
    """An agreement is written by whoever publishes for the product's owner."""

    model = SaleAgreement
    edit_action = Action.PUBLICATION_EDIT
    fixed = frozenset({"product_id", "seller_id"})
    write_serializer = AgreementBody

    def rows(self) -> Rows:
        """Return the agreements that the caller reads."""
        return list_agreements(self.access)


class AgreementList(AgreementView, ResourceList):
    """Agreements that the caller's companies gave, or have."""

    actions = {"GET": Action.CATALOG_VIEW_ALL, "POST": Action.PUBLICATION_EDIT}  # noqa: RUF012

    @extend_schema(
        operation_id="sale_agreements_list",
        summary="Accords de vente",
        description="Ce que des sociétés laissent vendre à d'autres, par début.",
        tags=TAGS,
        parameters=[AgreementQuery],
        responses=page_of(AgreementSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        asked = self.parameters(AgreementQuery)
        filters = {name: asked[name] for name in FILTERS if name in asked}
        return self.page(list_agreements(self.access, **filters), ("start_at", "id"))

    @extend_schema(
        operation_id="sale_agreements_create",
        summary="Laisser une autre société vendre un produit",
        description=(
            "Par la propriétaire. Sans accord, la publication par une autre société est refusée."
        ),
        tags=TAGS,
        request=AgreementBody,
        responses={201: AgreementSerializer},
    )
    def post(self, request: Request) -> Response:
        """Give an agreement."""
        return self.create(request)

    def create(self, request: Request) -> Response:
        """Give an agreement from the body and return it with 201."""
        self.ask()
        values = self.validated(self.write_serializer)
        row = self.named(lambda: give_agreement(actor=self.user, agreement=self.new(values)))
        return self.answer(row.pk, status=201)

    def new(self, values: dict[str, Any]) -> SaleAgreement:
        """Return the agreement of the product's owner; another's product is 404."""
        product = self.find(Product.objects.all(), values["product_id"])
        return SaleAgreement(company_id=product.company_id, **values)


class AgreementRow(AgreementView, KeptOnceStarted):
    """One agreement."""

    actions = {  # noqa: RUF012
        "GET": Action.CATALOG_VIEW_ALL,
        "PATCH": Action.PUBLICATION_EDIT,
        "DELETE": Action.PUBLICATION_EDIT,
    }
    path_model = SaleAgreement
    open_once_started = frozenset({"terms", "end_at"})
    started = AgreementProblem.STARTED
    kept = AgreementProblem.KEPT

    @extend_schema(
        operation_id="sale_agreements_read",
        summary="Lire un accord",
        description="L'accord et son `ETag`.",
        tags=TAGS,
        responses=AgreementSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the agreement with its `ETag`."""
        return self.answer(id)

    @extend_schema(
        operation_id="sale_agreements_change",
        summary="Modifier ou terminer un accord",
        description=(
            "Les publications qui reposent sur lui finissent à sa nouvelle fin. Une fois commencé, "
            "seules ses conditions et sa fin changent (409)."
        ),
        tags=TAGS,
        request=AgreementBody,
        responses=AgreementSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    def change(self, request: Request, pk: UUID) -> Response:
        """Write the given fields; the sales that are no longer covered end."""
        row = self.find(self.model.objects.all(), pk)
        self.ask(row)
        changes = self.stored(self.validated_changes())
        self.named(
            lambda: change_agreement(
                actor=self.user, agreement=row, changes=changes, check=self.check_change
            )
        )
        return self.answer(pk)

    @extend_schema(
        operation_id="sale_agreements_delete",
        summary="Effacer un accord à venir",
        description="Un accord commencé, ou dont une publication dépend, se termine (409).",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Delete an agreement that has not begun."""
        return self.delete_one(request, id)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion, that of what began, and of what a sale rests on."""
        super().check_delete(row)
        if problem := why_kept(row):
            raise Conflict(problem)
