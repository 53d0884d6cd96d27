"""Whose accounts an administrator sees and may change."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from winvest.core import scoping
from winvest.core.domain.access import rank
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import Membership, User
from winvest.core.permissions import Access


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
    held = list(Membership._base_manager.filter(user=user).values_list("company_id", "role"))
    if not held:
        return access.allowed(Action.ACCESS_MANAGE, None)
    return all(
        access.allowed(Action.ACCESS_MANAGE, company)
        and rank([Role(role)]) <= rank(access.roles(company))
        for company, role in held
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
