"""Memberships, django-guardian's groups, passwords and tokens (R-01, §3.8, G.2)."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from guardian.models import GroupObjectPermission

from winvest.core import permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.access import (
    AccessRuleProblem,
    check_group_admin_left,
    check_not_above,
    check_within,
)
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Forbidden, Invalid, NotFound
from winvest.core.models.access import ApiToken, Membership, MembershipRisk, User
from winvest.core.models.company import Company
from winvest.core.permissions import access_of
from winvest.core.selectors.access import manages, other_group_admins, risks_of
from winvest.core.transaction import transaction


def group_name(company_id: UUID | None, role: Role) -> str:
    """Return the name of the group of a role in a company; the group's own has no company."""
    return f"{company_id or 'winvest'}:{role.value}"


def sync_groups(company: Company) -> None:
    """Make the groups of a company hold what `permissions.RIGHTS` says, and its members join.

    Running twice changes nothing. The group administrators' group is one for all companies.
    """
    with transaction(None):
        groups = {role: _group(company, role) for role in Role}
        _sync_permissions(company, groups)
        for role, group in groups.items():
            memberships = Membership._base_manager.filter(role=role, limits=None)
            if role is not Role.GROUP_ADMIN:
                memberships = memberships.filter(company=company)
            group.user_set.set(User.objects.filter(pk__in=memberships.values("user")))


def _group(company: Company, role: Role) -> Group:
    owner = None if role is Role.GROUP_ADMIN else company.pk
    group, _ = Group.objects.get_or_create(name=group_name(owner, role))
    return group


def _sync_permissions(company: Company, groups: dict[Role, Group]) -> None:
    content_type = ContentType.objects.get_for_model(Company)
    codenames = {action.codename for action in Action}
    known = {
        permission.codename: permission.pk
        for permission in Permission.objects.filter(
            content_type=content_type, codename__in=codenames
        )
    }
    wanted = {
        (groups[role].pk, known[action.codename])
        for action, roles in permissions.RIGHTS.items()
        for role in roles
    }
    rows = GroupObjectPermission.objects.filter(
        content_type=content_type, object_pk=str(company.pk), group__in=groups.values()
    )
    held = {(row.group_id, row.permission_id): row.pk for row in rows}
    rows.filter(pk__in=[pk for key, pk in held.items() if key not in wanted]).delete()
    GroupObjectPermission.objects.bulk_create(
        GroupObjectPermission(
            group_id=group,
            permission_id=permission,
            content_type=content_type,
            object_pk=str(company.pk),
        )
        for group, permission in sorted(wanted - held.keys())
    )


def grant_membership(
    *,
    actor: User,
    user: User,
    company_id: UUID | None,
    role: Role,
    risks: Collection[UUID] = (),
) -> Membership:
    """Give `user` a role in a company (None: the group's administration) and join its group.

    `risks` limit it to their families (N-02); none, it holds for all. Never above oneself: each
    right of the role is held by who gives it, in these families; only approvals, one half of what
    two people decide, are given without being held. So the accountants and the technicians of a
    company are named by the group. Nobody names himself (G.2).
    """
    _require_managed(actor, company_id)
    _check_own(actor, company_id, role, risks)
    if user.pk == actor.pk:
        raise Conflict(AccessRuleProblem.ONESELF)
    _check_families(company_id, risks)
    with transaction(actor, company_id):
        User.objects.select_for_update().get(pk=user.pk)
        membership = Membership(user=user, company_id=company_id, role=role)
        membership.full_clean()
        membership.save()
        for risk in sorted(set(risks)):
            MembershipRisk.objects.create(
                membership=membership, company_id=company_id, risk_id=risk
            )
        if not risks:
            # A group of guardian knows no family: a limited role is the table's alone.
            group, _ = Group.objects.get_or_create(name=group_name(company_id, role))
            user.groups.add(group)
    return membership


def revoke_membership(*, actor: User, membership: Membership) -> None:
    """Take a role away and leave its group; refused to oneself and for the last group admin.

    Whoever manages the company's accesses may, within his families: it gives nobody a right.
    """
    company_id, role = membership.company_id, Role(membership.role)
    _require_managed(actor, company_id)
    _check_own_families(actor, company_id, risks_of(membership))
    if membership.user_id == actor.pk:
        raise Conflict(AccessRuleProblem.ONESELF)
    with transaction(actor, company_id):
        _lock_group_admins()
        if role is Role.GROUP_ADMIN:
            check_group_admin_left(others=other_group_admins(membership.user))
        membership.user.groups.remove(*Group.objects.filter(name=group_name(company_id, role)))
        membership.delete()


