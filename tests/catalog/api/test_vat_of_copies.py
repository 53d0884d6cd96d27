"""A change of VAT keeps no copy, no import and no return from going on (P-07, 3.1-10, I.6-04)."""

from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.urls import reverse

from catalog.models import PricingRule, ProductVersion
from catalog.services.versions import release_version, submit_version
from tests.factories import PlanFactory, PricingRuleFactory, PublicationFactory
from tests.support.offers import approve, make_whole
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"
JULY = datetime(2025, 7, 1, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def energy(company, user_with):
    """Return a version released in July 2025, when energy bore 5.5 %; then it is November 2026."""
    manager = user_with(Role.CATALOG_MANAGER, company)
    with time_machine.travel(JULY, tick=False):
        version = make_whole(company, sku="AP-ENERGIE-1")
        version.eligibility, version.geography, version.effective_from = {}, {}, JULY
        version.save()
        version.pricing_rules.update(tax_code="FRENERGIE", tax_rate=Decimal("5.5"))
        approve(submit_version(actor=manager, version=version))
        version = release_version(actor=manager, version=version)
    with time_machine.travel(NOW, tick=False):
        yield version


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def post(client, path, body=None):
    answer = client.post(f"{API}/{path}", body or {}, content_type="application/json")
    return answer.status_code, answer.json()


def rates(version):
    prices = PricingRule.objects.filter(product_version=version)
    return {f"{rate.normalize():f}" for rate in prices.values_list("tax_rate", flat=True)}


@pytest.mark.requirement("3.1-07", "3.1-12")
def test_a_copy_takes_the_rate_of_its_day(manager, energy, browser_as, user_with, company):
    status, copy = post(manager, f"versions/{energy.pk}/duplicate")
    assert (status, rates(copy["id"])) == (201, {"20"})
    before = {"effective_from": "2025-07-30T00:00:00+02:00"}
    status, early = post(manager, f"versions/{energy.pk}/duplicate", before)
    assert (status, rates(early["id"])) == (201, {"5.5"})
    status, product = post(manager, f"products/{energy.product_id}/duplicate")
    assert (status, rates(product["versions"][0]["id"])) == (201, {"20"})
    page = reverse("admin:catalog_productversion_change", args=[energy.pk])
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    browser.post(page.replace("change", "duplicate"), {})
    last = ProductVersion.objects.filter(product=energy.product).order_by("version").last()
    assert (last.version, rates(last)) == (4, {"20"})
    for version in (copy["id"], product["versions"][0]["id"], last.pk):
        assert post(manager, f"versions/{version}/submit")[0] == 200


@pytest.mark.requirement("3.1-10", "I.6-04")
def test_a_return_keeps_the_content_and_sells_at_the_rate_of_the_day(
    manager, energy, api, user_with, company
):
    status, draft = post(manager, f"products/{energy.product_id}/rollback", {"version": 1})
    assert (status, rates(draft["id"])) == (201, {"5.5"})
    status, body = post(manager, f"versions/{draft['id']}/submit")
    assert (status, body["state"]) == (200, "in_review")
    status, body = post(manager, f"versions/{draft['id']}/release")
    assert (status, body["content_hash"]) == (200, energy.content_hash)
    energy.product.lifecycle_status = "active"
    energy.product.save()
    back = ProductVersion.objects.get(pk=draft["id"])
    PublicationFactory(product_version=back, start_at=back.effective_from, channels=["web"])
    asked = {"sku": "AP-ENERGIE-1", "plan": "CONFORT", "company_id": str(company.pk)}
    seller = api(user_with(Role.SALES, company))
    asked |= {"channel": "web", "at": "2026-12-15T00:00:00Z"}
    status, quote = post(seller, "pricing/quote", asked)
    assert (status, quote["totals"]["recurring"]["tax"]) == (200, "3.32"), quote


@pytest.mark.requirement("3.1-12")
def test_a_rate_that_was_never_right_is_refused(manager, energy):
    _, copy = post(manager, f"versions/{energy.pk}/duplicate")
    (price, *_) = PricingRule.objects.filter(product_version=copy["id"])
    answer = manager.patch(
        f"{API}/pricing-rules/{price.pk}", {"tax_rate": "5.5"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "vat.rate")


@pytest.mark.requirement("2.1-plan-02", "3.1-12")
def test_prices_that_do_not_add_up_are_not_submitted(
    manager, energy, browser_as, user_with, company
):
    _, copy = post(manager, f"versions/{energy.pk}/duplicate")
    version = ProductVersion.objects.get(pk=copy["id"])
    plan = PlanFactory(product_version=version, code="MELE")
    for columns in ({}, {"tax_included": False}):
        price = PricingRuleFactory(plan=plan, payload={"amount": Decimal(1)}, **columns)
    message = "Formule MELE : Les tarifs d'une formule ont la même devise"
    status, body = post(manager, f"versions/{version.pk}/submit")
    assert (status, [error["code"] for error in body["errors"]]) == (409, ["pricing.mixed_terms"])
    assert body["errors"][0]["message"].startswith(message)
    page = reverse("admin:catalog_productversion_change", args=[version.pk])
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    told = browser.post(page.replace("change", "submit"), follow=True).text
    assert message.replace("'", "&#x27;") in told
    PricingRule.objects.filter(pk=price.pk).update(tax_included=True, tax_code="FR10", tax_rate=10)
    assert post(manager, f"versions/{version.pk}/submit")[0] == 409
    PricingRule.objects.filter(pk=price.pk).delete()
    assert post(manager, f"versions/{version.pk}/submit")[0] == 200


@pytest.mark.requirement("3.1-12", "3.1-07")
def test_a_draft_moved_over_a_change_of_vat_says_so_on_its_price(
    manager, energy, browser_as, user_with, company
):
    _, draft = post(manager, f"versions/{energy.pk}/duplicate")
    page = reverse("admin:catalog_productversion_change", args=[draft["id"]])
    price = PricingRule.objects.filter(product_version=draft["id"]).first()
    told = "Taux enregistré : 20 % ; FRENERGIE est de 5,5 % à la date d'effet."
    readers = [browser_as(user_with(role, company)) for role in (Role.CATALOG_MANAGER, Role.LEGAL)]
    for effective, moved in (("2026-12-01", False), ("2025-07-30", True)):
        change = {"effective_from": f"{effective}T00:00:00Z"}
        address = f"{API}/versions/{draft['id']}"
        assert manager.patch(address, change, content_type="application/json").status_code == 200
        for browser in readers:
            assert (told in unescape(browser.get(page).text)) is moved, effective
        warnings = manager.get(f"{API}/pricing-rules/{price.pk}").json()["warnings"]
        assert [one["code"] for one in warnings] == ["vat.moved"] * moved
    # What was released keeps the rate of its day, and nobody may change it.
    assert (
        manager.get(f"{API}/pricing-rules/{energy.pricing_rules.first().pk}").json()["warnings"]
        == []
    )
