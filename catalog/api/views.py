"""Reading the reference lists of the catalogue: companies, partners."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.serializers import CompanySerializer, PartnerSerializer
from catalog.selectors import products
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action


class CompanyList(ApiView):
    """Companies of the caller."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012 - one table per view

    @extend_schema(
        operation_id="companies_list",
        summary="Sociétés",
        description="Les sociétés où l'appelant a un rôle, par code.",
        tags=["Référentiels"],
        parameters=[ListQuery],
        responses=page_of(CompanySerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        self.parameters(ListQuery)
        return self.page(products.list_companies(), ("code",))


class PartnerList(ApiView):
    """Partners managed by, or activated for, the caller's companies."""

    actions = {"GET": Action.CATALOG_VIEW}  # noqa: RUF012

    @extend_schema(
        operation_id="partners_list",
        summary="Partenaires",
        description="Les partenaires gérés par les sociétés de l'appelant, ou activés pour elles.",
        tags=["Référentiels"],
        parameters=[ListQuery],
        responses=page_of(PartnerSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        self.parameters(ListQuery)
        return self.page(products.list_partners(), ("name", "id"))
