"""Memberships, groups of django-guardian, passwords and tokens."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from tests.factories import MembershipFactory, RiskFactory, UserFactory
from winvest.core import permissions, scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Forbidden, Invalid, NotFound
from winvest.core.models import ApiToken, AuditEntry, Membership, MembershipRisk, User
from winvest.core.services.access import (
    close_account,
    grant_membership,
    group_name,
    issue_token,
    reopen_account,
    reset_password,
    revoke_membership,
    revoke_token,
    sync_groups,
)

pytestmark = pytest.mark.usefixtures("everything")


def fresh(user: User) -> User:
    """Read the user again, as the next request does."""
    return User.objects.get(pk=user.pk)


def held(user: User) -> set:
    return set(Membership._base_manager.filter(user=user).values_list("company_id", "role"))


@pytest.mark.requirement("1-20", "D.2-01", "G.2-03")
def test_guardian_answers_as_the_table_for_every_role_and_action(company, other_company, user_with):
    for owner in (company, other_company):
        sync_groups(owner)
    for role in Role:
        user = user_with(role, *([] if role is Role.GROUP_ADMIN else [company]))
        for owner in (company, other_company):
            sync_groups(owner)
        for owner in (company, other_company):
            asked = fresh(user)
            by_guardian = {a for a in Action if asked.has_perm(f"core.{a.codename}", owner)}
            by_table = {a for a in Action if permissions.allowed(asked, a, owner.pk)}
            assert by_guardian == by_table, (role, owner)


def test_syncing_twice_changes_nothing_and_takes_back_what_is_too_much(company, user_with):
    user = user_with(Role.SALES, company)
    sync_groups(company)
    group = Group.objects.get(name=group_name(company.pk, Role.SALES))
    Group.objects.get(name=group_name(company.pk, Role.ACCOUNTING)).user_set.add(user)
    sync_groups(company)
    sync_groups(company)
    assert list(user.groups.all()) == [group]


@pytest.mark.requirement("3.8-02", "G.2-03")
def test_a_company_admin_names_people_in_his_company_only(company, other_company, user_with):
    actor, user = user_with(Role.COMPANY_ADMIN, company), UserFactory()
    grant_membership(actor=actor, user=user, company_id=company.pk, role=Role.ADV)
    assert held(user) == {(company.pk, Role.ADV)}
    assert user.groups.get().name == group_name(company.pk, Role.ADV)
    with pytest.raises(NotFound):
        grant_membership(actor=actor, user=user, company_id=other_company.pk, role=Role.SALES)
    with pytest.raises(Forbidden):
        grant_membership(actor=actor, user=user, company_id=None, role=Role.GROUP_ADMIN)
    assert held(user) == {(company.pk, Role.ADV)}


# What each administrator may give in a company, by hand: every right of it is his, or an approval.
GIVEN = {
    Role.GROUP_ADMIN: set(Role) - {Role.GROUP_ADMIN},
    Role.COMPANY_ADMIN: {
        *(Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ADV, Role.LEGAL),
        *(Role.MARKETING, Role.SALES, Role.AUDITOR),
    },
}


@pytest.mark.requirement("3.8-02", "3.8-04", "1-20", "G.2-03")
@pytest.mark.parametrize("admin", GIVEN)
def test_nobody_gives_a_right_that_he_does_not_hold(company, user_with, admin):
    """An accountant's or a technician's rights are no company administrator's: nor his account."""
    actor = user_with(admin, *([] if admin is Role.GROUP_ADMIN else [company]))
    for role in set(Role) - {Role.GROUP_ADMIN}:
        user, holder = UserFactory(), user_with(role, company)
        given = {"actor": actor, "user": user, "company_id": company.pk, "role": role}
        if role in GIVEN[admin]:
            grant_membership(**given)
            assert reset_password(actor=actor, user=holder)
            continue
        for attempt in (
            lambda given=given: grant_membership(**given),
            lambda holder=holder: reset_password(actor=actor, user=holder),
            lambda holder=holder: issue_token(actor=actor, user=holder, name="robot"),
        ):
            with pytest.raises(Forbidden) as refused:
                attempt()
            assert refused.value.code == "access.above_oneself"
        assert held(user) == set()
    # Two roles give what each of them gives.
    both = user_with(Role.COMPANY_ADMIN, company)
    MembershipFactory(user=both, company=company, role=Role.ACCOUNTING)
    grant_membership(
        actor=fresh(both), user=UserFactory(), company_id=company.pk, role=Role.ACCOUNTING
    )


