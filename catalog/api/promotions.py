"""Promotions: `promotions` and `promotions/{id}`."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import PromotionBody
from catalog.api.moments import MomentQuery, instants_asked, known_asked
from catalog.api.serializers import PromotionQuery, PromotionSerializer
from catalog.api.started import KeptOnceStarted
from catalog.domain.promotions import PromotionProblem
from catalog.models import Promotion
from catalog.selectors.promotions import list_promotions
from winvest.core.api.resources import ResourceList, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.domain.roles import Action

TAGS = ["Prix"]


class PromotionView(ResourceView):
    """A promotion is written by whoever edits the prices of its company and family."""

    model = Promotion
    edit_action = Action.PRICING_EDIT
    fixed = frozenset({"company_id"})
    write_serializer = PromotionBody
    # At which one is read: none, when it is written.
    instants: Mapping[str, datetime | None] = MappingProxyType({})

    def rows(self) -> Rows:
        """Return the promotions that the caller reads."""
        at, known_at = (self.instants.get(name) for name in ("at", "known_at"))
        return list_promotions(self.access, at=at, known_at=known_at)

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write the number exactly."""
        return {**row, "value": f"{row['value'].normalize():f}"}


class PromotionList(PromotionView, ResourceList):
    """Promotions of the caller's companies."""

    actions = {"GET": Action.CATALOG_VIEW_ALL, "POST": Action.PRICING_EDIT}  # noqa: RUF012
    company_field = "company_id"

    @extend_schema(
        operation_id="promotions_list",
        summary="Promotions",
        description=(
            "Les promotions planifiées, en cours et terminées, par début ; avec `as_of`, celles "
            "en cours à cet instant ; avec `known_at`, telles que la base les connaissait alors, "
            "effacées depuis comprises."
        ),
        tags=TAGS,
        parameters=[PromotionQuery],
        responses=page_of(PromotionSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        asked = self.parameters(PromotionQuery)
        filters = {name: asked[name] for name in ("company", "product", "at") if name in asked}
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        if "as_of" in asked:
            filters["at"] = asked["as_of"]
        rows = list_promotions(self.access, **filters, known_at=known_asked(asked))
        answer = self.page(rows, ("start_at", "id"))
        answer.data["results"] = [self.shown(row) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="promotions_create",
        summary="Planifier une promotion",
        description=(
            "Une remise en montant ou en pourcentage pendant `[start_at, end_at)`. Avec `on_code`, "
            "elle ne vaut que pour qui donne le code (`promo_code` du devis)."
        ),
        tags=TAGS,
        request=PromotionBody,
        responses={201: PromotionSerializer},
    )
    def post(self, request: Request) -> Response:
        """Plan a promotion."""
        return self.create(request)

    def new(self, values: dict[str, Any]) -> Promotion:
        """Return the promotion of a company of the caller."""
        self.require_company(values["company_id"])
        return Promotion(**values)


class PromotionRow(PromotionView, KeptOnceStarted):
    """One promotion."""

    actions = {  # noqa: RUF012
        "GET": Action.CATALOG_VIEW_ALL,
        "PATCH": Action.PRICING_EDIT,
        "DELETE": Action.PRICING_EDIT,
    }
    path_model = Promotion
    open_once_started = frozenset({"name", "end_at"})
    started = PromotionProblem.STARTED
    kept = PromotionProblem.KEPT

    @extend_schema(
        operation_id="promotions_read",
        summary="Lire une promotion",
        description="La promotion et son `ETag` ; avec une date, si elle courait alors, telle qu'on la "
        "connaissait (404 sinon).",
        tags=TAGS,
        parameters=[MomentQuery],
        responses=PromotionSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the promotion with its `ETag`."""
        self.instants = instants_asked(self.parameters(MomentQuery))
        return self.answer(id)

    @extend_schema(
        operation_id="promotions_change",
        summary="Modifier une promotion",
        description=(
            "Change les champs donnés. Une fois la promotion commencée, seuls son nom et sa fin "
            "changent ; le reste donne 409."
        ),
        tags=TAGS,
        request=PromotionBody,
        responses=PromotionSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    @extend_schema(
        operation_id="promotions_delete",
        summary="Effacer une promotion à venir",
        description="Une promotion commencée se termine, elle ne s'efface pas (409).",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Delete a promotion that has not begun."""
        return self.delete_one(request, id)
