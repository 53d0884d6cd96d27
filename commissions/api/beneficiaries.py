"""`beneficiaries`: who receives the commissions that a company pays (K-07)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from commissions.api.bodies import BeneficiaryBody, BeneficiaryQuery, BeneficiarySerializer
from commissions.models import Beneficiary
from commissions.selectors.beneficiaries import list_beneficiaries
from winvest.core.api.resources import ResourceList, ResourceRow, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.domain.roles import Action


class BeneficiaryView(ResourceView):
    """A beneficiary is read by whoever sees commissions, written by whoever edits them."""

    model = Beneficiary
    edit_action = Action.COMMISSION_EDIT
    fixed = frozenset({"company_id"})
    write_serializer = BeneficiaryBody

    def rows(self) -> Rows:
        """Return the beneficiaries of the companies in scope."""
        return list_beneficiaries().order_by()

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Leave the sort key out."""
        return {name: value for name, value in row.items() if name != "sort_label"}


class BeneficiaryList(BeneficiaryView, ResourceList):
    """Beneficiaries of the caller's companies."""

    actions = {"GET": Action.COMMISSION_VIEW, "POST": Action.COMMISSION_EDIT}  # noqa: RUF012
    company_field = "company_id"

    @extend_schema(
        operation_id="beneficiaries_list",
        summary="Bénéficiaires",
        description="Ceux des sociétés de l'appelant, par nom.",
        tags=["Commissions"],
        parameters=[BeneficiaryQuery],
        responses=page_of(BeneficiarySerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        wanted = self.parameters(BeneficiaryQuery)
        filters = {
            name: wanted[key]
            for key, name in (("company", "company_id"), ("active", "is_active"))
            if key in wanted
        }
        answer = self.page(self.rows().filter(**filters), ("sort_label", "id"))
        answer.data["results"] = [self.shown(row) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="beneficiaries_create",
        summary="Créer un bénéficiaire",
        description="Une personne ou un partenaire, avec son compte auxiliaire.",
        tags=["Commissions"],
        request=BeneficiaryBody,
        responses={201: BeneficiarySerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a beneficiary."""
        return self.create(request)


class BeneficiaryRow(BeneficiaryView, ResourceRow):
    """One beneficiary."""

    actions = {"GET": Action.COMMISSION_VIEW, "PATCH": Action.COMMISSION_EDIT}  # noqa: RUF012
    path_model = Beneficiary

    @extend_schema(
        operation_id="beneficiaries_read",
        summary="Lire un bénéficiaire",
        description="Le bénéficiaire et son `ETag`.",
        tags=["Commissions"],
        responses=BeneficiarySerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the beneficiary with its `ETag`."""
        return self.answer(id)

    @extend_schema(
        operation_id="beneficiaries_change",
        summary="Modifier un bénéficiaire",
        description="Change les champs donnés ; la société ne change plus.",
        tags=["Commissions"],
        request=BeneficiaryBody,
        responses=BeneficiarySerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Change the given fields; one who left is `is_active` false, never deleted."""
        return self.change(request, id)
