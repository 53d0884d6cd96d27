"""What every part of a version or of a product shares: who reads it, writes it, and when it is
frozen.

A part is read by whoever sees its version, and written in its own company; the content of a
released version is refused with 409 (decision 4).
"""

from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from catalog.api.moments import DatedListQuery, MomentQuery, moment_asked
from catalog.domain.moments import Moment, MomentProblem
from catalog.models import ProductVersion
from catalog.selectors.moments import require_at
from catalog.selectors.visibility import visible_versions
from winvest.core.api.problems import ApiProblem
from winvest.core.api.resources import ResourceList, ResourceRow, ResourceView, Rows
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery, StrictSerializer
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, NotFound
from winvest.core.models.base import ScopedModel

# What changes after the release of its version as well.
NEVER_FROZEN = {"accounting_mappings", "external_mappings", "publications"}
# What has no dates of its own, and changes: it is only read as it is.
NOT_DATED = {"external_mappings"}


class PartView(ResourceView):
    """A part of the version that the path names.

    At another moment than now, that version must be the one in force.
    """

    parent_model: ClassVar[type[ScopedModel]] = ProductVersion
    parent_key: ClassVar[str] = "product_version_id"
    ordering: ClassVar[tuple[str, ...]] = ("id",)
    moment: Moment | None = None

    @property
    def above(self) -> UUID:
        """The id of what holds the parts."""
        key: UUID = self.kwargs["id"]
        return key

    def parent(self) -> Any:
        """Return what to write in: one that the scope reads."""
        return self.find(self.parent_model.objects.all(), self.above)

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """Leave out what the path tells."""
        return {name: value for name, value in row.items() if name != "product_version_id"}

    def check_seen(self) -> None:
        """Refuse to list below what the caller does not see."""
        if not visible_versions(self.access, at=now()).filter(pk=self.above).exists():
            raise NotFound(ApiProblem.NOT_FOUND)

    def owned(self) -> dict[str, Any]:
        """Return the columns that the path gives."""
        version = self.parent()
        return {"product_version": version, "company_id": version.company_id}

    def at_moment(self, rows: Rows, moment: Moment) -> Rows:
        """Keep what ran at the moment; by default, all that the version holds."""
        return rows

    def stood(self, rows: list[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
        """Return rows as they stood at the moment; by default, what is frozen stood as it is."""
        return rows

    def is_frozen(self, row: Any) -> bool:
        """Whether the version of the part was released."""
        released: bool = row.product_version.released_at is not None
        return released


class PartList(PartView, ResourceList):
    """The parts of one kind, and their creation; `query` reads the address."""

    query: ClassVar[type[ListQuery | DatedListQuery]] = DatedListQuery

    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return a page; what the caller does not see is 404."""
        self.check_seen()
        self.moment = moment_asked(self.parameters(self.query))
        rows = self.rows()
        if self.moment is not None:
            require_at(id, self.moment)
            rows = self.at_moment(rows, self.moment)
        answer = self.page(rows, self.ordering)
        found = answer.data["results"]
        found = found if self.moment is None else self.stood(found, self.moment)
        answer.data["results"] = [self.shown(row) for row in found]
        return answer

    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Create a part."""
        self.parent()
        return self.create(request)

    def place(self) -> Any:
        """Return a part of what the path names, for the company that the body may name."""
        given = {name: key for name, key in self.keys_given().items() if name == "company_id"}
        return self.model(**{**given, **self.owned()})

    def new(self, values: dict[str, Any]) -> Any:
        """Return the part, owned by what the path names; 409 when that is frozen."""
        row = self.model(**self.owned(), **self.stored(values))
        if self.is_frozen(row):
            raise Conflict(ApiProblem.FROZEN)
        return row


class NamedPart(PartView):
    """A part that the path names by its own id."""

    @cached_property
    def above(self) -> UUID:
        """The id of what holds the part that the path names; 404 when there is no such part."""
        rows = self.model._base_manager.filter(pk=self.kwargs["id"])
        key: UUID | None = rows.values_list(self.parent_key, flat=True).first()
        if key is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        return key


class PartRow(NamedPart, ResourceRow):
    """One part, by its own id; `dated`: at a moment too."""

    dated: ClassVar[bool] = True

    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the part with its `ETag`; what the caller does not see is 404."""
        self.check_seen()
        if self.dated:
            self.moment = moment_asked(self.parameters(MomentQuery))
        return self.answer(id)

    def read(self, pk: UUID) -> Any:
        """Return the part; at a moment, as it stood, and refused where it did not run."""
        if self.moment is None:
            return super().read(pk)
        rows = self.rows().filter(pk=pk)
        if not rows.exists():
            raise NotFound(ApiProblem.NOT_FOUND)
        require_at(self.above, self.moment)
        found = self.stood(list(self.at_moment(rows, self.moment)), self.moment)
        if not found:
            raise Invalid(MomentProblem.NOT_RUNNING, path="as_of")
        return self.shown(found[0])

    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Change the given fields."""
        return self.change(request, id)

    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Delete the part."""
        return self.delete_one(request, id)

    def check_change(self, row: Any) -> None:
        """Refuse a stale change, and one of frozen content."""
        super().check_change(row)
        if self.is_frozen(row):
            raise Conflict(ApiProblem.FROZEN)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion, and one of frozen content."""
        super().check_delete(row)
        if self.is_frozen(row):
            raise Conflict(ApiProblem.FROZEN)


def described(
    key: str, many: str, one: str, body: type[StrictSerializer], shape: type[Serializer[Any]]
) -> Any:
    """Return the decorator that describes the two views of a part; `one` with its article."""
    tags = ["Produits" if key == "external_mappings" else "Versions"]
    frozen = "" if key in NEVER_FROZEN else " Une version en production donne 409."
    undated = key in NOT_DATED
    then = "" if undated else " ; avec une date, telle qu'elle était"
    methods = {
        "list": ("Par page, pour qui voit ce que le chemin nomme.", None, page_of(shape)),
        "create": (f"Les règles du modèle s'appliquent.{frozen}", body, {201: shape}),
        "read": (f"La ligne et son `ETag`{then}.", None, shape),
        "change": (f"Change les champs donnés.{frozen}", body, shape),
        "delete": (f"Efface la ligne.{frozen}", None, {204: None}),
    }

    def of(name: str, summary: str, **more: Any) -> Any:
        description, request, responses = methods[name]
        return extend_schema(
            operation_id=f"{key}_{name}",
            summary=summary,
            description=description,
            tags=tags,
            request=request,
            responses=responses,
            **more,
        )

    query = ListQuery if undated else DatedListQuery
    rows = {"get": of("list", many, parameters=[query]), "post": of("create", f"Ajouter {one}")}
    row = {
        "get": of("read", f"Lire {one}", parameters=[] if undated else [MomentQuery]),
        "patch": of("change", f"Modifier {one}"),
        "delete": of("delete", f"Effacer {one}"),
    }
    return lambda view: extend_schema_view(**(rows if issubclass(view, PartList) else row))(view)


def reading_and(action: Action) -> dict[str, Action]:
    """Return the actions of a list that whoever sees the catalogue reads."""
    return {"GET": Action.CATALOG_VIEW, "POST": action}


def writing(action: Action) -> dict[str, Action]:
    """Return the actions of a row that whoever sees the catalogue reads."""
    return {"GET": Action.CATALOG_VIEW, "PATCH": action, "DELETE": action}
