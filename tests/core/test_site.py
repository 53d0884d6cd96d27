"""The frame of the back-office: policy, sign-in page, menu by role, companies, search, errors."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from tests.factories import UserFactory
from winvest.core.admin.menu_entries import MENU
from winvest.core.domain.roles import Role
from winvest.core.permissions import RIGHTS

POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "object-src 'none'",
    "base-uri 'none'",
}
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=")


@pytest.mark.django_db
@pytest.mark.requirement("1-22", "13-06")
def test_the_policy_is_strict_and_the_sign_in_page_keeps_it(client):
    response = client.get(reverse("admin:login"))
    directives = set(response.headers["Content-Security-Policy"].split("; "))
    nonce = re.search(r'name="csp-nonce" content="([^"]+)"', response.text)[1]
    assert directives == POLICY | {f"style-src 'self' 'nonce-{nonce}'"}
    assert not INLINE.search(response.text)


@pytest.mark.django_db
def test_the_sign_in_page_tells_nobody_which_accounts_exist(client, user_with):
    known = user_with(Role.GROUP_ADMIN)
    answers = {
        re.search(r"errornote[^>]*>([^<]*)", page.text)[1].strip()
        for page in (
            client.post(reverse("admin:login"), {"username": known.email, "password": "faux"}),
            client.post(reverse("admin:login"), {"username": "x@y.example", "password": "faux"}),
        )
    }
    assert answers == {"Adresse e-mail ou mot de passe incorrect."}


@pytest.mark.parametrize("role", Role)
@pytest.mark.requirement("3.8-01")
def test_the_menu_holds_what_the_role_opens(role, company, user_with, browser_as):
    owners = () if role is Role.GROUP_ADMIN else (company,)
    page = browser_as(user_with(role, *owners)).get(reverse("catalogue")).text
    for group in MENU:
        for item in group.items:
            is_shown = f'href="{reverse(item.url_name)}"' in page
            opens = any(role in RIGHTS[action] for action in item.actions)
            assert is_shown == opens, item.title


@pytest.mark.requirement("3.7-01")
def test_the_home_page_leads_each_role_to_the_catalogue(company, user_with, browser_as):
    for role in Role:
        owners = () if role is Role.GROUP_ADMIN else (company,)
        client = browser_as(user_with(role, *owners))
        page = client.get(reverse("admin:index"), follow=True)
        assert page.redirect_chain == [(reverse("catalogue"), 302)], role
        assert page.status_code == 200, role


def test_whoever_has_no_role_is_told_so_on_a_page_of_his_own(db, browser_as):
    client = browser_as(UserFactory())
    page = client.get(reverse("admin:index"))
    assert page.status_code == 200
    assert "Aucun rôle ne vous est encore attribué." in page.text
    assert client.get(reverse("catalogue")).status_code == 403


def test_every_page_of_the_menu_opens_for_whoever_sees_it(company, user_with, browser_as):
    client = browser_as(user_with(Role.GROUP_ADMIN))
    for group in MENU:
        for item in group.items:
            page = client.get(reverse(item.url_name))
            assert page.status_code == 200, item.title
            lit = re.findall(
                r'<a href="([^"]+)"\s+title="[^"]+"\s+class="[^"]*\bactive\b', page.text
            )
            assert lit == [reverse(item.url_name)], "one entry is lit, its own"


@pytest.mark.requirement("2.1-company-05")
def test_the_switcher_takes_the_users_companies_only(company, other_company, user_with, browser_as):
    client = browser_as(user_with(Role.ACCOUNTING, company))
    page = client.get(reverse("catalogue")).text
    assert company.brand_name in page
    assert other_company.brand_name not in page
    client.post(reverse("admin:switch-company"), {"company": company.code})
    assert client.session["company"] == company.code
    page = client.get(reverse("catalogue")).text
    assert f'<p class="company-mark company-{company.code}">' in page
    client.post(reverse("admin:switch-company"), {"company": other_company.code})
    assert "company" not in client.session


def test_the_switcher_goes_back_to_this_site_only(company, user_with, browser_as):
    client = browser_as(user_with(Role.ACCOUNTING, company))
    url = reverse("admin:switch-company")
    home = reverse("admin:index")
    assert client.post(url, {"next": "https://ailleurs.example/"}).url == home
    assert client.post(url, {"next": "//ailleurs.example/"}).url == home
    assert client.post(url, {"next": "/core/company/"}).url == "/core/company/"
    assert client.get(url).status_code == 405


def test_company_colours_come_as_a_style_sheet(company, other_company, user_with, browser_as):
    company.brand_theme = {"color": "#0f766e"}
    company.save()
    other_company.brand_theme = {"color": "#000000"}
    other_company.save()
    client = browser_as(user_with(Role.ACCOUNTING, company))
    sheet = client.get(reverse("admin:company-theme"))
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "private" in sheet.headers["Cache-Control"]
    assert sheet.text == (".company-AP { --company: #0f766e; --company-secondary: #0f766e; }")


def test_a_colour_that_is_no_colour_is_left_out(company, user_with, browser_as):
    company.brand_theme = {"color": "red; } body { display: none"}
    company.save()
    client = browser_as(user_with(Role.ACCOUNTING, company))
    assert client.get(reverse("admin:company-theme")).text == ""


@pytest.mark.requirement("1-20")
def test_the_search_finds_sections_and_rows_in_scope(company, other_company, user_with, browser_as):
    client = browser_as(user_with(Role.COMPANY_ADMIN, company))
    url = reverse("admin:search")
    assert client.get(url, {"s": "  "}).content == b""
    assert "Utilisateurs" in client.get(url, {"s": "utilisateur"}).text
    found = client.get(url, {"s": company.code}).text
    assert company.legal_name in found
    assert other_company.legal_name not in client.get(url, {"s": other_company.code}).text


def test_nobody_is_told_more_than_where_to_sign_in(client, db):
    for name in ("index", "search", "switch-company", "company-theme"):
        assert client.get(reverse(f"admin:{name}")).url.startswith(reverse("admin:login"))


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (400, "Demande incorrecte"),
        (403, "Accès refusé"),
        (404, "Page introuvable"),
        (429, "Trop de demandes"),
        (500, "Une erreur est survenue"),
    ],
)
def test_error_pages_are_french_and_carry_no_inline_code(status, heading):
    page = render_to_string(f"{status}.html")
    assert heading in page
    assert not INLINE.search(page)


def test_a_page_that_does_not_exist_is_the_french_one(company, user_with, browser_as):
    response = browser_as(user_with(Role.ACCOUNTING, company)).get("/nulle-part/")
    assert response.status_code == 404
    assert "Page introuvable" in response.text
