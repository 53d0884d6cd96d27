"""Rights of the back-office's pages: each names its actions, the table of rights decides (R-01)."""

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.http import HttpRequest

from winvest.core import scoping
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.models.base import ScopedModel
from winvest.core.permissions import BY_FAMILY, access_of
from winvest.core.selectors.readers import opened_by


class Narrowed(models.ExpressionWrapper):  # type: ignore[type-arg]
    """A condition compiled as if the scope held these companies only."""

    conditional = True

    def __init__(self, condition: models.Q, companies: frozenset[UUID]) -> None:
        """Narrow `condition` to `companies`, which stay within the scope of the moment."""
        super().__init__(condition, output_field=models.BooleanField())
        self.companies = companies

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Compile the condition inside the narrower scope."""
        scope = scoping.current()
        with scoping.scope(self.companies if scope is None else scope & self.companies):
            return super().as_sql(compiler, connection)


class Rights:
    """What a page shows and accepts, for a user and an object.

    `view_action` opens the page in the companies where it is allowed; `edit_action` (None: read
    only) changes a row of its owner company; `field_actions` names the fields that another
    action opens.
    """

    model: Any
    view_action: ClassVar[Action]
    edit_action: ClassVar[Action | None] = None
    field_actions: ClassVar[dict[str, Action]] = {}

    def owner(self, obj: Any) -> UUID | None:
        """Return the company whose right decides; None for what belongs to the group."""
        company: UUID | None = obj.company_id
        return company

    def is_frozen(self, obj: Any) -> bool:
        """Whether the object may no longer change at all (released, booked)."""
        return False

    def allows(self, request: HttpRequest, action: Action, obj: Any) -> bool:
        """Whether the user may do `action` on the object: its company, and its risk family."""
        return access_of(request.user).allowed_on(action, obj, self.owner(obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page appears at all."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the view action is allowed anywhere: the queryset keeps the rows apart."""
        return access_of(request.user).anywhere(self.view_action)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may create a row in a company in scope (or below its parent `obj`)."""
        if self.edit_action is None:
            return False
        if obj is not None:
            return self.has_change_permission(request, obj)
        return bool(companies_allowing(request, self.edit_action))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether one of the page's editing actions is allowed to the user on the object."""
        access = access_of(request.user)
        actions = self._editing_actions()
        if obj is None:
            return any(access.anywhere(action) for action in actions)
        if self.is_frozen(obj):
            return False
        return any(self.allows(request, action, obj) for action in actions)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may delete the object: the edit action, on what is not frozen."""
        access = access_of(request.user)
        if self.edit_action is None:
            return False
        if obj is None:
            return access.anywhere(self.edit_action)
        return self.allows(request, self.edit_action, obj) and not self.is_frozen(obj)

    def has_view_or_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the page may be read."""
        return self.has_view_permission(request, obj) or self.has_change_permission(request, obj)

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Whether the user may write this field of the object (None: of a new one)."""
        action = self.field_actions.get(field, self.edit_action)
        if action is None:
            return False
        if obj is None:
            return bool(companies_allowing(request, action))
        return self.allows(request, action, obj)

    def reads(self, request: HttpRequest, action: Action, obj: Any) -> bool:
        """Whether the row is readable in the companies where the user may do `action`."""
        return bool(opened_by(access_of(request.user), action, self.model, [obj.pk]))

    def readable_rows(
        self, request: HttpRequest, rows: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Keep the rows of the companies where the view action is allowed."""
        scope = scoping.current()
        allowed = access_of(request.user).companies(self.view_action)
        if not issubclass(self.model, ScopedModel) or (scope is not None and scope <= allowed):
            return rows
        return rows.filter(Narrowed(models.Q(self.model.readable()), allowed))

    def within_families(
        self, request: HttpRequest, rows: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Keep what stands in the risk families where the user edits; each save asks again."""
        path = getattr(rows.model, "family_path", None)
        if path is None or self.edit_action is None:
            return rows
        access = access_of(request.user)
        limits = [
            access.families(self.edit_action, company)
            for company in companies_allowing(request, self.edit_action)
        ]
        if self.edit_action not in BY_FAMILY or None in limits:
            return rows
        return rows.filter(**{f"{path}__in": frozenset().union(*filter(None, limits))})

    def _editing_actions(self) -> set[Action]:
        actions = set(self.field_actions.values())
        return actions | {self.edit_action} if self.edit_action else actions


def person(request: HttpRequest) -> User:
    """Return the signed-in user; `admin_view` lets nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def companies_allowing(request: HttpRequest, action: Action) -> frozenset[UUID]:
    """Return the companies in scope where the user may do `action`."""
    scope = scoping.current()
    companies = access_of(request.user).companies(action)
    return companies if scope is None else companies & scope
