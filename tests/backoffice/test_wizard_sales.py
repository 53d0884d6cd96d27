"""Step 5 of the wizard: who sells, on which channels, from when; what becomes of it (E-05, R-10)."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.urls import reverse

from catalog.choices import VersionState, WizardStep
from catalog.models import PlannedSale
from tests.factories import (
    CqRuleFactory,
    PublicationFactory,
    SaleAgreementFactory,
    VersionFactory,
    WizardDraftFactory,
)
from tests.support.forms import form_of
from tests.support.offers import approve, make_released
from tests.support.publishable import make_publishable, release
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Role
from winvest.core.models import Company, Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

EFFECT = datetime(2030, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(company):
    version = VersionFactory(
        product__company=company,
        product__name="Bouquet",
        effective_from=EFFECT,
        channels=["telesales", "web"],
    )
    return WizardDraftFactory(product_version=version, step=WizardStep.PUBLICATION)


def page_of(draft, name="wizard-step"):
    return reverse(name, args=[draft.pk, WizardStep.PUBLICATION.value])


def planned(draft):
    rows = PlannedSale.objects.filter(product_version=draft.product_version)
    return {row.seller.code: (row.channels, row.first_day, row.last_day) for row in rows}


def saved(client, draft, **typed):
    """Save the step as it stands, with these boxes changed; None takes one's text away."""
    boxes = form_of(client.get(page_of(draft))) | typed | {"_stay": ""}
    return client.post(page_of(draft), {k: v for k, v in boxes.items() if v is not None})


@pytest.mark.requirement("3.1-06", "E.2.3-05", "3.4-01")
def test_one_chooses_the_companies_and_the_channels(manager, draft, company, other_company):
    shown = manager.get(page_of(draft))
    # The owner begins ticked, on the channels that the version opens and on no other.
    assert company.brand_name in shown.text
    assert other_company.brand_name not in shown.text  # no list of the group's companies
    boxes = form_of(shown)
    assert (boxes["sellers-0-telesales"], boxes["sellers-0-web"]) == ("on", "on")
    assert "sellers-0-field" not in shown.text
    assert not PlannedSale.objects.exists()

    answer = saved(
        manager,
        draft,
        **{"sellers-0-web": None, "sellers-0-last_day": "2030-12-31"},
        **{"other-code": other_company.code.lower()},
    )
    assert answer.status_code == 302
    assert planned(draft) == {
        company.code: (["telesales"], None, date(2030, 12, 31)),
        other_company.code: (["telesales", "web"], None, None),
    }
    # It comes back as it was written, and is changed line by line.
    shown = manager.get(page_of(draft))
    boxes = form_of(shown)
    assert other_company.brand_name in shown.text
    assert "sellers-0-web" not in boxes
    assert boxes["sellers-0-last_day"] == "2030-12-31"
    row = PlannedSale.objects.get(seller=company)
    gone = {"sellers-1-web": None, "sellers-1-telesales": None, "sellers-0-first_day": "2030-03-02"}
    assert saved(manager, draft, **gone).status_code == 302
    assert planned(draft) == {company.code: (["telesales"], date(2030, 3, 2), date(2030, 12, 31))}
    assert PlannedSale.objects.get().pk == row.pk


@pytest.mark.requirement("3.1-06", "E.2.3-06")
def test_what_is_wrong_is_told_beside_its_box_and_nothing_is_written(
    manager, draft, company, user_with, browser_as
):
    cases = (
        ({"sellers-0-web": None, "sellers-0-telesales": None}, "Cochez au moins un canal"),
        ({"sellers-0-first_day": "2030-02-28"}, "La version ne prend effet que le 01/03/2030."),
        ({"sellers-0-last_day": "2030-02-28"}, "La version ne prend effet que le 01/03/2030."),
        (
            {"sellers-0-first_day": "2030-04-02", "sellers-0-last_day": "2030-04-01"},
            "Le dernier jour suit le premier.",
        ),
        ({"sellers-0-first_day": "demain"}, "date valide"),
        ({"other-code": "ZZZZ"}, "Aucune société n'a ce code."),
        ({"other-code": company.code}, "Cette société est déjà dans le tableau."),
    )
    for typed, problem in cases:
        refused = saved(manager, draft, **typed)
        assert problem in unescape(refused.text), problem
        assert not PlannedSale.objects.exists()
    # Somebody else wrote meanwhile: told, and written the second time.
    mine = form_of(manager.get(page_of(draft)))
    colleague = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert saved(colleague, draft, **{"sellers-0-web": None}).status_code == 302
    late = manager.post(page_of(draft), mine | {"_stay": ""})
    assert late.status_code == 409
    assert planned(draft)[company.code][0] == ["telesales"]
    assert manager.post(page_of(draft), form_of(late) | {"_stay": ""}).status_code == 302
    assert planned(draft)[company.code][0] == ["telesales", "web"]
    # What is ticked and not saved is kept, and comes back.
    draft.refresh_from_db()
    keep = page_of(draft, "wizard-keep")
    kept = form_of(manager.get(page_of(draft))) | {"sellers-0-web": ""}
    kept = {name: text for name, text in kept.items() if name != "sellers-0-web"}
    assert manager.post(keep, kept).status_code == 200
    assert "sellers-0-web" not in form_of(manager.get(page_of(draft)))
    assert planned(draft)[company.code][0] == ["telesales", "web"]


