"""A grid that makes more units cheaper than fewer is accepted, and told by every door."""

import pytest

from catalog.models import NegotiatedPrice, PricingRule
from tests.factories import PlanFactory, ProductFactory, VersionFactory
from tests.support.forms import form_of
from tests.support.offers import make_released
from tests.support.pages import add_row, page_of
from winvest.core.domain.roles import Role

pytestmark = [
    pytest.mark.usefixtures("everything", "db"),
    pytest.mark.requirement("1-07", "2.1-plan-02"),
]
API = "/api/catalog"
JSON = {"content_type": "application/json"}
MESSAGE = "À partir de 100, acheter plus coûte moins en tout"
GRID = [{"min": 0, "max": 99, "amount": 10}, {"min": 100, "max": None, "amount": 9}]
# A grid, its mode, and where its tiers are turned over.
GRIDS = [
    (GRID, "slab", ["100"]),
    (GRID, "progressive", []),
    ([{"min": 0, "max": None, "amount": 10}], "slab", []),
    ([{"min": 0, "max": 10.5, "amount": 10}, {"min": 10.5, "amount": 9}], "slab", ["10,5"]),
]
TYPED = {
    "type": "tiered",
    "tier_mode": "slab",
    "tiers-0-min": "0",
    "tiers-0-max": "99",
    "tiers-0-amount": "10",
    "tiers-1-min": "100",
    "tiers-1-amount": "9",
}


@pytest.fixture
def draft(company):
    product = ProductFactory(company=company)
    return PlanFactory(product_version=VersionFactory(product=product), code="A").product_version


@pytest.fixture
def client(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def test_by_the_api(client, company, draft):
    sold = make_released(company=company, sku="P-1", plans={"A": "1"}).product
    negotiated = {"product_id": str(sold.pk), "plan_code": "A", "start_at": "2030-01-01T00:00:00Z"}
    for number, (payload, mode, expected) in enumerate(GRIDS):
        price = {"type": "tiered", "tier_mode": mode, "payload": payload}
        client_ref = {"client_ref": f"0190a000-0000-7000-8000-00000000000{number}"}
        for path, body in (
            (f"versions/{draft.pk}/pricing-rules", price),
            ("negotiated-prices", price | negotiated | client_ref),
        ):
            answer = client.post(f"{API}/{path}", body, **JSON)
            assert answer.status_code == 201, answer.json()
            warnings = answer.json()["warnings"]
            assert [one["message"].split()[3].rstrip(",") for one in warnings] == expected
            assert {one["code"] for one in warnings} <= {"tiers.inversion"}
    row = PricingRule.objects.filter(product_version=draft, tier_mode="slab").first()
    address = f"{API}/pricing-rules/{row.pk}"
    assert len(client.get(address).json()["warnings"]) == 1
    mended = [{"min": 0, "max": 99, "amount": 9}, {"min": 100, "amount": 9}]
    assert client.patch(address, {"payload": mended}, **JSON).json()["warnings"] == []


def test_by_the_pages(browser_as, user_with, company, draft):
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = page_of(draft)
    price = {"plan": draft.plans.get().pk, "tax_included": "on", "tax_code": "FR20", **TYPED}
    assert add_row(browser, page, "pricing_rules", price).status_code == 302
    shown = browser.get(page)
    assert MESSAGE in shown.text
    assert browser.post(page, form_of(shown)).status_code == 302
    assert MESSAGE not in browser.get(page).text, "told to whoever changes it"
    reader = browser_as(user_with(Role.AUDITOR, company))
    assert MESSAGE in reader.get(page).text
    sold = make_released(company=company, sku="P-1", plans={"A": "1"}).product
    typed = {"product": sold.pk, "plan_code": "A", "tax_included": "on", **TYPED}
    typed |= {"client_ref": "0190a000-0000-7000-8000-000000000001"}
    typed |= {"start_at_0": "01/12/2030", "start_at_1": "00:00"}
    add = page.rpartition("/productversion/")[0] + "/negotiatedprice/add/"
    assert MESSAGE in browser.post(add, typed, follow=True).text
    assert NegotiatedPrice.objects.count() == 1
