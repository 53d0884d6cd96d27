"""Black lists: `sales-bans` and `sales-bans/{id}` (§8)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import NULLABLE
from catalog.choices import Channel
from catalog.models import SalesBan
from catalog.selectors.bans import list_bans
from winvest.core.api.resources import ResourceList, ResourceRow, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    IdField,
    InstantField,
    ListQuery,
    OneOfField,
    StrictSerializer,
    TextField,
)
from winvest.core.domain.roles import Action

TAGS = ["Versions"]


class BanQuery(ListQuery):
    """Filters of the bans."""

    company = IdField(required=False, help_text="Société.")
    product = IdField(required=False, help_text="Produit nommé.")
    at = InstantField(required=False, help_text="En cours à cet instant.")


class BanBody(StrictSerializer):
    """A product, a channel, or both, that a company does not sell during `[start_at, end_at)`."""

    company_id = IdField()
    product_id = IdField(help_text="Aucun : tous les produits vendus.", **NULLABLE)
    channel = OneOfField(choices=Channel.choices, help_text="Aucun : tous.", **NULLABLE)
    reason = TextField(max_length=300)
    start_at = InstantField(required=False, help_text="Maintenant par défaut.")
    end_at = InstantField(**NULLABLE)


class BanSerializer(serializers.Serializer[object]):
    """A ban."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    product_id = serializers.UUIDField(allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, allow_null=True)
    reason = serializers.CharField()
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField(allow_null=True)


class BanView(ResourceView):
    """A ban is written by whoever publishes for its company."""

    model = SalesBan
    edit_action = Action.PUBLICATION_EDIT
    fixed = frozenset({"company_id"})
    write_serializer = BanBody

    def rows(self) -> Rows:
        """Return the bans that the caller reads."""
        return list_bans(self.access)


class BanList(BanView, ResourceList):
    """Bans of the caller's companies."""

    actions = {"GET": Action.CATALOG_VIEW_ALL, "POST": Action.PUBLICATION_EDIT}  # noqa: RUF012
    company_field = "company_id"

    @extend_schema(
        operation_id="sales_bans_list",
        summary="Liste noire",
        description="Les produits et canaux interdits à la vente, par début.",
        tags=TAGS,
        parameters=[BanQuery],
        responses=page_of(BanSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        asked = self.parameters(BanQuery)
        filters = {name: asked[name] for name in ("company", "product", "at") if name in asked}
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        return self.page(list_bans(self.access, **filters), ("start_at", "id"))

    @extend_schema(
        operation_id="sales_bans_create",
        summary="Interdire un produit, un canal, ou les deux",
        description="La vente est refusée (devis et publication) pendant `[start_at, end_at)`.",
        tags=TAGS,
        request=BanBody,
        responses={201: BanSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a ban."""
        return self.create(request)

    def new(self, values: dict[str, Any]) -> SalesBan:
        """Return the ban of a company of the caller."""
        self.require_company(values["company_id"])
        return SalesBan(**values)


class BanRow(BanView, ResourceRow):
    """One ban."""

    actions = {  # noqa: RUF012
        "GET": Action.CATALOG_VIEW_ALL,
        "PATCH": Action.PUBLICATION_EDIT,
        "DELETE": Action.PUBLICATION_EDIT,
    }
    path_model = SalesBan

    @extend_schema(
        operation_id="sales_bans_read",
        summary="Lire une interdiction",
        description="L'interdiction et son `ETag`.",
        tags=TAGS,
        responses=BanSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the ban with its `ETag`."""
        return self.answer(id)

    @extend_schema(
        operation_id="sales_bans_change",
        summary="Modifier une interdiction",
        description="Change les champs donnés.",
        tags=TAGS,
        request=BanBody,
        responses=BanSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    @extend_schema(
        operation_id="sales_bans_delete",
        summary="Lever une interdiction",
        description="Son historique reste.",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Delete the ban."""
        return self.delete_one(request, id)