@pytest.mark.requirement("3.4-05", "E.2.3-05")
def test_the_checklist_bears_on_each_company_and_its_channels(
    manager, draft, company, other_company
):
    preview = page_of(draft, "wizard-preview")
    boxes = form_of(manager.get(page_of(draft)))
    alone = unescape(manager.post(preview, boxes).text)
    assert f"{company.brand_name} n'a pas de compte « CA »" in alone
    assert "Pour " not in alone
    both = unescape(manager.post(preview, boxes | {"other-code": other_company.code}).text)
    assert f"{other_company.brand_name} n'a pas de compte « CA »" in both
    assert f"n'a pas donné son accord à {other_company.brand_name}" in both
    # A sentence that names the company is enough; any other says whom it concerns.
    assert f"Pour {other_company.brand_name}." not in both
    CqRuleFactory(product_version=draft.product_version)
    web = {name: text for name, text in boxes.items() if name != "sellers-0-telesales"}
    apart = unescape(manager.post(preview, web | {"other-code": other_company.code}).text)
    assert f"Pour {other_company.brand_name}." in apart
    # Only what is ticked is asked: a call script is telesales' affair.
    wrong = manager.post(preview, boxes | {"other-code": "ZZZZ"})
    assert "Corrigez d'abord le tableau des ventes" in wrong.text
    assert not PlannedSale.objects.exists()


@pytest.mark.requirement("3.1-07", "3.1-06")
def test_a_later_version_begins_where_the_product_is_on_sale(manager, company, other_company):
    released = make_released(company=company, sku="VENDU", plans={"MOIS": "9.90"})
    released.publications.all().update(channels=["field", "web"])
    SaleAgreementFactory(product=released.product, seller=other_company)
    PublicationFactory(product_version=released, company=other_company, channels=["partner"])
    later = VersionFactory(
        product=released.product, version=2, effective_from=EFFECT, channels=["web", "partner"]
    )
    draft = WizardDraftFactory(product_version=later, step=WizardStep.PUBLICATION)
    assert saved(manager, draft).status_code == 302
    assert planned(draft) == {
        company.code: (["web"], None, None),
        other_company.code: (["partner"], None, None),
    }


@pytest.mark.requirement("3.1-06", "3.4-01", "4-05")
def test_what_is_planned_waits_for_whoever_publishes_once_it_is_released(
    manager, draft, company, other_company, user_with, browser_as
):
    version = draft.product_version
    adv, there = (browser_as(user_with(Role.ADV, one)) for one in (company, other_company))
    typed = {"sellers-0-first_day": "2030-03-05", "sellers-0-last_day": "2030-03-06"}
    saved(manager, draft, **typed, **{"other-code": other_company.code})
    tile = reverse("dashboard-figures", args=["mises-en-vente"])
    assert "Bouquet" not in adv.get(tile).text
    sheet = reverse("product-sheet", args=[version.product_id])
    assert "Prévue" in manager.get(sheet).text
    make_publishable(version)
    told = f"{company.brand_name} : Télévente, Web, du 05/03/2030 au 06/03/2030"
    assert told in unescape(adv.get(tile).text)
    # The seller reads nothing of it before the owner's agreement.
    assert "Bouquet" not in there.get(tile).text
    told = unescape(adv.get(tile).text)
    assert "Accord à donner" in told
    form = form_of(adv.get(re.search('href="([^"]*saleagreement/add[^"]*)"', told)[1]))
    assert (form["product"], form["seller_code"]) == (
        *(str(version.product_id), other_company.code),
    )
    SaleAgreementFactory(product=version.product, seller=other_company)
    assert "Accord à donner" not in adv.get(tile).text
    # Nor does its Compta, which then has its own account to enter.
    accountant = browser_as(user_with(Role.ACCOUNTING, other_company))
    told = unescape(accountant.get(reverse("dashboard-figures", args=["mappings"])).text)
    assert f"Compte manquant, {other_company.brand_name}" in told
    form = form_of(accountant.get(re.search('href="([^"]*mapping/add[^"]*)"', told)[1]))
    assert (form["company"], form["product_version"]) == (
        *(str(other_company.pk), str(version.pk)),
    )
    told = f"{other_company.brand_name} : Télévente, Web, dès le 01/03/2030"
    assert told in unescape(there.get(tile).text)
    # The form of the publication begins with what is planned, and the task goes with it.
    add = reverse("admin:catalog_publication_add")
    form = adv.get(f"{add}?product_version={version.pk}&company={company.pk}")
    boxes = form_of(form)
    assert boxes["channels"] == ["telesales", "web"]
    assert (boxes["start_at_0"], boxes["end_at_0"]) == ("05/03/2030", "07/03/2030")
    made = adv.post(add, boxes | {"_save": ""})
    assert made.status_code == 302, made.context["adminform"].form.errors
    assert "Bouquet" not in adv.get(tile).text
    assert "Bouquet" in there.get(tile).text
    # In production, what is to be sold is no longer the catalogue's to change.
    refused = saved(manager, draft, **{"sellers-0-web": None})
    assert "tant que la version est en brouillon" in unescape(refused.text)
    assert planned(draft)[company.code][0] == ["telesales", "web"]