def close_account(*, actor: User, user: User) -> None:
    """Forbid every sign-in and token of `user`; refused to oneself and for the last group admin."""
    require_manages(actor, user)
    if user.pk == actor.pk:
        raise Conflict(AccessRuleProblem.ONESELF)
    with transaction(actor):
        held = _lock_group_admins()
        if user.pk in held:
            check_group_admin_left(others=other_group_admins(user))
        user.is_active = False
        user.save(update_fields=["is_active", "updated_at"])


def reopen_account(*, actor: User, user: User) -> str:
    """Let a closed account sign in again with its roles, and return a drawn password.

    Nothing of before comes back to life: the tokens end, and the password is new, which ends the
    sessions that were open. A service account has no password: the text is empty. Never above
    oneself: `user` holds no role that the actor does not manage.
    """
    require_manages(actor, user)
    password = "" if user.is_service else secrets.token_urlsafe(15)
    with transaction(actor):
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.is_active:
            raise Conflict(AccessRuleProblem.ACCOUNT_OPEN)
        locked.tokens.filter(revoked_at=None).update(revoked_at=now())
        locked.is_active = True
        locked.set_password(password or None)
        locked.save(update_fields=["is_active", "password", "updated_at"])
    return password


def reset_password(*, actor: User, user: User) -> str:
    """Replace the password by a drawn one and return it: it is shown once and nothing keeps it.

    Open sessions end, because they are bound to the password's hash.
    """
    require_manages(actor, user)
    password = secrets.token_urlsafe(15)
    with transaction(actor):
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
    return password


def issue_token(
    *, actor: User, user: User, name: str, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token of the API for `user` and return it with its text, which nothing keeps."""
    require_manages(actor, user)
    token, secret = ApiToken.draw(user=user, name=name, expires_at=expires_at)
    with transaction(actor):
        token.full_clean()
        token.save()
    return token, secret


def revoke_token(*, actor: User, token: ApiToken) -> None:
    """End a token at once; an ended one stays as it is."""
    require_manages(actor, token.user)
    with transaction(actor):
        locked = ApiToken.objects.select_for_update().get(pk=token.pk)
        if locked.revoked_at is None:
            locked.revoked_at = now()
            locked.save(update_fields=["revoked_at", "updated_at"])


def require_manages(actor: User, user: User) -> None:
    """Raise `Forbidden` unless everything `user` holds is under the actor's administration."""
    if not manages(access_of(actor), user):
        raise Forbidden(AccessRuleProblem.ABOVE_ONESELF)


def _check_own(actor: User, company_id: UUID | None, role: Role, risks: Collection[UUID]) -> None:
    """Refuse a role that gives more than the actor's, or in risk families that are not his."""
    _check_own_families(actor, company_id, risks)
    own = access_of(actor).rights(company_id, risks)
    check_not_above(own=own, other=permissions.rights_of([role]))


def _check_own_families(actor: User, company_id: UUID | None, risks: Collection[UUID]) -> None:
    if company_id is not None:
        own = access_of(actor).families(Action.ACCESS_MANAGE, company_id)
        check_within(own=own, other=risks)


def _check_families(company_id: UUID | None, risks: Collection[UUID]) -> None:
    """Refuse families that the actor does not see, and any for the group's administration."""
    if not risks:
        return
    if company_id is None:
        raise Invalid(AccessRuleProblem.GROUP_HAS_NO_FAMILY)
    with scoping.scope({company_id}):
        known = {risk for risk, _ in permissions.families().choices()}
    if not known.issuperset(risks):
        raise NotFound(AccessRuleProblem.UNKNOWN_FAMILY)


def _require_managed(actor: User, company_id: UUID | None) -> None:
    access = access_of(actor)
    if company_id is not None and company_id not in access.all_companies:
        raise NotFound(AccessRuleProblem.UNKNOWN_COMPANY)
    permissions.require(actor, Action.ACCESS_MANAGE, company_id)


def _lock_group_admins() -> set[UUID]:
    """Lock the group's memberships, so that two administrators never remove each other at once."""
    rows: Iterable[UUID] = (
        Membership._base_manager.select_for_update()
        .filter(role=Role.GROUP_ADMIN)
        .order_by("pk")
        .values_list("user_id", flat=True)
    )
    return set(rows)
