"""The one table of rights, and the one question anyone asks (`design/domain.md` §11, R-01).

A membership gives a role in a company; the group administrator's holds for every company.
django-guardian's groups mirror the table for libraries that ask `has_perm`
(`winvest.core.services.access`); a test keeps both equal.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from winvest.core import scoping
from winvest.core.domain.access import is_within
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Forbidden, Problem
from winvest.core.models.access import User

GA, CA, CM = Role.GROUP_ADMIN, Role.COMPANY_ADMIN, Role.CATALOG_MANAGER
CO, AD, JU, IT = Role.ACCOUNTING, Role.ADV, Role.LEGAL, Role.IT
MK, VE, AU = Role.MARKETING, Role.SALES, Role.AUDITOR

RIGHTS: dict[Action, frozenset[Role]] = {
    Action.CATALOG_VIEW: frozenset(Role),
    Action.CATALOG_VIEW_ALL: frozenset({GA, CA, CM, CO, AD, JU, IT, AU}),
    Action.CATALOG_EDIT: frozenset({GA, CA, CM}),
    Action.PRICING_EDIT: frozenset({GA, CA, CM}),
    Action.COMMISSION_EDIT: frozenset({GA, CA, CM}),
    Action.VERSION_SUBMIT: frozenset({GA, CA, CM}),
    Action.VERSION_RELEASE: frozenset({GA, CA, CM}),
    Action.VERSION_WITHDRAW: frozenset({GA, CA, CM}),
    Action.LIFECYCLE_MOVE: frozenset({GA, CA, CM}),
    Action.COMMISSION_VIEW: frozenset({GA, CA, CM, CO, AU}),
    Action.DOCUMENT_EDIT: frozenset({GA, CA, CM, AD, JU}),
    Action.CQ_EDIT: frozenset({GA, CA, AD}),
    Action.MAPPING_EDIT: frozenset({GA, CO}),
    Action.MAPPING_VALIDATE: frozenset({GA, CO}),
    Action.ACCOUNTING_SETTINGS: frozenset({GA, CO}),
    Action.PERIOD_CLOSE: frozenset({GA, CO}),
    Action.EXPORT_RUN: frozenset({GA, CO}),
    Action.LETTERING_EDIT: frozenset({GA, CO}),
    Action.APPROVE_PRODUCT: frozenset({CA, CM}),
    Action.APPROVE_ACCOUNTING: frozenset({CO}),
    Action.APPROVE_COMPLIANCE: frozenset({JU, AD}),
    Action.APPROVE_INTEGRATION: frozenset({IT}),
    Action.PUBLICATION_EDIT: frozenset({AD, CA, GA}),
    Action.PUBLICATION_PUBLISH: frozenset({AD, CA, GA}),
    Action.LIFECYCLE_FREEZE: frozenset({AD, CM, CA, GA}),
    Action.LIFECYCLE_UNFREEZE: frozenset({AD, CM, CA, GA}),
    Action.LIFECYCLE_RETIRE: frozenset({CM, CA, GA}),
    Action.PARTNER_EDIT: frozenset({GA, CA, CM}),
    Action.PARTNER_ONBOARD: frozenset({GA, CA, CM}),
    Action.PARTNER_IBAN: frozenset({GA, CO}),
    Action.PARTNER_CREDENTIALS: frozenset({GA, IT}),
    Action.INTEGRATION_CONSOLE: frozenset({GA, IT}),
    Action.WEBHOOK_REPLAY: frozenset({GA, IT}),
    Action.OPERATION_POST: frozenset({GA, CO}),
    Action.ACCOUNTING_VIEW: frozenset({GA, CA, CO, AU}),
    Action.SIMULATE: frozenset(Role) - {AU},
    Action.QUOTE: frozenset(Role) - {AU},
    Action.NOTIFICATION_PUBLISH: frozenset({MK, CA, GA}),
    Action.AUDIT_VIEW: frozenset({GA, CA, AU, IT}),
    Action.AUDIT_EXPORT: frozenset({GA, CA, AU, IT}),
    Action.ACCESS_MANAGE: frozenset({GA, CA}),
    Action.COMPANY_EDIT: frozenset({GA}),
}

# What a membership limited to some risk families opens there only (N-02, R-09); the rest of its
# role, reading first of all, holds for the whole company.
BY_FAMILY: frozenset[Action] = frozenset(
    {
        *(Action.CATALOG_EDIT, Action.PRICING_EDIT, Action.COMMISSION_EDIT, Action.DOCUMENT_EDIT),
        *(Action.CQ_EDIT, Action.MAPPING_EDIT, Action.MAPPING_VALIDATE),
        *(Action.VERSION_SUBMIT, Action.VERSION_RELEASE, Action.VERSION_WITHDRAW),
        *(Action.LIFECYCLE_MOVE, Action.LIFECYCLE_FREEZE, Action.LIFECYCLE_UNFREEZE),
        *(Action.LIFECYCLE_RETIRE, Action.PUBLICATION_EDIT, Action.PUBLICATION_PUBLISH),
        *(Action.APPROVE_PRODUCT, Action.APPROVE_ACCOUNTING, Action.APPROVE_COMPLIANCE),
        Action.APPROVE_INTEGRATION,
    }
)


def rights_of(roles: Iterable[Role]) -> frozenset[Action]:
    """Return all that roles allow together."""
    held = frozenset(roles)
    return frozenset(action for action, granted in RIGHTS.items() if granted & held)


class AccessProblem(Problem):
    """Why a person is refused."""

    FORBIDDEN = "access.forbidden", "Votre rôle ne permet pas cette action."


@dataclass(frozen=True, slots=True)
class Access:
    """What one user may do, read once per request: roles by company, and group-wide roles.

    `limits` gives, by company, the roles that hold in some risk families only, with their risks.
    """

    user_id: UUID
    group_wide: frozenset[Role]
    by_company: dict[UUID, frozenset[Role]]
    limits: Mapping[UUID, Mapping[Role, frozenset[UUID]]] = field(default_factory=dict)

    @property
    def all_companies(self) -> frozenset[UUID]:
        """Every company where the user holds a role."""
        return frozenset(self.by_company)

    def roles(self, company_id: UUID | None) -> frozenset[Role]:
        """Roles held in a company; without a company, the group-wide ones."""
        if company_id is None:
            return self.group_wide
        return self.by_company.get(company_id, frozenset())

    def allowed(self, action: Action, company_id: UUID | None, risk_id: UUID | None = None) -> bool:
        """Whether the action is allowed in the company (None: for the whole group).

        An action of `BY_FAMILY` is asked for a risk: without one, limited roles do not open it.
        """
        granting = RIGHTS[action] & self.roles(company_id)
        limits = self.limits.get(company_id) if company_id else None
        if not limits or action not in BY_FAMILY:
            return bool(granting)
        return any(role not in limits or risk_id in limits[role] for role in granting)

    def allowed_on(self, action: Action, row: Any, company_id: UUID | None) -> bool:
        """Whether the action is allowed on a row of the company, whose risk it tells."""
        asked = company_id in self.limits and action in BY_FAMILY
        return self.allowed(action, company_id, row.family_risk() if asked else None)

    def families(self, action: Action, company_id: UUID) -> frozenset[UUID] | None:
        """Return the only risks in which the action is allowed in the company; None: in all."""
        limits = self.limits.get(company_id, {})
        granting = RIGHTS[action] & self.roles(company_id)
        if any(role not in limits for role in granting):
            return None
        return frozenset().union(*(limits[role] for role in granting))

    def rights(self, company_id: UUID | None, risks: Collection[UUID] = ()) -> frozenset[Action]:
        """Return all that is held in a company (None: for the group), in these families or in all."""
        if company_id is None:
            return rights_of(self.group_wide)
        return frozenset(
            action
            for action in RIGHTS
            if is_within(own=self.families(action, company_id), other=risks)
        )

    def companies(self, action: Action) -> frozenset[UUID]:
        """Companies where the action is allowed, in some risk family at least."""
        granted = RIGHTS[action]
        return frozenset(
            company for company, roles in self.by_company.items() if not granted.isdisjoint(roles)
        )

    def anywhere(self, action: Action) -> bool:
        """Whether the action is allowed somewhere: in a company, a family, or for the group."""
        return self.allowed(action, None) or bool(self.companies(action))


class HeldRole(NamedTuple):
    """A membership as `MEMBERSHIPS` reads it.

    `companies` are those where the role holds: the membership's, all of them for the group's;
    `risks` those that limit it.
    """

    company_id: UUID | None
    role: str
    risks: Collection[UUID]
    companies: Collection[UUID]


# Written by hand, because every request begins by it: Django takes longer to write it than
# PostgreSQL to answer.
MEMBERSHIPS = """
SELECT m.company_id, m.role,
  ARRAY(SELECT r.risk_id FROM membership_risk r WHERE r.membership_id = m.id) AS risks,
  CASE WHEN m.company_id IS NULL THEN ARRAY(SELECT c.id FROM company c)
    ELSE ARRAY[m.company_id] END AS companies
