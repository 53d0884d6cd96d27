"""Every page of the back-office: it opens by right, and shows nothing of another company."""

from contextlib import nullcontext

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.factories import CompanyFactory
from tests.support.blank import blank_pages
from tests.support.demo import undone
from tests.support.world import make_world
from winvest.core import scoping
from winvest.core.domain.roles import Action, Role
from winvest.core.permissions import RIGHTS

PAGES = {
    "core_company": Action.CATALOG_VIEW,
    "core_brand": Action.CATALOG_VIEW_ALL,
    "core_user": Action.ACCESS_MANAGE,
    "core_apitoken": Action.ACCESS_MANAGE,
    "core_auditentry": Action.AUDIT_VIEW,
    "core_audittrail": Action.AUDIT_VIEW,
    "core_job": Action.AUDIT_VIEW,
    "core_importrun": Action.CATALOG_EDIT,
    "partners_partner": Action.CATALOG_VIEW,
    "partners_partnercredential": Action.PARTNER_CREDENTIALS,
    "catalog_risk": Action.CATALOG_VIEW,
    "catalog_product": Action.CATALOG_VIEW,
    "catalog_productversion": Action.CATALOG_VIEW_ALL,
    "catalog_negotiatedprice": Action.CATALOG_VIEW_ALL,
    "catalog_promotion": Action.CATALOG_VIEW_ALL,
    "catalog_saleagreement": Action.CATALOG_VIEW_ALL,
    "catalog_salesban": Action.CATALOG_VIEW_ALL,
    "catalog_publication": Action.CATALOG_VIEW_ALL,
    "catalog_cqrule": Action.CATALOG_VIEW_ALL,
    "catalog_externalmapping": Action.CATALOG_VIEW_ALL,
    "integrations_webhookendpoint": Action.INTEGRATION_CONSOLE,
    "integrations_webhookevent": Action.INTEGRATION_CONSOLE,
    "documents_productdocument": Action.CATALOG_VIEW_ALL,
    "commissions_commissionscheme": Action.COMMISSION_VIEW,
    "commissions_beneficiary": Action.COMMISSION_VIEW,
    "accounting_accountingmapping": Action.ACCOUNTING_VIEW,
    "accounting_companyaccount": Action.ACCOUNTING_VIEW,
    "accounting_operation": Action.ACCOUNTING_VIEW,
    "accounting_entry": Action.ACCOUNTING_VIEW,
    "accounting_exportrun": Action.ACCOUNTING_VIEW,
    "accounting_pricegridexport": Action.CATALOG_VIEW_ALL,
}
# One worker: the rows are made once.
pytestmark = pytest.mark.xdist_group("pages")
WITHOUT_HISTORY = {
    "integrations_webhookevent",
    "core_user",
    "core_apitoken",
    "core_auditentry",
    "core_audittrail",
    "core_job",
    "core_importrun",
    "accounting_operation",
    "accounting_entry",
    "accounting_exportrun",
    "accounting_pricegridexport",
}


