"""Negotiated prices: `negotiated-prices` and `negotiated-prices/{id}`."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import NegotiatedPriceBody
from catalog.api.moments import MomentQuery, instants_asked, known_asked
from catalog.api.products import PricedView, shown_price
from catalog.api.serializers import NegotiatedPriceQuery, NegotiatedPriceSerializer
from catalog.api.started import KeptOnceStarted
from catalog.domain.negotiated import NegotiatedProblem
from catalog.models import NegotiatedPrice, Product
from catalog.selectors.negotiated import list_negotiated
from winvest.core.api.resources import ResourceList, Rows
from winvest.core.api.schema import page_of
from winvest.core.domain.roles import Action

TAGS = ["Prix"]
FILTERS = ("product", "client_ref", "contract_ref")


class NegotiatedPriceView(PricedView):
    """A negotiated price is written by whoever edits the prices of the product."""

    model = NegotiatedPrice
    edit_action = Action.PRICING_EDIT
    fixed = frozenset({"product_id"})
    write_serializer = NegotiatedPriceBody
    # At which one is read: none, when it is written.
    instants: Mapping[str, datetime | None] = MappingProxyType({})

    def rows(self) -> Rows:
        """Return the prices that the caller reads."""
        at, known_at = (self.instants.get(name) for name in ("at", "known_at"))
        return list_negotiated(self.access, at=at, known_at=known_at)

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write the numbers exactly."""
        return shown_price(row)


class NegotiatedPriceList(NegotiatedPriceView, ResourceList):
    """Negotiated prices of the caller's companies."""

    actions = {"GET": Action.CATALOG_VIEW_ALL, "POST": Action.PRICING_EDIT}  # noqa: RUF012

    @extend_schema(
        operation_id="negotiated_prices_list",
        summary="Prix négociés",
        description=(
            "Les prix d'un client ou d'un contrat, par début ; avec `as_of`, ceux en cours à "
            "cet instant ; avec `known_at`, tels que la base les connaissait alors, effacés depuis "
            "compris."
        ),
        tags=TAGS,
        parameters=[NegotiatedPriceQuery],
        responses=page_of(NegotiatedPriceSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        asked = self.parameters(NegotiatedPriceQuery)
        filters = {name: asked[name] for name in FILTERS if name in asked}
        rows = list_negotiated(
            self.access, at=asked.get("as_of"), known_at=known_asked(asked), **filters
        )
        answer = self.page(rows, ("start_at", "id"))
        answer.data["results"] = [self.shown(row) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="negotiated_prices_create",
        summary="Négocier un prix",
        description=(
            "Le prix d'une formule pour un client ou un contrat, à la place de ses tarifs, pendant "
            "`[start_at, end_at)` ; celui du contrat passe avant celui du client."
        ),
        tags=TAGS,
        request=NegotiatedPriceBody,
        responses={201: NegotiatedPriceSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a price."""
        return self.create(request)

    def new(self, values: dict[str, Any]) -> NegotiatedPrice:
        """Return the price, owned by the company of its product; another's product is 404."""
        product = self.find(Product.objects.all(), values["product_id"])
        return NegotiatedPrice(company_id=product.company_id, **values)


class NegotiatedPriceRow(NegotiatedPriceView, KeptOnceStarted):
    """One negotiated price."""

    actions = {  # noqa: RUF012
        "GET": Action.CATALOG_VIEW_ALL,
        "PATCH": Action.PRICING_EDIT,
        "DELETE": Action.PRICING_EDIT,
    }
    path_model = NegotiatedPrice
    open_once_started = frozenset({"note", "end_at"})
    started = NegotiatedProblem.STARTED
    kept = NegotiatedProblem.KEPT

    @extend_schema(
        operation_id="negotiated_prices_read",
        summary="Lire un prix négocié",
        description="Le prix et son `ETag` ; avec une date, s'il courait alors, tel qu'on le connaissait "
        "(404 sinon).",
        tags=TAGS,
        parameters=[MomentQuery],
        responses=NegotiatedPriceSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the price with its `ETag`."""
        self.instants = instants_asked(self.parameters(MomentQuery))
        return self.answer(id)

    @extend_schema(
        operation_id="negotiated_prices_change",
        summary="Modifier un prix négocié",
        description="Une fois commencé, seuls son motif et sa fin changent ; le reste donne 409.",
        tags=TAGS,
        request=NegotiatedPriceBody,
        responses=NegotiatedPriceSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    @extend_schema(
        operation_id="negotiated_prices_delete",
        summary="Effacer un prix négocié à venir",
        description="Un prix commencé se termine, il ne s'efface pas (409).",
        tags=TAGS,
        responses={204: None},
    )
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Delete a price that has not begun."""
        return self.delete_one(request, id)
