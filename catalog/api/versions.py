"""Versions of a product: list, creation (Annexe A.3.2), page, change of a draft."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import VersionBody
from catalog.api.moments import DatedListQuery, MomentQuery, moment_asked
from catalog.api.products import shown_version
from catalog.api.serializers import VersionRowSerializer, VersionSerializer
from catalog.domain.moments import Moment
from catalog.models import Product, ProductVersion
from catalog.selectors.moments import at_moment, require_at, resolve, stood
from catalog.selectors.products import sees_product
from catalog.selectors.versions import list_versions, version_rows, with_parts
from catalog.selectors.visibility import visible_versions
from catalog.services.versions import create_version
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import ResourceRow, ResourceView, named
from winvest.core.api.schema import page_of
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, NotFound

TAGS = ["Versions"]
# What stays open once the version is released (decision 4, M-19).
OPEN_AFTER_RELEASE = frozenset({"notes"})


class VersionView(ResourceView):
    """A version is written by whoever edits the catalogue of its company and family."""

    model = ProductVersion
    edit_action = Action.CATALOG_EDIT
    write_serializer = VersionBody
    moment: Moment | None = None

    def read(self, pk: UUID) -> Any:
        """Return the version with its parts; one that the caller does not see is 404.

        At another moment than now, one that was not in force then is refused.
        """
        at = now()
        versions = list(version_rows(visible_versions(self.access, at=at).filter(pk=pk)))
        if not versions:
            raise NotFound(ApiProblem.NOT_FOUND)
        with_parts(self.access, versions, at=at)
        if self.moment is not None:
            at_moment(versions[0], require_at(pk, self.moment), self.moment)
        return shown_version(versions[0])


class VersionList(VersionView):
    """Versions of a product."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.CATALOG_EDIT}  # noqa: RUF012
    path_model = Product

    @extend_schema(
        operation_id="versions_list",
        summary="Versions d'un produit",
        description=(
            "Les versions que l'appelant voit, par numéro, sans leurs parties ; avec une date, "
            "celle qui est alors en vigueur."
        ),
        tags=TAGS,
        parameters=[DatedListQuery],
        responses=page_of(VersionRowSerializer),
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return a page; a product that the caller does not see is 404."""
        moment = moment_asked(self.parameters(DatedListQuery))
        at = now()
        if not sees_product(self.access, id, at=at):
            raise NotFound(ApiProblem.NOT_FOUND)
        rows = list_versions(self.access, product_id=id, at=at)
        if moment is None:
            return self.page(rows, ("version",))
        found, until = resolve(id, moment)
        answer = self.page(rows.filter(pk=found), ("version",))
        answer.data["results"] = [row | stood(until) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="versions_create",
        summary="Créer une version",
        description="Annexe A.3.2. Un brouillon, qui prend le numéro suivant du produit.",
        tags=TAGS,
        request=VersionBody,
        responses={201: VersionSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Create a draft."""
        product = self.find_to_write(Product.objects.all(), id)
        values = self.validated(VersionBody)
        version = named(
            lambda: create_version(actor=self.user, product=product, **values), ProductVersion
        )
        return self.answer(version.pk, status=201)


class VersionRow(VersionView, ResourceRow):
    """One version."""

    actions = {"GET": Action.CATALOG_VIEW, "PATCH": Action.CATALOG_EDIT}  # noqa: RUF012
    path_model = ProductVersion

    @extend_schema(
        operation_id="versions_read",
        summary="Lire une version",
        description=(
            "La version avec ses formules, prix et publications, et son `ETag` ; avec une date, "
            "ce qui court alors, à la TVA de ce jour."
        ),
        tags=TAGS,
        parameters=[MomentQuery],
        responses=VersionSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the version with its `ETag`."""
        self.moment = moment_asked(self.parameters(MomentQuery))
        return self.answer(id)

    @extend_schema(
        operation_id="versions_change",
        summary="Modifier une version",
        description=(
            "Change les champs donnés d'un brouillon. Une fois la version en production, seules "
            "les notes changent ; le reste donne 409."
        ),
        tags=TAGS,
        request=VersionBody,
        responses=VersionSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    def check_change(self, row: Any) -> None:
        """Refuse a stale change, and one of frozen content."""
        super().check_change(row)
        if row.released_at is not None and set(self.request.data) - OPEN_AFTER_RELEASE:
            raise Conflict(ApiProblem.FROZEN)