@pytest.mark.requirement("3.8-04", "G.2-03")
def test_nobody_gives_himself_a_role(company, user_with):
    """His rights would allow it, and the two people that an approval asks would be one."""
    for actor in (user_with(Role.COMPANY_ADMIN, company), user_with(Role.GROUP_ADMIN)):
        before = held(actor)
        with pytest.raises(Conflict) as refused:
            grant_membership(actor=actor, user=actor, company_id=company.pk, role=Role.LEGAL)
        assert refused.value.code == "access.oneself"
        assert held(actor) == before


@pytest.mark.requirement("3.8-01", "G.2-03")
def test_a_group_admin_names_another_and_the_last_one_stays(company, user_with):
    actor, user = user_with(Role.GROUP_ADMIN), UserFactory()
    membership = grant_membership(actor=actor, user=user, company_id=None, role=Role.GROUP_ADMIN)
    assert permissions.allowed(fresh(user), Action.COMPANY_EDIT, company.pk)
    revoke_membership(actor=actor, membership=membership)
    assert not permissions.allowed(fresh(user), Action.COMPANY_EDIT, company.pk)
    own = Membership._base_manager.get(user=actor)
    with pytest.raises(Conflict) as refused:
        revoke_membership(actor=actor, membership=own)
    assert refused.value.code == "access.oneself"
    robot = user_with(Role.GROUP_ADMIN)
    User.objects.filter(pk=robot.pk).update(is_service=True)
    with pytest.raises(Conflict) as refused:
        close_account(actor=fresh(robot), user=actor)
    assert refused.value.code == "access.last_group_admin"


@pytest.mark.requirement("G.2-03")
@pytest.mark.parametrize(
    "role", [role for role in Role if role not in permissions.RIGHTS[Action.ACCESS_MANAGE]]
)
def test_other_roles_change_no_access(company, user_with, role):
    actor, user = user_with(role, company), user_with(Role.SALES, company)
    membership = Membership.objects.get(user=user)
    for attempt in (
        lambda: grant_membership(actor=actor, user=user, company_id=company.pk, role=Role.AUDITOR),
        lambda: revoke_membership(actor=actor, membership=membership),
        lambda: reset_password(actor=actor, user=user),
        lambda: issue_token(actor=actor, user=user, name="jeton"),
        lambda: close_account(actor=actor, user=user),
        lambda: reopen_account(actor=actor, user=user),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert held(user) == {(company.pk, Role.SALES)}


def test_an_account_that_works_elsewhere_too_is_the_group_s_matter(
    company, other_company, user_with
):
    actor = user_with(Role.COMPANY_ADMIN, company)
    user = user_with(Role.SALES, company, other_company)
    for attempt in (reset_password, close_account, reopen_account):
        with pytest.raises(Forbidden):
            attempt(actor=actor, user=user)
    above = user_with(Role.COMPANY_ADMIN, company)
    MembershipFactory(user=above, company=None, role=Role.GROUP_ADMIN)
    with pytest.raises(Forbidden):
        reset_password(actor=actor, user=above)


def test_a_drawn_password_opens_the_account_and_is_kept_nowhere(company, user_with):
    user = user_with(Role.SALES, company)
    password = reset_password(actor=user_with(Role.COMPANY_ADMIN, company), user=user)
    assert fresh(user).check_password(password)
    assert password not in fresh(user).password


@pytest.mark.requirement("1-20", "G.2-03")
def test_a_closed_account_is_reopened_and_nothing_of_before_comes_back(
    company, other_company, user_with, client
):
    actor, user = user_with(Role.COMPANY_ADMIN, company), user_with(Role.SALES, company)
    before = reset_password(actor=actor, user=user)
    _, secret = issue_token(actor=actor, user=user, name="CRM")
    client.force_login(fresh(user))
    close_account(actor=actor, user=user)
    # Roles that others gave meanwhile weigh too.
    elsewhere = MembershipFactory(user=user, company=other_company, role=Role.SALES)
    with pytest.raises(Forbidden):
        reopen_account(actor=actor, user=user)
    elsewhere.delete()
    with scoping.everything():
        password = reopen_account(actor=actor, user=user)
    assert fresh(user).is_active
    assert fresh(user).check_password(password)
    assert not fresh(user).check_password(before)
    assert client.get("/").status_code == 302
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert client.get("/api/catalog/products", **bearer).status_code == 401
    assert held(user) == {(company.pk, Role.SALES)}
    with pytest.raises(Conflict) as refused:
        reopen_account(actor=actor, user=user)
    assert refused.value.code == "access.account_open"


@pytest.mark.requirement("G.2-03")
def test_a_token_is_shown_once_and_ends_when_revoked(company, user_with, client):
    actor, user = user_with(Role.COMPANY_ADMIN, company), user_with(Role.SALES, company)
    token, secret = issue_token(
        actor=actor, user=user, name="CRM", expires_at=now() + timedelta(days=30)
    )
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values())
    assert token.is_valid
    revoke_token(actor=actor, token=token)
    ended = ApiToken.objects.get(pk=token.pk)
    revoke_token(actor=actor, token=ended)
    assert not ended.is_valid
    assert ApiToken.objects.get(pk=token.pk).revoked_at == ended.revoked_at


