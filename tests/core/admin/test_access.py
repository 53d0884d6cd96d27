"""Accounts, roles and tokens in the back-office."""

import re

import pytest
from django.urls import reverse

from tests.factories import RiskFactory, UserFactory
from winvest.core import permissions, scoping
from winvest.core.domain.roles import Action, Role
from winvest.core.models import ApiToken, AuditEntry, Membership, User


def roles_form(*rows, initial=0):
    """Return the fields of the roles below an account."""
    data = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": initial}
    for index, row in enumerate(rows):
        data |= {f"memberships-{index}-{name}": value for name, value in row.items()}
    return data


def secret_of(answer) -> str:
    [secret] = re.findall(r"<code>([^<]+)</code>", answer.text)
    return secret


def held(user: User) -> set:
    return set(Membership._base_manager.filter(user=user).values_list("company_id", "role"))


@pytest.mark.requirement("3.8-02", "G.2-03")
def test_a_company_admin_opens_an_account_with_a_role_and_sees_its_password_once(
    company, user_with, browser_as, client
):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    assert browser.get(reverse("admin:core_user_add")).status_code == 200
    answer = browser.post(
        reverse("admin:core_user_add"),
        {"email": "Produit@Winvest.example", "name": "Produit"}
        | roles_form({"company": company.pk, "role": Role.CATALOG_MANAGER}),
    )
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "messages" not in answer.cookies
    user = User.objects.get(email="produit@winvest.example")
    assert held(user) == {(company.pk, Role.CATALOG_MANAGER)}
    assert permissions.allowed(user, Action.CATALOG_EDIT, company.pk)
    assert client.login(username=user.email, password=secret_of(answer))


@pytest.mark.requirement("3.8-02", "3.8-13", "G.2-03")
@pytest.mark.parametrize(
    ("role", "elsewhere"),
    [(Role.SALES, True), (Role.GROUP_ADMIN, False), (Role.ACCOUNTING, False), (Role.IT, False)],
)
def test_no_role_is_given_above_oneself_or_elsewhere(
    role, elsewhere, company, other_company, user_with, browser_as
):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    owner = other_company if elsewhere else company
    answer = browser.post(
        reverse("admin:core_user_add"),
        {"email": "x@winvest.example", "name": "X"}
        | roles_form({"company": owner.pk, "role": role}),
    )
    assert answer.status_code == 200
    assert "Sélectionnez un choix valide" in answer.text
    assert not User.objects.filter(email="x@winvest.example").exists()


def test_an_account_without_a_role_is_refused(company, user_with, browser_as):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    answer = browser.post(
        reverse("admin:core_user_add"), {"email": "x@winvest.example", "name": "X"} | roles_form()
    )
    assert "Donnez au moins un rôle" in answer.text
    assert not User.objects.filter(email="x@winvest.example").exists()


@pytest.mark.requirement("3.8-02", "G.2-03")
def test_a_role_above_oneself_is_told_and_another_is_given_beside_it(
    company, user_with, browser_as
):
    browser, user = browser_as(user_with(Role.COMPANY_ADMIN, company)), user_with(Role.IT, company)
    page = reverse("admin:core_user_change", args=[user.pk])
    told = browser.get(page)
    (role,) = [form["role"] for form in told.context["inline_admin_formsets"][0].formset.forms]
    assert 'value="it" selected' in str(role)
    assert "Nouveau mot de passe" not in told.text
    own = Membership._base_manager.get(user=user)
    given = {"company": company.pk, "role": Role.SALES}
    rows = roles_form({"id": own.pk, "user": user.pk}, given, initial=1)
    assert browser.post(page, rows).status_code == 302
    assert held(user) == {(company.pk, Role.IT), (company.pk, Role.SALES)}


@pytest.mark.requirement("3.8-01", "1-23", "G.2-03")
def test_a_role_taken_away_is_refused_on_the_next_request_and_journalised(
    company, user_with, browser_as
):
    actor, user = user_with(Role.COMPANY_ADMIN, company), user_with(Role.ACCOUNTING, company)
    theirs = browser_as(user)
    exports = reverse("admin:accounting_exportrun_changelist")
    assert theirs.get(exports).status_code == 200
    membership = Membership._base_manager.get(user=user)
    answer = browser_as(actor).post(
        reverse("admin:core_user_change", args=[user.pk]),
        roles_form({"id": membership.pk, "user": user.pk, "DELETE": "on"}, initial=1),
    )
    assert answer.status_code == 302
    assert held(user) == set()
    assert theirs.get(exports).status_code == 403
    with scoping.everything():
        entry = AuditEntry.objects.get(table="membership", action="delete")
    assert (entry.actor_id, entry.actor_role) == (actor.pk, Role.COMPANY_ADMIN)


