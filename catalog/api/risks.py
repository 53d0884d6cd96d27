"""Risks: the families of products (§2.1, Annexe A.2.1)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import RiskBody
from catalog.api.serializers import RiskSerializer
from catalog.models import Risk
from catalog.selectors import products
from winvest.core import permissions
from winvest.core.api.renderers import exact
from winvest.core.api.resources import ResourceList, ResourceRow, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    ListQuery,
)
from winvest.core.domain.roles import Action


class RiskView(ResourceView):
    """A risk is written by whoever edits its company's catalogue; the group's, by its admin."""

    model = Risk
    edit_action = Action.CATALOG_EDIT
    fixed = frozenset({"company_id", "is_global"})
    write_serializer = RiskBody

    def rows(self) -> Rows:
        """Return the risks of the companies in scope and of the group."""
        return products.list_risks()

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Leave the sort key out, write the numbers exactly."""
        body = {name: value for name, value in row.items() if name != "sort_label"}
        return {**body, "field_schema": exact(row["field_schema"])}


class RiskList(RiskView, ResourceList):
    """Risks of the caller's companies and of the group."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.CATALOG_EDIT}  # noqa: RUF012
    company_field = "company_id"

    def ask(self) -> None:
        """Ask for the right of the group where the body says that the risk is the group's."""
        if self.sent.get("is_global") is True and not self.sent.get("company_id"):
            permissions.require(self.user, self.edit_action, None)
        super().ask()

    @extend_schema(
        operation_id="risks_list",
        summary="Risques",
        description="Les risques du groupe et des sociétés de l'appelant, par libellé.",
        tags=["Référentiels"],
        parameters=[ListQuery],
        responses=page_of(RiskSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        self.parameters(ListQuery)
        answer = self.page(self.rows(), ("sort_label", "id"))
        answer.data["results"] = [self.shown(row) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="risks_create",
        summary="Créer un risque",
        description="Un risque d'une société, ou du groupe avec `is_global` et sans société.",
        tags=["Référentiels"],
        request=RiskBody,
        responses={201: RiskSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a risk of a company, or of the group."""
        return self.create(request)


class RiskRow(RiskView, ResourceRow):
    """One risk."""

    actions = {"GET": Action.CATALOG_VIEW, "PATCH": Action.CATALOG_EDIT}  # noqa: RUF012
    path_model = Risk

    @extend_schema(
        operation_id="risks_read",
        summary="Lire un risque",
        description="Le risque et son `ETag`.",
        tags=["Référentiels"],
        responses=RiskSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the risk with its `ETag`."""
        return self.answer(id)

    @extend_schema(
        operation_id="risks_change",
        summary="Modifier un risque",
        description="Change les champs donnés ; le propriétaire ne change plus.",
        tags=["Référentiels"],
        request=RiskBody,
        responses=RiskSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Change the given fields."""
        return self.change(request, id)