FROM membership m WHERE m.user_id = %(user)s
"""


def access_of(user: User | AnonymousUser) -> Access:
    """Return the rights of `user`, read from the memberships once per request.

    The answer is kept on the user object, which lives as long as the request: a revoked role is
    refused on the next one. An anonymous or inactive user holds nothing.
    """
    cached: Access | None = getattr(user, "_winvest_access", None)
    if cached is None:
        cached = _read_access(user)
        user._winvest_access = cached  # type: ignore[union-attr]
    return cached


@dataclass(frozen=True, slots=True)
class RiskFamilies:
    """What the catalogue says of risks: `expand` adds the descendants, `choices` names them."""

    expand: Callable[[Collection[UUID]], Mapping[UUID, frozenset[UUID]]]
    choices: Callable[[], list[tuple[UUID, str]]]


_families: list[RiskFamilies] = []

# An action, its company (None: the group) and its risk (None: of none).
Right = tuple[Action, UUID | None, UUID | None]
_granted: ContextVar[set[Right] | None] = ContextVar("granted", default=None)


@contextmanager
def noting() -> Iterator[set[Right]]:
    """Note the rights on which what happens inside rests, to ask them again another day."""
    granted: set[Right] = set()
    token = _granted.set(granted)
    try:
        yield granted
    finally:
        _granted.reset(token)


def note(action: Action, company_id: UUID | None, row: Any = None) -> None:
    """Note a right that was granted, on a row if its family matters."""
    granted = _granted.get()
    if granted is not None:
        risk = row.family_risk() if row is not None and action in BY_FAMILY else None
        granted.add((action, company_id, risk))


def register_families(families: RiskFamilies) -> None:
    """Take the families from the application above that owns them, in `AppConfig.ready()`."""
    _families[:] = [families]


def families() -> RiskFamilies:
    """Return the families that the catalogue has registered."""
    return _families[0]


def _read_access(user: User | AnonymousUser) -> Access:
    if not isinstance(user, User) or not user.is_active:
        return Access(UUID(int=0), frozenset(), {})
    with connection.cursor() as cursor:
        cursor.execute(MEMBERSHIPS, {"user": user.pk})
        return access_held(user.pk, [HeldRole(*row) for row in cursor.fetchall()])


def give_access(user: User, rows: Collection[HeldRole]) -> None:
    """Let `access_of` answer by these memberships, read with the user.

    They are all of his, as they are now: a statement that reads the caller reads them too.
    """
    user._winvest_access = (  # type: ignore[attr-defined]
        access_held(user.pk, rows) if user.is_active else Access(UUID(int=0), frozenset(), {})
    )


def access_held(user_id: UUID, rows: Collection[HeldRole]) -> Access:
    """Return the rights that all the memberships of an active account give it."""
    by_company: dict[UUID, set[Role]] = defaultdict(set)
    group_wide: set[Role] = set()
    for row in rows:
        if row.company_id is None:
            group_wide.add(Role(row.role))
        for company_id in row.companies:
            by_company[company_id].add(Role(row.role))
    return Access(
        user_id,
        frozenset(group_wide),
        {company: frozenset(roles) for company, roles in by_company.items()},
        _limits(rows),
    )


def _limits(rows: Collection[HeldRole]) -> dict[UUID, dict[Role, frozenset[UUID]]]:
    """Return the limited roles by company, the risks completed by their descendants."""
    named = {risk for row in rows for risk in row.risks}
    if not named:
        return {}
    with scoping.everything():
        expanded = families().expand(named)
    limits: dict[UUID, dict[Role, frozenset[UUID]]] = defaultdict(dict)
    for row in rows:
        if row.company_id is not None and row.risks:
            risks = frozenset().union(*(expanded[risk] for risk in row.risks))
            limits[row.company_id][Role(row.role)] = risks
    return dict(limits)


def allowed(
    user: User | AnonymousUser,
    action: Action,
    company_id: UUID | None,
    risk_id: UUID | None = None,
) -> bool:
    """Whether `user` may do `action` in the company: the only question anyone asks.

    `risk_id` is the risk of what it is done to: a membership may hold in some families (N-02).
    """
    return access_of(user).allowed(action, company_id, risk_id)


def require(
    user: User | AnonymousUser,
    action: Action,
    company_id: UUID | None,
    risk_id: UUID | None = None,
) -> None:
    """Raise `Forbidden` unless `user` may do `action` in the company (and the risk)."""
    if not allowed(user, action, company_id, risk_id):
        raise Forbidden(AccessProblem.FORBIDDEN)
    granted = _granted.get()
    if granted is not None:
        granted.add((action, company_id, risk_id))


def require_on(
    user: User | AnonymousUser, action: Action, row: Any, company_id: UUID | None = None
) -> None:
    """Raise `Forbidden` unless `user` may do `action` on the row, in its company by default."""
    owner = company_id or row.company_id
    if not access_of(user).allowed_on(action, row, owner):
        raise Forbidden(AccessProblem.FORBIDDEN)
    note(action, owner, row)


def read_again(user: User) -> Access:
    """Return the rights that the user has now, whatever was read before."""
    return _read_access(User.objects.get(pk=user.pk))
