"""Publications of a version: made, changed, ended (`design/domain.md` §2)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import bodies, serializers
from catalog.api.part_views import (
    NamedPart,
    PartList,
    PartRow,
    PartView,
    described,
    reading_and,
    writing,
)
from catalog.api.versions import TAGS
from catalog.domain.moments import Moment
from catalog.models import ProductVersion, Publication
from catalog.selectors import versions as selectors
from catalog.selectors.past_sales import publications_then, running_publications
from catalog.services.publication import change_publication, publish_version, unpublish, why_kept
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import Rows
from winvest.core.api.serializers import InstantField, StrictSerializer, TextField
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, NotFound

_PUBLICATIONS = (
    "publications",
    "Publications",
    "une publication",
    bodies.PublicationBody,
    serializers.PublicationSerializer,
)


class PublicationView(PartView):
    """Publications: each is written in the company that sells (R-10)."""

    model = Publication
    edit_action = Action.PUBLICATION_EDIT
    fixed = frozenset({"company_id", "product_version_id"})
    write_serializer = bodies.PublicationBody
    company_field = "company_id"
    ordering = ("start_at", "id")

    def rows(self) -> Rows:
        """Return the publications of the version that the scope reads."""
        return selectors.publication_rows([self.above]).order_by()

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep the publications that ran then."""
        return running_publications(rows, moment)

    def stood(self, rows: list[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
        """Return the publications as they stood then."""
        return publications_then(rows, moment)

    def owned(self) -> dict[str, Any]:
        """Return the version and its owner; the body names the seller."""
        version = self.parent()
        owner, product = version.company_id, version.product_id
        return {"product_version": version, "owner_company_id": owner, "product_id": product}

    def stored(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Leave out the version of the body: the path's counts, and is the same (A.3.5)."""
        named = changes.pop("product_version_id", None)
        if named is not None and named != self.above:
            raise NotFound(ApiProblem.NOT_FOUND, path="product_version_id")
        if "company_id" in changes:
            self.require_company(changes["company_id"])
        return changes

    def is_frozen(self, row: Any) -> bool:
        """Never: publications are dated, and guarded by the database."""
        return False


@described(*_PUBLICATIONS)
class PublicationList(PublicationView, PartList):
    """Publications of a version."""

    actions = reading_and(Action.PUBLICATION_EDIT)
    path_model = ProductVersion

    def create(self, request: Request) -> Response:
        """Publish the version: 409 with every reason that stands against it."""
        self.ask()
        values = self.validated(self.write_serializer)
        row = self.named(lambda: publish_version(actor=self.user, publication=self.new(values)))
        return self.answer(row.pk, status=201)


@described(*_PUBLICATIONS)
class PublicationRow(PublicationView, PartRow):
    """One publication."""

    actions = writing(Action.PUBLICATION_EDIT)
    path_model = Publication

    def change(self, request: Request, pk: UUID) -> Response:
        """Write the given fields; what sells more is checked as a new publication is."""
        row = self.find(self.model.objects.all(), pk)
        self.ask(row)
        changes = self.stored(self.validated_changes())
        self.named(
            lambda: change_publication(
                actor=self.user, publication=row, changes=changes, check=self.check_change
            )
        )
        return self.answer(pk)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion, and one of what has been on sale."""
        super().check_delete(row)
        if (problem := why_kept(row)) is not None:
            raise Conflict(problem)


class UnpublishBody(StrictSerializer):
    """Why the sale ends, and when."""

    reason = TextField(max_length=300)
    at = InstantField(
        required=False, allow_null=True, help_text="À venir ; par défaut, maintenant."
    )


class Unpublish(PublicationView, NamedPart):
    """A publication that runs ends."""

    actions = {"POST": Action.PUBLICATION_EDIT}  # noqa: RUF012 - one table per view
    path_model = Publication

    @extend_schema(
        operation_id="publications_unpublish",
        summary="Dépublier",
        description="Termine une publication en cours, avec un motif ; 409 pour toute autre.",
        tags=TAGS,
        request=UnpublishBody,
        responses=serializers.PublicationSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """End it."""
        row = self.find_to_write(Publication.objects.all(), id)
        unpublish(actor=self.user, publication=row, **self.validated(UnpublishBody))
        return self.answer(id)
