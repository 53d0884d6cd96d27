"""Changes of a partner's IBAN: one person proposes, another confirms (`partner.iban`)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.serializers import IbanBody, IbanChangeSerializer, RefusalBody
from partners.models import Partner, PartnerIbanChange
from partners.selectors.partners import list_iban_changes
from partners.services.iban import confirm_iban, propose_iban, refuse_iban
from winvest.core.api.resources import ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery, StrictSerializer
from winvest.core.domain.roles import Action


class IbanChangeView(ResourceView):
    """What is shown of a change of IBAN."""

    model = PartnerIbanChange
    edit_action = Action.PARTNER_IBAN

    def rows(self) -> Rows:
        """Return the changes in scope."""
        return list_iban_changes()

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Name the people as Annexe A does."""
        people = {name: row.pop(f"{name}_id") for name in ("proposed_by", "decided_by")}
        return {**row, **people}


class IbanChangeList(IbanChangeView):
    """Changes of IBAN of a partner."""

    actions = {"GET": Action.PARTNER_IBAN, "POST": Action.PARTNER_IBAN}  # noqa: RUF012
    path_model = Partner

    @extend_schema(
        operation_id="partner_iban_changes_list",
        summary="Changements d'IBAN d'un partenaire",
        description="Les changements, masqués, les plus récents d'abord.",
        tags=["Partenaires"],
        parameters=[ListQuery],
        responses=page_of(IbanChangeSerializer),
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return a page."""
        self.parameters(ListQuery)
        partner = self.find(Partner.objects.all(), id)
        page = self.page(self.rows().filter(partner_id=partner.pk), ("-created_at", "-id"))
        page.data["results"] = [self.shown(row) for row in page.data["results"]]
        return page

    @extend_schema(
        operation_id="partner_iban_changes_create",
        summary="Proposer un IBAN",
        description="Rien ne change avant qu'une autre personne ne confirme.",
        tags=["Partenaires"],
        request=IbanBody,
        responses={201: IbanChangeSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Propose an IBAN."""
        partner = self.find_to_write(Partner.objects.all(), id)
        values = self.validated(IbanBody)
        change = propose_iban(actor=self.user, partner=partner, **values)
        return self.answer(change.pk, status=201)


class IbanConfirmation(IbanChangeView):
    """The confirmation of a proposed IBAN."""

    actions = {"POST": Action.PARTNER_IBAN}  # noqa: RUF012
    path_model = PartnerIbanChange

    @extend_schema(
        operation_id="iban_changes_confirm",
        summary="Confirmer un IBAN",
        description="Par une autre personne que celle qui l'a proposé ; sinon 403.",
        tags=["Partenaires"],
        request=None,
        responses=IbanChangeSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Put the IBAN into force."""
        change = self.find(PartnerIbanChange.objects.all(), id)
        self.validated(StrictSerializer)
        confirm_iban(actor=self.user, change=change)
        return self.answer(id)


class IbanRefusal(IbanChangeView):
    """The dropping of a proposed IBAN."""

    actions = {"POST": Action.PARTNER_IBAN}  # noqa: RUF012
    path_model = PartnerIbanChange

    @extend_schema(
        operation_id="iban_changes_refuse",
        summary="Abandonner un IBAN proposé",
        description="Par n'importe qui a le droit, celle qui l'a proposé comprise.",
        tags=["Partenaires"],
        request=RefusalBody,
        responses=IbanChangeSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Drop the proposed IBAN."""
        change = self.find(PartnerIbanChange.objects.all(), id)
        values = self.validated(RefusalBody)
        refuse_iban(actor=self.user, change=change, reason=values.get("reason", ""))
        return self.answer(id)
