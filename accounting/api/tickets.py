"""`GET ticket-requests`: what sales ask of the logistics module (§3.6)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounting.api.serializers import TicketQuery, TicketSerializer
from accounting.selectors.tickets import list_tickets, ticket_of
from winvest.core.api.schema import page_of
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action


class TicketList(ApiView):
    """Tickets asked by sales."""

    actions = {"GET": Action.CATALOG_VIEW_ALL}  # noqa: RUF012 - one table per view

    @extend_schema(
        operation_id="ticket_requests_list",
        summary="Tickets demandés par les ventes",
        description=(
            "Une demande par vente dont la version a un titre de ticket, la plus récente d'abord : "
            "le gabarit avec les mots de la vente, la livraison et l'article du stock. L'`id` est "
            "celui de l'opération ; `since` ne rend que les ventes reçues depuis cet instant, et "
            "`cancelled` dit une vente annulée."
        ),
        tags=["Opérations"],
        parameters=[TicketQuery],
        responses=page_of(TicketSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(TicketQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        for name in ("cursor", "page_size"):
            filters.pop(name, None)
        response = self.page(list_tickets(**filters), ("-occurred_at", "-id"))
        response.data["results"] = [ticket_of(row) for row in response.data["results"]]
        return response
