"""Whose accounts an administrator sees and may change."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from winvest.core import scoping
from winvest.core.domain.access import is_above, is_within
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import Membership, MembershipRisk, User
from winvest.core.permissions import Access, rights_of

_LIMITS = Prefetch("limits", queryset=MembershipRisk._base_manager.all())


def managed_companies(access: Access) -> frozenset[UUID]:
    """Companies in scope whose accesses the user manages."""
    scope = scoping.current()
    companies = access.companies(Action.ACCESS_MANAGE)
    return companies if scope is None else companies & scope


def managed_memberships(access: Access) -> QuerySet[Membership]:
    """Memberships that the user manages: of his companies, and the group's for its own admins."""
    condition = Q(company__in=managed_companies(access))
    if access.allowed(Action.ACCESS_MANAGE, None):
        condition |= Q(company__isnull=True)
    # Group memberships have no company: the scope's own filter cannot see them.
    return Membership._base_manager.filter(condition)


def visible_users(access: Access) -> QuerySet[User]:
    """Users with a membership that the user manages; the group's admins see those without any."""
    memberships = Membership._base_manager.filter(user=OuterRef("pk"))
    condition = Q(Exists(managed_memberships(access).filter(user=OuterRef("pk"))))
    if access.allowed(Action.ACCESS_MANAGE, None):
        condition |= ~Q(Exists(memberships))
    return User.objects.filter(condition)


def manages(access: Access, user: User) -> bool:
    """Whether all that `user` holds is managed by the owner of `access`, and not above him.

    The account itself (name, password, tokens, closing) touches every company where it works.
    """
    held = list(Membership._base_manager.filter(user=user).prefetch_related(_LIMITS))
    if not held:
        return access.allowed(Action.ACCESS_MANAGE, None)
    return all(_manages_one(access, membership) for membership in held)


def risks_of(membership: Membership) -> list[UUID]:
    """Return the risks to whose families the membership is limited; none, it holds for all."""
    rows = MembershipRisk._base_manager.filter(membership=membership)
    return list(rows.values_list("risk_id", flat=True))


def _manages_one(access: Access, held: Membership) -> bool:
    company = held.company_id
    if not access.allowed(Action.ACCESS_MANAGE, company):
        return False
    risks = [limit.risk_id for limit in held.limits.all()]
    if is_above(own=access.rights(company, risks), other=rights_of([Role(held.role)])):
        return False
    return company is None or is_within(
        own=access.families(Action.ACCESS_MANAGE, company), other=risks
    )


def other_group_admins(user: User) -> int:
    """Count the active group administrators besides `user`."""
    return (
        Membership._base_manager.filter(
            role=Role.GROUP_ADMIN, user__is_active=True, user__is_service=False
        )
        .exclude(user=user)
        .count()
    )
