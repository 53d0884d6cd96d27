"""The whole list behind each tile of « Mes tâches » : as many rows as the tile says, and those only (4-05)."""

import re
from html import unescape

import pytest
from django.urls import reverse

from accounting.choices import MappingState
from catalog.choices import ApprovalDomain, RevenueModel, VersionState, WizardStep
from catalog.models import ProductVersion
from catalog.services.copies import duplicate_version
from catalog.services.wizard import open_draft
from tests.factories import (
    START,
    MappingFactory,
    PlannedSaleFactory,
    VersionFactory,
    WizardDraftFactory,
)
from tests.support.forms import form_of
from tests.support.offers import make_whole
from tests.support.publishable import REVIEWERS, add_document, release
from tests.support.query_counts import check_query_count
from winvest.backoffice.dashboard.views import MINE
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def waiting(company, number, **product):
    for place in range(number):
        VersionFactory(
            product__company=company,
            product__name=f"Produit {place:03}",
            **{f"product__{key}": value for key, value in product.items()},
            state=VersionState.IN_REVIEW,
            submitted_at=START,
        )


def labels(page):
    return re.findall(r'tile-label">\s*<a href="[^"]*">([^<]+)<', page)


def tile(browser, name):
    return browser.get(reverse("dashboard-figures", args=[name])).text


@pytest.mark.requirement("4-05", "4-09")
def test_a_tile_says_how_many_there_are_and_leads_to_them_all(
    company, other_company, user_with, browser_as
):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    waiting(company, 20)
    waiting(other_company, 3)
    whole = reverse("my-tasks", args=["approbations"])
    assert whole not in tile(browser, "approbations")
    waiting(company, 35)
    shown = tile(browser, "approbations")
    assert len(labels(shown)) == 20
    assert "20 sur 55" in shown
    assert f'href="{whole}"' in shown
    first, second = (browser.get(whole, {"page": number}).text for number in (1, 2))
    assert "55 au total" in first
    assert [len(labels(first)), len(labels(second))] == [50, 5]
    assert "Page 2 sur 2" in second
    # A number that is none of a page shows the nearest one.
    assert labels(browser.get(whole, {"page": "99"}).text) == labels(second)
    assert labels(browser.get(whole, {"page": "x"}).text) == labels(first)


@pytest.mark.requirement("4-05")
def test_accounts_to_enter_then_to_validate_are_one_list(company, user_with, browser_as):
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    waiting(company, 45, revenue_model=RevenueModel.REVENUE)
    for _ in range(30):
        MappingFactory(product_version__product__company=company, state=MappingState.TO_VALIDATE)
    assert "40 sur 75" in tile(accountant, "mappings")
    whole = reverse("my-tasks", args=["mappings"])
    first, second = (accountant.get(whole, {"page": number}).text for number in (1, 2))
    assert (first.count("À saisir"), first.count("À valider")) == (45, 5)
    assert (second.count("À saisir"), second.count("À valider")) == (0, 25)


def decide(browser, version, domain, decision="approved"):
    page = reverse("admin:catalog_productversion_review", args=[version.pk])
    said = {"domain": domain, "decision": decision, "comment": "Vu."}
    assert browser.post(page, said).status_code == 302


@pytest.mark.requirement("4-05", "3.4-05")
def test_an_account_is_a_task_until_it_is_entered_whatever_the_version_becomes(
    company, user_with, browser_as
):
    author = user_with(Role.CATALOG_MANAGER, company)
    manager, accountant = browser_as(author), browser_as(user_with(Role.ACCOUNTING, company))
    made = make_whole(company, sku="COMPTE-1", name="Bouquet")
    version = duplicate_version(actor=author, version=made)
    add_document(version, "CGV")

    def send():
        draft = open_draft(actor=author, version=version, reached=WizardStep.PUBLICATION)
        page = reverse("wizard-step", args=[draft.pk, WizardStep.PUBLICATION.value])
        sent = manager.post(page, form_of(manager.get(page)) | {"_submit": ""})
        assert sent.url == reverse("product-sheet", args=[version.product_id])

    def asked():
        found = f"Compte manquant, {company.brand_name}" in tile(accountant, "mappings")
        accountant.get(reverse("my-work"))
        assert ('title="À faire">' in accountant.get(reverse("catalogue")).text) == found
        return found

    reviewers = {
        domain: browser_as(user_with(role, company))
        for domain, role in REVIEWERS.items()
        if domain != ApprovalDomain.INTEGRATION
    }
    assert not asked()
    send()
    assert asked()
    decide(reviewers["product"], version, "product", "refused")
    assert not asked()
    send()
    for domain, browser in reviewers.items():
        decide(browser, version, domain)
    assert asked()
    page = reverse("admin:catalog_productversion_release", args=[version.pk])
    assert manager.post(page, {"_confirm": ""}).status_code == 302
    version.refresh_from_db()
    assert version.state == VersionState.RELEASED
    assert asked()
    # The checklist of the same version still waits for it.
    page = reverse("admin:catalog_productversion_checklist", args=[version.pk])
    blocked = browser_as(user_with(Role.ADV, company)).get(page)
    assert "n'a pas de compte « CA »" in unescape(blocked.text)
    MappingFactory(product_version=version)
    assert not asked()


@pytest.mark.requirement("4-05")
def test_no_account_is_asked_of_what_is_over_or_that_others_alone_sell(
    company, other_company, user_with, browser_as
):
    accountant = browser_as(user_with(Role.ACCOUNTING, company))

    def asked(version):
        return f"{version.product.name} v1" in labels(tile(accountant, "mappings"))

    version = VersionFactory(product__company=company, product__name="Bouquet")
    release(version)
    # Nobody planned to sell it: whoever puts it on sale is told who enters the account.
    assert not asked(version)
    sale = PlannedSaleFactory(product_version=version, seller=other_company)
    assert not asked(version)
    sale.seller = company
    sale.save()
    assert asked(version)
    ProductVersion.objects.filter(pk=version.pk).update(effective_to=now())
    assert not asked(version)


@pytest.mark.requirement("4-05")
def test_every_list_opens_to_whom_its_tile_opens(company, user_with, browser_as):
    admin = browser_as(user_with(Role.GROUP_ADMIN))
    seller = browser_as(user_with(Role.SALES, company))
    for one in MINE:
        page = reverse("my-tasks", args=[one.name])
        opened = admin.get(reverse("dashboard-figures", args=[one.name])).status_code
        assert admin.get(page).status_code == opened, one.name
        assert seller.get(page).status_code == 404, one.name
    # Figures that are no rows have no list.
    assert admin.get(reverse("my-tasks", args=["produits"])).status_code == 404


def test_a_list_asks_as_much_for_two_rows_as_for_twenty(company, user_with, browser_as):
    manager = user_with(Role.COMPANY_ADMIN, company)
    browser = browser_as(manager)

    def add_rows(number):
        waiting(company, number)
        for _ in range(number):
            WizardDraftFactory(user=manager, product_version__product__company=company)

    def read():
        for name in ("approbations", "brouillons"):
            assert browser.get(reverse("my-tasks", args=[name])).status_code == 200

    add_rows(1)
    check_query_count("admin my tasks", read, add_rows)
