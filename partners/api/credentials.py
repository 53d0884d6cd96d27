"""Credentials of the partners' APIs: written, never read back (Annexe A.2.1, G.2)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.serializers import (
    CredentialAnswer,
    CredentialBody,
    CredentialSerializer,
    EndBody,
    RotationBody,
)
from partners.domain.credentials import masked_secret
from partners.models import Partner, PartnerCredential
from partners.selectors.needs import needed_credential
from partners.selectors.partners import list_credentials
from partners.services.credentials import add_credential, end_credential, rotate_credential
from winvest.core.api.resources import ResourceRow, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery
from winvest.core.api.warned import WarnedView
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason


class CredentialView(WarnedView):
    """What is shown of a credential."""

    model = PartnerCredential
    edit_action = Action.PARTNER_CREDENTIALS

    def rows(self) -> Rows:
        """Return the credentials in scope."""
        return list_credentials()

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Mask the secret."""
        hint, author = row.pop("secret_hint"), row.pop("rotated_by_id")
        return {**row, "credentials": masked_secret(hint), "rotated_by": author}

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Tell the products on sale whose API nothing opens after the end of this credential."""
        if body["valid_to"] is None:
            return []
        return needed_credential(PartnerCredential.objects.get(pk=body["id"]))


class CredentialList(CredentialView):
    """Credentials of a partner, those of the past included."""

    actions = {  # noqa: RUF012
        "GET": Action.PARTNER_CREDENTIALS,
        "POST": Action.PARTNER_CREDENTIALS,
    }
    path_model = Partner

    @extend_schema(
        operation_id="partner_credentials_list",
        summary="Accès API d'un partenaire",
        description="Les accès du partenaire, les plus récents d'abord ; les secrets sont masqués.",
        tags=["Partenaires"],
        parameters=[ListQuery],
        responses=page_of(CredentialSerializer),
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return a page."""
        self.parameters(ListQuery)
        partner = self.find(Partner.objects.all(), id)
        page = self.page(self.rows().filter(partner_id=partner.pk), ("-valid_from", "-id"))
        page.data["results"] = [self.shown(row) for row in page.data["results"]]
        return page

    @extend_schema(
        operation_id="partner_credentials_create",
        summary="Déposer un accès API",
        description=(
            "Un seul accès en service par environnement : le suivant est un renouvellement. Les "
            "champs de `credentials` dépendent de `auth_type`."
        ),
        tags=["Partenaires"],
        request=CredentialBody,
        responses={201: CredentialAnswer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Add a credential."""
        partner = self.find_to_write(Partner.objects.all(), id)
        values = self.validated(CredentialBody)
        row = add_credential(actor=self.user, partner=partner, **values)
        return self.answer(row.pk, status=201)


class CredentialRow(CredentialView, ResourceRow):
    """One credential."""

    actions = {  # noqa: RUF012
        "GET": Action.PARTNER_CREDENTIALS,
        "PATCH": Action.PARTNER_CREDENTIALS,
    }
    path_model = PartnerCredential

    @extend_schema(
        operation_id="credentials_read",
        summary="Lire un accès API",
        description="L'accès, secret masqué, et son `ETag`.",
        tags=["Partenaires"],
        responses=CredentialAnswer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the credential, masked."""
        return self.answer(id)

    @extend_schema(
        operation_id="credentials_change",
        summary="Mettre fin à un accès API",
        description=(
            "Seule la fin se modifie : un secret change par un renouvellement. `warnings` dit si "
            "des produits en vente restent sans accès."
        ),
        tags=["Partenaires"],
        request=EndBody,
        responses=CredentialAnswer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """End the credential."""
        row = self.find(PartnerCredential.objects.all(), id)
        values = self.validated(EndBody)
        end_credential(
            actor=self.user, credential=row, at=values["valid_to"], check=self.check_fresh
        )
        return self.answer(id)


class CredentialRotation(CredentialView):
    """The renewal of a credential."""

    actions = {"POST": Action.PARTNER_CREDENTIALS}  # noqa: RUF012
    path_model = PartnerCredential

    @extend_schema(
        operation_id="credentials_rotate",
        summary="Renouveler un accès API",
        description=(
            "L'ancien accès reste, daté et signé ; `overlap_until` le laisse utilisable jusque-là. "
            "La réponse est le nouvel accès."
        ),
        tags=["Partenaires"],
        request=RotationBody,
        responses={201: CredentialAnswer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Put a new credential in the place of the old one."""
        row = self.find(PartnerCredential.objects.all(), id)
        values = self.validated(RotationBody)
        new = rotate_credential(actor=self.user, credential=row, **values)
        return self.answer(new.pk, status=201)
