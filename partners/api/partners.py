"""Partners and their activation by company (§2.1, Annexe A.2.1; M-01, E.3-01)."""

from collections.abc import Collection
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.serializers import (
    ActivationBody,
    ActivationSerializer,
    PartnerAnswer,
    PartnerBody,
    PartnerQuery,
    PartnerSerializer,
)
from partners.domain.twins import partner_warnings
from partners.models import Partner, PartnerActivation
from partners.selectors.needs import closed_api
from partners.selectors.partners import list_activations, list_partners, similar_partners
from partners.services.extranet import write_extranet
from winvest.core.api.resources import ResourceList, ResourceRow, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery
from winvest.core.api.warned import WarnedView
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason
from winvest.core.selectors.readers import opened_by

# How a partner is paid and opened: those who only sell do not read it, as on its page.
CLOSED = frozenset({"iban_masked", "bic", "payment_terms", "has_extranet_codes"})


def shown_partner(row: dict[str, Any], whole: Collection[UUID]) -> dict[str, Any]:
    """Return the body of a partner; `whole` names those of which everything is read."""
    closed = frozenset() if row["id"] in whole else CLOSED
    return {
        name: None if name in closed else value
        for name, value in row.items()
        if name != "sort_label"
    }


class PartnerView(WarnedView):
    """A partner is written by its managing company; bank and extranet ask for more."""

    model = Partner
    edit_action = Action.PARTNER_EDIT
    field_actions: ClassVar[dict[str, Action]] = {
        "bic": Action.PARTNER_IBAN,
        "extranet_codes": Action.PARTNER_CREDENTIALS,
    }
    fixed = frozenset({"company_id"})
    write_serializer = PartnerBody

    def rows(self) -> Rows:
        """Return the partners in scope."""
        return list_partners()

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Leave the sort key out, and what the caller does not read."""
        return shown_partner(row, self.read_whole([row["id"]]))

    def read_whole(self, keys: Collection[UUID]) -> set[UUID]:
        """Return the partners of which the caller reads everything (`design/domain.md` §11)."""
        return opened_by(self.access, Action.CATALOG_VIEW_ALL, Partner, keys)

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Tell a wrong SIREN's key, the partners alike that the caller sees, and a closed API."""
        twins = similar_partners(name=body["name"], siren=body["siren"], but=body["id"])
        alike = [(twin.name, twin.company.code, twin.siren) for twin in twins]
        warnings = partner_warnings(body["siren"], alike)
        if self.read_whole([body["id"]]):
            warnings += closed_api(body["id"])
        return warnings

    def sealed(self, row: Partner, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values with the extranet codes, checked by their schema, sealed for this row.

        No message repeats a code.
        """
        if "extranet_codes" not in values:
            return values
        try:
            write_extranet(row, values["extranet_codes"])
        except ValidationError as error:
            raise ValidationError({"extranet_codes": error.error_list}) from error
        return {**values, "extranet_codes": row.extranet_codes}


class PartnerList(PartnerView, ResourceList):
    """Partners managed by, or activated for, the caller's companies."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.PARTNER_EDIT}  # noqa: RUF012
    company_field = "company_id"

    @extend_schema(
        operation_id="partners_list",
        summary="Partenaires",
        description=(
            "Les partenaires gérés par les sociétés de l'appelant, ou activés pour elles. À qui ne "
            "lit que ce qui est en vente (Commercial, Marketing), `iban_masked`, `bic`, "
            "`payment_terms` et `has_extranet_codes` restent `null`."
        ),
        tags=["Partenaires"],
        parameters=[PartnerQuery],
        responses=page_of(PartnerSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(PartnerQuery)
        for name in ("company", "activated_for"):
            if name in filters:
                self.require_company(filters[name], path=name)
        page = self.page(list_partners(**filters), ("sort_label", "id"))
        whole = self.read_whole([row["id"] for row in page.data["results"]])
        page.data["results"] = [shown_partner(row, whole) for row in page.data["results"]]
        return page

    @extend_schema(
        operation_id="partners_create",
        summary="Créer un partenaire",
        description=(
            "Un partenaire au même SIREN ou au nom proche est accepté et dit dans `warnings`."
        ),
        tags=["Partenaires"],
        request=PartnerBody,
        responses={201: PartnerAnswer},
    )
    def post(self, request: Request) -> Response:
        """Create a partner."""
        return self.create(request)

    def new(self, values: dict[str, Any]) -> Partner:
        """Return the partner with its extranet codes sealed."""
        row = Partner(**{name: value for name, value in values.items() if name != "extranet_codes"})
        self.sealed(row, values)
        return row


class PartnerRow(PartnerView, ResourceRow):
    """One partner."""

    actions = {"GET": Action.CATALOG_VIEW, "PATCH": Action.PARTNER_EDIT}  # noqa: RUF012
    path_model = Partner

    @extend_schema(
        operation_id="partners_read",
        summary="Lire un partenaire",
        description="Le partenaire, son `ETag` et les avertissements.",
        tags=["Partenaires"],
        responses=PartnerAnswer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the partner."""
        return self.answer(id)

    @extend_schema(
        operation_id="partners_change",
        summary="Modifier un partenaire",
        description=(
            "Change les champs donnés. Le BIC demande le droit `partner.iban`, les codes extranet "
            "`partner.credentials`."
        ),
        tags=["Partenaires"],
        request=PartnerBody,
        responses=PartnerAnswer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Change the given fields."""
        return self.change(request, id)

    def stored(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Seal the extranet codes for this row."""
        return self.sealed(Partner(pk=self.kwargs["id"]), changes)


class ActivationView(ResourceView):
    """An activation is written by who edits the partners of the company that it opens."""

    model = PartnerActivation
    edit_action = Action.PARTNER_EDIT
    fixed = frozenset({"company_id"})
    write_serializer = ActivationBody

    def rows(self) -> Rows:
        """Return the activations in scope."""
        return list_activations()


class ActivationList(ActivationView, ResourceList):
    """Companies for which a partner is open, of those of the caller."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.PARTNER_EDIT}  # noqa: RUF012
    path_model = Partner
    company_field = "company_id"

    @extend_schema(
        operation_id="partner_activations_list",
        summary="Activations d'un partenaire",
        description="Les activations pour les sociétés de l'appelant.",
        tags=["Partenaires"],
        parameters=[ListQuery],
        responses=page_of(ActivationSerializer),
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return a page."""
        self.parameters(ListQuery)
        partner = self.find(Partner.objects.all(), id)
        return self.page(self.rows().filter(partner_id=partner.pk), ("company_code", "id"))

    @extend_schema(
        operation_id="partner_activations_create",
        summary="Activer un partenaire pour une société",
        description="Une société n'active un partenaire qu'une fois ; son statut se modifie.",
        tags=["Partenaires"],
        request=ActivationBody,
        responses={201: ActivationSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Open the partner to a company."""
        self.find(Partner.objects.all(), id)
        return self.create(request)

    def new(self, values: dict[str, Any]) -> PartnerActivation:
        """Return the activation of the path's partner."""
        return PartnerActivation(partner_id=self.kwargs["id"], **values)


class ActivationRow(ActivationView, ResourceRow):
    """One activation."""

    actions = {"GET": Action.CATALOG_VIEW, "PATCH": Action.PARTNER_EDIT}  # noqa: RUF012
    path_model = PartnerActivation

    @extend_schema(
        operation_id="activations_read",
        summary="Lire une activation",
        description="L'activation et son `ETag`.",
        tags=["Partenaires"],
        responses=ActivationSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the activation."""
        return self.answer(id)

    @extend_schema(
        operation_id="activations_change",
        summary="Modifier une activation",
        description="Change le statut ou la date ; la société ne change plus.",
        tags=["Partenaires"],
        request=ActivationBody,
        responses=ActivationSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Change the given fields."""
        return self.change(request, id)