@pytest.mark.requirement("3.8-13", "G.2-03")
def test_an_account_that_works_elsewhere_shows_only_the_roles_here(
    company, other_company, user_with, browser_as
):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    user = user_with(Role.SALES, company, other_company)
    page = browser.get(reverse("admin:core_user_change", args=[user.pk]))
    assert other_company.code not in page.text
    renamed = browser.post(
        reverse("admin:core_user_change", args=[user.pk]), {"name": "Volé"} | roles_form()
    )
    assert renamed.status_code == 403
    for path in ("new-password", "close"):
        address = f"{reverse('admin:core_user_changelist')}{user.pk}/{path}/"
        assert browser.post(address).status_code == 403
    assert User.objects.get(pk=user.pk).name == user.name


@pytest.mark.requirement("G.2-03")
def test_a_password_is_drawn_and_an_account_closed_after_a_question(
    company, user_with, browser_as, client
):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    user = user_with(Role.SALES, company)
    base = f"{reverse('admin:core_user_changelist')}{user.pk}/"
    before = User.objects.get(pk=user.pk).password
    assert "Tirer un nouveau mot de passe" in browser.get(f"{base}new-password/").text
    assert User.objects.get(pk=user.pk).password == before
    password = secret_of(browser.post(f"{base}new-password/"))
    assert client.login(username=user.email, password=password)
    assert browser.get(f"{base}close/").status_code == 200
    assert browser.post(f"{base}close/").status_code == 302
    assert not client.login(username=user.email, password=password)
    assert browser.post(f"{base}close/").status_code == 403
    page = browser.get(f"{base}change/").text
    assert "Rouvrir le compte" in page
    assert "Fermer le compte" not in page
    assert "Rouvrir le compte de" in browser.get(f"{base}reopen/").text
    password = secret_of(browser.post(f"{base}reopen/"))
    assert client.login(username=user.email, password=password)
    assert browser.post(f"{base}reopen/").status_code == 403


@pytest.mark.requirement("G.2-03")
def test_a_token_is_made_shown_once_and_revoked(company, user_with, browser_as, client):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    user = user_with(Role.CATALOG_MANAGER, company)
    answer = browser.post(
        reverse("admin:core_apitoken_add"),
        {"user": user.pk, "name": "CRM", "expires_at_0": "", "expires_at_1": ""},
    )
    secret = secret_of(answer)
    assert "messages" not in answer.cookies
    token = ApiToken.objects.get(name="CRM")
    page = reverse("admin:core_apitoken_change", args=[token.pk])
    assert secret not in browser.get(page).text
    headers = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/catalog/products", headers=headers).status_code == 200
    assert browser.post(page.replace("change", "revoke")).status_code == 302
    assert client.get("/api/catalog/products", headers=headers).status_code == 401
    assert "Révoqué" in browser.get(page).text


@pytest.mark.requirement("3.8-13", "G.2-03")
def test_no_token_is_made_for_an_account_of_another_company(
    company, other_company, user_with, browser_as
):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    for user in (user_with(Role.SALES, other_company), UserFactory()):
        answer = browser.post(
            reverse("admin:core_apitoken_add"),
            {"user": user.pk, "name": "Vol", "expires_at_0": "", "expires_at_1": ""},
        )
        assert "Sélectionnez un choix valide" in answer.text
    assert not ApiToken.objects.filter(name="Vol").exists()


@pytest.mark.requirement("N-02", "G.2-03")
def test_a_role_is_given_for_some_risk_families(company, other_company, user_with, browser_as):
    risk, foreign = RiskFactory(company=company), RiskFactory(company=other_company)
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    add = reverse("admin:core_user_add")
    page = browser.get(add).text
    assert risk.label in page
    assert foreign.label not in page
    row = {"company": company.pk, "role": Role.CATALOG_MANAGER}
    account = {"email": "box@winvest.example", "name": "Box"}
    refused = browser.post(add, account | roles_form(row | {"risks": [foreign.pk]}))
    assert "Sélectionnez un choix valide" in refused.text
    assert browser.post(add, account | roles_form(row | {"risks": [risk.pk]})).status_code == 200
    user = User.objects.get(email="box@winvest.example")
    assert permissions.allowed(user, Action.CATALOG_EDIT, company.pk, risk.pk)
    assert not permissions.allowed(user, Action.CATALOG_EDIT, company.pk)
    shown = browser.get(reverse("admin:core_user_change", args=[user.pk]))
    assert f"{risk.label} ({company.code})" in shown.text
    assert "certaines familles" in browser.get(reverse("admin:core_user_changelist")).text