def test_a_chosen_company_narrows_what_is_managed(company, other_company, user_with):
    actor = user_with(Role.GROUP_ADMIN)
    user = user_with(Role.SALES, company)
    with scoping.scope({other_company.pk}):
        grant_membership(actor=actor, user=user, company_id=other_company.pk, role=Role.SALES)
    assert held(user) == {(company.pk, Role.SALES), (other_company.pk, Role.SALES)}


def limit(user: User, company, *risks) -> User:
    """Limit what the user holds in the company to these risk families."""
    membership = Membership._base_manager.get(user=user, company=company)
    for risk in risks:
        MembershipRisk.objects.create(membership=membership, company=company, risk_id=risk.pk)
    return fresh(user)


@pytest.mark.requirement("N-02", "G.2-03")
def test_a_role_is_given_within_one_s_own_families_only(company, other_company, user_with):
    mine, theirs = RiskFactory(company=company), RiskFactory(company=company)
    foreign = RiskFactory(company=other_company)
    actor = limit(user_with(Role.COMPANY_ADMIN, company), company, mine)
    user = UserFactory()
    asked = {"actor": actor, "user": user, "company_id": company.pk, "role": Role.SALES}
    for risks in ((), (theirs.pk,), (mine.pk, theirs.pk)):
        with pytest.raises(Forbidden) as refused:
            grant_membership(**asked, risks=risks)
        assert refused.value.code == "access.other_family"
    given = grant_membership(**asked, risks=(mine.pk,))
    assert [limit.risk_id for limit in given.limits.all()] == [mine.pk]
    assert not fresh(user).groups.exists()
    line = AuditEntry.objects.get(table="membership_risk", record_id=given.limits.get().pk)
    assert (line.action, line.actor_id, line.company_id) == ("insert", actor.pk, company.pk)

    admin = user_with(Role.GROUP_ADMIN)
    with pytest.raises(NotFound):
        grant_membership(**asked | {"actor": admin, "role": Role.ADV}, risks=(foreign.pk,))
    with pytest.raises(Invalid):
        grant_membership(
            **asked | {"actor": admin, "company_id": None, "role": Role.GROUP_ADMIN},
            risks=(mine.pk,),
        )
    assert held(user) == {(company.pk, Role.SALES)}


@pytest.mark.requirement("N-02", "G.2-03")
def test_an_account_of_another_family_is_above_oneself(company, user_with):
    mine, theirs = RiskFactory(company=company), RiskFactory(company=company)
    actor = limit(user_with(Role.COMPANY_ADMIN, company), company, mine)
    near = limit(user_with(Role.SALES, company), company, mine)
    far = limit(user_with(Role.SALES, company), company, theirs)
    whole = user_with(Role.SALES, company)
    assert reset_password(actor=actor, user=near)
    for user in (far, whole):
        for attempt in (
            lambda user: reset_password(actor=actor, user=user),
            lambda user: close_account(actor=actor, user=user),
            lambda user: revoke_membership(
                actor=actor, membership=Membership._base_manager.get(user=user)
            ),
        ):
            with pytest.raises(Forbidden):
                attempt(user)
    revoke_membership(actor=actor, membership=Membership._base_manager.get(user=near))
    assert not MembershipRisk._base_manager.filter(membership__user=near).exists()