def reader(page: str) -> Role:
    """Return a role of one company that reads the page."""
    if page == "partners_partnercredential" or page.startswith("integrations"):
        return Role.IT
    return Role.ACCOUNTING if page.startswith("acc") else Role.COMPANY_ADMIN


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    """Make a row for every page in each company, once for the module."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        yield tuple(make_world(CompanyFactory(code=code)) for code in ("AP", "MTV"))


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(worlds, django_db_blocker):
    """Undo what each test writes."""
    with django_db_blocker.unblock(), undone():
        yield


@pytest.fixture
def company(worlds):
    return worlds[0]["core_company"]


@pytest.fixture
def other_company(worlds):
    return worlds[1]["core_company"]


def test_every_page_is_in_the_table():
    registered = {
        f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry
    }
    assert registered - PAGES.keys() == {
        *("core_vatrate", "catalog_indexvalue", "documents_documenttype"),
        "core_notification",  # each reads his own (`tests/core/services/test_notifications.py`)
    }
    assert registered >= PAGES.keys()


@pytest.mark.requirement("1-20", "3.8-01", "3.8-02", "3.8-06", "3.8-13", "G.2-03")
@pytest.mark.parametrize("role", Role)
def test_pages_open_by_role_and_another_company_does_not_exist(
    role, worlds, company, other_company, user_with, browser_as
):
    own, other = worlds
    group = role is Role.GROUP_ADMIN
    browser = browser_as(user_with(role, *([] if group else [company])))
    for page, action in PAGES.items():
        may = role in RIGHTS[action]
        # What a page says is looked at for one of its readers, and for those who read otherwise.
        with nullcontext() if role in (reader(page), Role.SALES) else blank_pages():
            listed = browser.get(reverse(f"admin:{page}_changelist"))
            shown = browser.get(reverse(f"admin:{page}_change", args=[own[page].pk]))
            hidden = browser.get(reverse(f"admin:{page}_change", args=[other[page].pk]))
        assert listed.status_code == (200 if may else 403), page
        assert shown.status_code == (200 if may else 403), page
        assert hidden.status_code == (403 if not may else 200 if group else 404), page
        if may and not group:
            for answer in (listed, shown):
                assert f"canari-{other_company.code}" not in answer.content.decode(), page
                assert f"/{other[page].pk}/" not in answer.content.decode(), page


@pytest.mark.requirement("1-23", "3.8-13")
@pytest.mark.parametrize("page", sorted(PAGES.keys() - WITHOUT_HISTORY))
def test_histories_follow_their_rows(page, worlds, company, user_with, browser_as):
    own, other = worlds
    browser = browser_as(user_with(reader(page), company))
    shown = browser.get(reverse(f"admin:{page}_history", args=[own[page].pk]))
    assert shown.status_code == 200
    assert browser.get(reverse(f"admin:{page}_history", args=[other[page].pk])).status_code == 404
    assert browser.get(reverse(f"admin:{page}_history", args=["nimporte"])).status_code == 404


@pytest.mark.requirement("3.8-13")
@pytest.mark.parametrize("page", sorted(PAGES))
def test_search_finds_ones_own_rows_only(
    page, worlds, company, other_company, user_with, browser_as
):
    actor = user_with(reader(page), company)
    browser = browser_as(actor)
    address = reverse(f"admin:{page}_changelist")
    for text in ("canari", "CÀNARI", "%", "_", "a\x00b", "' OR 1=1 --", "x" * 500):
        answer = browser.get(address, {"q": text})
        assert answer.status_code in (200, 302), text
        assert f"canari-{other_company.code}" not in answer.content.decode()


@pytest.mark.parametrize("page", sorted(PAGES))
@blank_pages()
def test_odd_addresses_are_not_errors(page, worlds, company, user_with, browser_as):
    browser = browser_as(user_with(reader(page), company))
    address = reverse(f"admin:{page}_changelist")
    for query in (
        "p=999",
        "o=99.-1",
        "e=1",
        "all=",
        "_facets=1",
        "id__exact=1",
        "company__legal_name__startswith=M",
        "password__startswith=p",
        "_to_field=x",
    ):
        assert browser.get(f"{address}?{query}").status_code in (200, 302, 400), query
    for pk in ("1", "nimporte", "00000000-0000-0000-0000-000000000000", "_5F", "a/b"):
        found = browser.get(f"{address}{pk}/change/").status_code
        assert found == 404, pk


@pytest.mark.requirement("3.8-13")
def test_an_anonymous_visitor_is_sent_to_the_sign_in_page(worlds, client):
    own, _ = worlds
    for page, row in own.items():
        for address in (
            reverse(f"admin:{page}_changelist"),
            reverse(f"admin:{page}_change", args=[row.pk]),
        ):
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer["Location"].startswith(reverse("admin:login"))