@pytest.mark.requirement("4-05", "3.4-05")
@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_the_task_to_publish_leads_to_the_start_on_the_wall_of_the_company(
    zone, manager, draft, company, user_with, browser_as
):
    Company.objects.filter(pk=company.pk).update(timezone=zone)
    saved(manager, draft, **{"sellers-0-first_day": "2030-12-01"})
    release(draft.product_version)
    adv = browser_as(user_with(Role.ADV, company))
    task = unescape(adv.get(reverse("dashboard-figures", args=["mises-en-vente"])).text)
    assert "Pour le 1er décembre 2030" in task
    address = re.search('href="([^"]*checklist/[^"]*)"', task)[1]
    page = address.partition("?")[0]
    for one in (address, page):
        assert form_of(adv.get(one))["at"] == "2030-12-01T00:00"
    # So does the link of a publication that the checklist refuses.
    add = reverse("admin:catalog_publication_add")
    form = form_of(
        adv.get(f"{add}?product_version={draft.product_version_id}&company={company.pk}")
    )
    refused = unescape(adv.post(add, form | {"_save": ""}).text)
    address = re.search('href="([^"]*checklist/[^"]*)"', refused)[1]
    assert form_of(adv.get(address))["at"] == "2030-12-01T00:00"


@pytest.mark.requirement("4-05", "D.3.1-08")
def test_the_sellers_are_told_of_the_release(
    manager, draft, company, other_company, user_with, browser_as
):
    version = draft.product_version
    adv, there = (user_with(Role.ADV, one) for one in (company, other_company))
    SaleAgreementFactory(product=version.product, seller=other_company)
    saved(manager, draft, **{"other-code": other_company.code})
    step = "admin:catalog_productversion_submit"
    assert manager.post(reverse(step, args=[version.pk]), {"_confirm": ""}).status_code == 302
    approve(version)
    # Whoever decides reads who will sell, and the checklist begins with it.
    review = reverse("admin:catalog_productversion_review", args=[version.pk])
    shown = unescape(browser_as(user_with(Role.COMPANY_ADMIN, company)).get(review).text)
    assert f"Vente prévue, {other_company.brand_name} : Télévente, Web" in shown
    assert f"{other_company.brand_name} n'a pas de compte" in shown
    page = reverse("admin:catalog_productversion_release", args=[version.pk])
    assert manager.post(page, {"_confirm": ""}).status_code == 302
    version.refresh_from_db()
    assert version.state == VersionState.RELEASED
    told = Notification.objects.filter(kind=NotificationKind.VERSION_RELEASED)
    assert "Vente prévue, " in told.get(user=adv).text
    assert f"{other_company.brand_name} : Télévente, Web" in told.get(user=there).text


@pytest.mark.requirement("H.2.5-01")
def test_boxes_that_no_page_sends_are_refused_and_break_nothing(manager, draft):
    for typed in (
        {},
        {"sellers-TOTAL_FORMS": "x"},
        {"sellers-TOTAL_FORMS": "9999", "sellers-INITIAL_FORMS": "0"},
        {"sellers-TOTAL_FORMS": "1", "sellers-INITIAL_FORMS": "1", "sellers-0-seller": "1"},
        {"other-code": "\x00"},
    ):
        assert manager.post(page_of(draft), typed).status_code == 200
        assert manager.post(page_of(draft, "wizard-preview"), typed).status_code == 200
        assert not PlannedSale.objects.exists()
