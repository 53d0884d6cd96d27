"""Releasing at a date and copying in the back-office (3.1-07 to 3.1-10)."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from catalog.models import Product, ProductVersion
from catalog.services.versions import submit_version
from tests.catalog.admin.test_versions import product_form, version_form
from tests.factories import RiskFactory, VersionFactory
from tests.support.offers import approve, make_released, make_whole
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SKIPPED = "n&#x27;existe pas à cause du passage à l&#x27;heure d&#x27;été"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


def page_of(version, step):
    return reverse("admin:catalog_productversion_change", args=[version.pk]).replace("change", step)


def at(day, time):
    return {"effective_from_0": day, "effective_from_1": time}


def instant(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.requirement("3.1-09", "1-14")
@pytest.mark.parametrize(
    ("zone", "day", "time", "expected"),
    [
        ("Europe/Paris", "01/01/2027", "00:00", instant(2026, 12, 31, 23)),
        ("Europe/Paris", "28/03/2027", "01:59", instant(2027, 3, 28, 0, 59)),
        ("Europe/Paris", "28/03/2027", "02:30", None),
        ("Europe/Paris", "28/03/2027", "03:00", instant(2027, 3, 28, 1)),
        ("Europe/Paris", "31/10/2027", "02:30", instant(2027, 10, 31, 0, 30)),
        ("Europe/Paris", "31/10/2027", "03:00", instant(2027, 10, 31, 2)),
        ("Indian/Reunion", "01/01/2027", "00:00", instant(2026, 12, 31, 20)),
        ("Indian/Reunion", "28/03/2027", "02:30", instant(2027, 3, 27, 22, 30)),
        ("Indian/Reunion", "31/10/2027", "02:30", instant(2027, 10, 30, 22, 30)),
    ],
)
def test_a_start_is_typed_in_the_company_s_time_zone(
    company, manager, browser_as, zone, day, time, expected
):
    company.timezone = zone
    company.save()
    version = approve(submit_version(actor=manager, version=make_whole(company, sku="AP-1")))
    browser = browser_as(manager)
    place = {"Europe/Paris": "Paris", "Indian/Reunion": "La Réunion"}[zone]
    assert f"Heure de {place}." in browser.get(page_of(version, "release")).text
    answer = browser.post(page_of(version, "release"), at(day, time))
    version.refresh_from_db()
    if expected is None:
        assert SKIPPED in answer.text
        assert version.state == "in_review"
    else:
        assert (version.state, version.effective_from) == ("released", expected)


@pytest.mark.requirement("3.1-09")
def test_a_draft_is_planned_and_shown_in_the_company_s_time_zone(company, manager, browser_as):
    company.timezone = "Indian/Reunion"
    company.save()
    version = make_whole(company, sku="AP-1")
    browser, page = browser_as(manager), page_of(version, "change")
    form = version_form(version, **at("01/02/2027", "00:00"))
    for prefix in ("plans", "pricing_rules"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert browser.post(page, form).status_code == 302
    version.refresh_from_db()
    assert version.effective_from == instant(2027, 1, 31, 20)
    shown = browser.get(page).text
    assert 'value="01/02/2027"' in shown
    assert "Heure de La Réunion." in shown
    answer = browser.post(page, form | at("28/03/2027", "02:30"))
    assert answer.status_code == 302
    company.timezone = "Europe/Paris"
    company.save()
    assert SKIPPED in browser.post(page, form | at("28/03/2027", "02:30")).text


@pytest.mark.requirement("3.1-07", "3.1-10", "A.5-01")
def test_copies_are_made_by_buttons(company, manager, browser_as):
    version = make_whole(company, sku="AP-1", name="Box")
    browser = browser_as(manager)
    assert 'value="01/12/2026"' in browser.get(page_of(version, "duplicate")).text
    answer = browser.post(page_of(version, "duplicate"), at("01/12/2026", "00:00"))
    copy = ProductVersion.objects.get(product=version.product, version=2)
    assert answer["Location"] == page_of(copy, "change")
    product = reverse("admin:catalog_product_change", args=[version.product_id])
    answer = browser.post(product.replace("change", "duplicate"), {"sku": "", "name": ""})
    made = Product.objects.get(name="Box (copie)")
    assert answer["Location"] == reverse("admin:catalog_product_change", args=[made.pk])
    answer = browser.post(product.replace("change", "duplicate"), {"sku": "AP-1", "name": ""})
    assert "Ce code produit existe déjà." in answer.text
    browser.post(page_of(version, "submit"))
    approve(version)
    browser.post(page_of(version, "release"))
    question = browser.get(page_of(version, "rollback")).text
    assert version.product.name in question
    assert "Version 1 : en vigueur" in question
    assert "Déjà en préparation : v2 (brouillon)." in question
    answer = browser.post(page_of(version, "rollback"))
    assert answer["Location"] == f"{reverse('product-sheet', args=[version.product_id])}?version=3"
    assert ProductVersion.objects.get(product=version.product, version=3).notes


@pytest.mark.requirement("A.5-01", "A.5-02")
def test_a_product_without_a_code_takes_the_next_of_its_family(company, manager, browser_as):
    risk = RiskFactory(company=company, code="BOX")
    browser = browser_as(manager)
    blank = browser.get(reverse("admin:catalog_product_add")).text
    for text in ("Laissé vide", "CA interne", "Commission", "Mixte"):
        assert text in blank
    for _ in range(2):
        browser.post(
            reverse("admin:catalog_product_add"), product_form(company, risk=risk.pk, sku="")
        )
    page = browser.get(reverse("admin:catalog_product_add"), {"risk": risk.pk}).text
    assert 'value="AP-BOX-003"' in page
    assert browser.get(reverse("admin:catalog_product_add"), {"risk": "x"}).status_code == 200
    assert list(Product.objects.order_by("sku").values_list("sku", flat=True)) == [
        *("AP-BOX-001", "AP-BOX-002")
    ]


@pytest.mark.requirement("3.1-08", "3.1-09")
def test_a_version_over_says_so_and_one_to_come_is_withdrawn_with_a_reason(
    company, manager, browser_as
):
    over = make_released(company=company, sku="AP-1", plans={"A": "1"})
    rows = ProductVersion.objects.filter(product=over.product)
    rows.update(effective_to=instant(2026, 1, 1))
    draft = VersionFactory(product=over.product, version=2, effective_from=instant(2027, 1, 1))
    browser = browser_as(manager)
    assert "Version 1 — Échue" in browser.get(page_of(draft, "compare")).text
    own = {"state": "released", "released_at": NOW, "content_hash": "sha256:test"}
    rows.filter(pk=draft.pk).update(**own)
    for reason, told, state in (
        ("  ", "Dites pourquoi cette version est retirée", "released"),
        ("Reporté", "est retirée", "withdrawn"),
    ):
        answer = browser.post(page_of(draft, "withdraw"), {"reason": reason}, follow=True)
        assert told in answer.text
        draft.refresh_from_db()
        assert draft.state == state
    assert draft.history.latest().history_change_reason == "Reporté"
