"""Views that create, read, change and delete plain rows, with `ETag` and `If-Match`.

A resource is a list view and a row view of one model. Both name the read model that answers, the
serializer of what is accepted, and the rights; `winvest.core.services.rows` does the writing.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from winvest.core import permissions
from winvest.core.api.problems import ApiProblem
from winvest.core.api.renderers import render
from winvest.core.api.serializers import StrictSerializer
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden, NotFound, PreconditionFailed
from winvest.core.models.base import ScopedModel
from winvest.core.permissions import AccessProblem
from winvest.core.services import rows as services

Rows = QuerySet[Any, Any]
Made = TypeVar("Made")


class ResourceView(ApiView):
    """What the two views of a resource share.

    `edit_action` opens the writing of a row in its company; `field_actions` names the columns
    that another action opens. `fixed` columns are given at the creation and never change.
    """

    model: ClassVar[type[ScopedModel]]
    edit_action: ClassVar[Action]
    field_actions: ClassVar[Mapping[str, Action]] = {}
    fixed: ClassVar[frozenset[str]] = frozenset()
    # Keys of the body that bear another name than their column.
    renamed: ClassVar[Mapping[str, str]] = {}
    write_serializer: ClassVar[type[StrictSerializer]]

    def rows(self) -> Rows:
        """Return the read model, as `values()` of the rows in scope."""
        raise NotImplementedError

    def shown(self, row: dict[str, Any]) -> Any:
        """Return the body that shows one row of the read model."""
        return row

    def read(self, pk: UUID) -> Any:
        """Return the body of one row: 404 when the caller does not see it."""
        row = self.rows().filter(id=pk).first()  # the rows may be old states, of another key
        if row is None:
            raise NotFound(ApiProblem.NOT_FOUND)
        return self.shown(row)

    def answer(self, pk: UUID, status: int = 200) -> Response:
        """Return one row with its `ETag`."""
        body = self.read(pk)
        return Response(body, status=status, headers={"ETag": etag(body)})

    @property
    def sent(self) -> dict[str, Any]:
        """The body as it was sent, before it is judged; nothing for one that is no object."""
        return self.request.data if isinstance(self.request.data, dict) else {}

    def stored(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Return the columns to write for the validated body."""
        return {self.renamed.get(name, name): value for name, value in changes.items()}

    def named(self, write: Callable[[], Made]) -> Made:
        """Run `write`; an error of the content names the keys of the body."""
        return named(write, self.model, self.renamed)


class ResourceList(ResourceView):
    """The list of a resource, and the creation of its rows."""

    def new(self, values: dict[str, Any]) -> Any:
        """Return the row to create from the validated body."""
        return self.model(**self.stored(values))

    def place(self) -> Any:
        """Return a row that stands where the body would put the new one: by its keys alone."""
        return self.model(**self.keys_given())

    def keys_given(self) -> dict[str, UUID]:
        """Return the keys of the body that name other rows, if only by their form."""
        given = {}
        for field in self.model._meta.concrete_fields:
            text = self.sent.get(field.attname) if field.is_relation else None
            if isinstance(text, str):
                with suppress(ValueError):
                    given[field.attname] = UUID(text)
        return given

    def ask(self) -> None:
        """Ask for the rights that the body needs, before it is judged: 403 comes before 422.

        A body that names no company is refused as it is read.
        """
        row = self.place()
        if row.company_id is None:
            return
        permissions.require_on(self.user, self.edit_action, row)
        filled = [name for name in self.field_actions if self.sent.get(name)]
        services.require_fields(self.user, row, filled, self.edit_action, self.field_actions)

    def create(self, request: Request) -> Response:
        """Create a row from the body and return it with 201."""
        self.ask()
        values = self.validated(self.write_serializer)
        row = self.named(
            lambda: services.create_row(
                actor=self.user,
                row=self.new(values),
                action=self.edit_action,
                field_actions=self.field_actions,
            )
        )
        return self.answer(row.pk, status=201)


class ResourceRow(ResourceView):
    """One row of a resource: reading, changing, deleting.

    A subclass gives `actions` for the methods it takes; `PATCH` opens with any writing action.
    """

    def change(self, request: Request, pk: UUID) -> Response:
        """Write the given fields of the row; 412 when `If-Match` names an older state."""
        row = self.find(self.model.objects.all(), pk)
        self.ask(row)
        changes = self.validated_changes()
        self.named(
            lambda: services.change_row(
                actor=self.user,
                row=row,
                changes=self.stored(changes),
                action=self.edit_action,
                field_actions=self.field_actions,
                check=self.check_change,
            )
        )
        return self.answer(pk)

    def delete_one(self, request: Request, pk: UUID) -> Response:
        """Delete the row and return 204; 412 when `If-Match` names an older state."""
        row = self.find(self.model.objects.all(), pk)
        services.delete_row(
            actor=self.user, row=row, action=self.edit_action, check=self.check_delete
        )
        return Response(status=204)

    def ask(self, row: Any) -> None:
        """Ask for the right to write each field that was sent, before any is judged."""
        services.require_fields(self.user, row, self.sent, self.edit_action, self.field_actions)
        actions = {self.edit_action, *self.field_actions.values()}
        if not any(self.access.allowed_on(action, row, row.company_id) for action in actions):
            raise Forbidden(AccessProblem.FORBIDDEN)

    def validated_changes(self) -> dict[str, Any]:
        """Return the given fields, checked; a fixed one is refused with the other errors."""
        checked = self.write_serializer(data=self.request.data, partial=True, fixed=self.fixed)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def check_change(self, row: Any) -> None:
        """Refuse a stale change; subclasses add what the row's state forbids."""
        self.check_fresh(row)

    def check_delete(self, row: Any) -> None:
        """Refuse a stale deletion; subclasses add what the row's state forbids."""
        self.check_fresh(row)

    def check_fresh(self, row: Any) -> None:
        """Raise 412 unless `If-Match`, when given, names the state of the locked row."""
        wanted = self.request.headers.get("If-Match")
        if wanted is None or wanted.strip() == "*":
            return
        if etag(self.read(row.pk)) not in [tag.strip() for tag in wanted.split(",")]:
            raise PreconditionFailed(ApiProblem.STALE)

    def opening_actions(self, action: Action) -> frozenset[Action]:
        """Let in whoever may write some field: each field then asks for its own action."""
        if self.request.method == "PATCH":
            return frozenset({action, *self.field_actions.values()})
        return super().opening_actions(action)


def etag(body: Any) -> str:
    """Return the strong `ETag` of a body: equal bodies, equal tags."""
    return f'"{hashlib.sha256(render(body)).hexdigest()[:32]}"'


def named(
    write: Callable[[], Made], model: type[Model], renamed: Mapping[str, str] | None = None
) -> Made:
    """Run `write`; an error of the content names the keys of the body (`risk_id`, not `risk`).

    `renamed` gives the keys that bear another name than their column.
    """
    try:
        return write()
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        columns = {field.name: field.attname for field in model._meta.concrete_fields}
        columns |= {column: key for key, column in (renamed or {}).items()}
        raise ValidationError(
            {columns.get(name, name): problems for name, problems in error.error_dict.items()}
        ) from error
