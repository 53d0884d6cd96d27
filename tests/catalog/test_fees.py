"""The initial fees of a version in a quote (§3.6)."""

from decimal import Decimal

import pytest

from tests.factories import (
    START,
    BillingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    VersionFactory,
)
from winvest.core.domain.roles import Role
from winvest.core.models import VatRate

pytestmark = pytest.mark.usefixtures("everything", "db")
API = "/api/catalog"
JSON = "application/json"
SEPA = {"payment_method": "sepa", "collection_cycle": "monthly"}


@pytest.fixture
def draft(company):
    return VersionFactory(product=ProductFactory(company=company, sku="BOX", name="Box"))


@pytest.fixture
def plan(draft):
    plan = PlanFactory(product_version=draft, code="BOX", name="Box", recurrence="monthly")
    PricingRuleFactory(plan=plan, payload={"amount": Decimal("29.90")})
    return plan


def release(version):
    version.state, version.released_at, version.content_hash = "released", START, "sha256:x"
    version.save()
    PublicationFactory(product_version=version)


@pytest.fixture
def ask(api, user_with, company):
    client = api(user_with(Role.SALES, company))

    def call(**body):
        asked = {"sku": "BOX", "plan": "BOX", "company_id": str(company.pk), "channel": "web"}
        address = f"{API}/pricing/quote?explain=true"
        return client.post(address, asked | body, content_type=JSON)

    return call


@pytest.mark.requirement("3.6-13")
def test_a_new_sale_bears_them_once_after_the_promotions(ask, company, draft, plan):
    BillingFactory(product_version=draft, fee_amount=Decimal(99))
    BillingFactory(
        product_version=draft,
        plan=plan,
        fee_amount=Decimal("10.00"),
        fee_label="Mise en service",
        fee_tax_code="FR55",
        fee_tax_included=False,
    )
    release(draft)
    PromotionFactory(company=company, value=50)
    answer = ask(quantity=2).json()
    line = answer["lines"][-1]
    assert line == {
        "code": "FRAIS",
        "label": "Mise en service",
        "kind": "fee",
        "quantity": "1",
        "unit_amount": "10.0000",
        "amount_excl_tax": "10.00",
        "tax_rate": "5.50",
        "tax_amount": "0.55",
        "amount_incl_tax": "10.55",
        "taken_off": "0.00",
        "due": "once",
    }
    assert answer["totals"]["due_once"] == {
        "excl_tax": "10.00",
        "tax": "0.55",
        "incl_tax": "10.55",
    }
    assert answer["totals"]["recurring"]["incl_tax"] == "29.90"
    assert [step["rule"] for step in answer["steps"]] == [
        *("fixed", "line", "promotion", "vat", "fee", "vat"),
    ]
    # A contract in force paid them when it was sold.
    running = ask(quantity=2, contract={"version": 1}).json()
    assert [one["kind"] for one in running["lines"]] == ["base", "promotion"]
    assert running["totals"]["due_once"]["incl_tax"] == "0.00"


@pytest.mark.requirement("3.6-13")
def test_the_plan_without_its_own_bears_the_version_s(ask, draft, plan):
    other = PlanFactory(product_version=draft, code="PLUS", recurrence="monthly")
    PricingRuleFactory(plan=other, payload={"amount": Decimal(39)})
    BillingFactory(product_version=draft, fee_amount=Decimal(99))
    BillingFactory(product_version=draft, plan=plan)  # of its own, without fees
    release(draft)
    assert ask().json()["totals"]["due_once"]["incl_tax"] == "0.00"
    assert ask(plan="PLUS").json()["totals"]["due_once"]["incl_tax"] == "99.00"


def test_at_the_rate_of_the_day_which_ends_the_price(ask, company, draft, plan):
    BillingFactory(product_version=draft, fee_amount=Decimal("19.90"), fee_tax_code="FRENERGIE")
    release(draft)
    before = ask(at="2025-07-31T12:00:00+02:00").json()
    assert before["lines"][-1]["tax_amount"] == "1.04"
    assert ask(at="2025-08-01T00:00:00+02:00").json()["lines"][-1]["tax_amount"] == "3.32"
    assert before["valid_until"].startswith("2025-07-31T22:00:00")
    VatRate.objects.filter(code="FRENERGIE", valid_to=None).delete()
    answer = ask(at="2025-08-02T12:00:00+02:00")
    assert answer.status_code == 409
    assert [one["code"] for one in answer.json()["errors"]] == ["vat.not_in_force"]


def test_a_bundle_bears_its_own_and_not_its_components(ask, company, draft, plan):
    BillingFactory(product_version=draft, fee_amount=Decimal(99))
    release(draft)
    pack = PlanFactory(
        product_version=VersionFactory(product=ProductFactory(company=company, sku="PACK")),
        code="DUO",
        bundle_kind="fixed",
        bundle_value=30,
    )
    pack.components.create(
        product_version=pack.product_version,
        company=company,
        product=draft.product,
        plan_code="BOX",
    )
    BillingFactory(product_version=pack.product_version, plan=pack, fee_amount=Decimal(5))
    release(pack.product_version)
    answer = ask(sku="PACK", plan="DUO").json()
    assert [(one["kind"], one["amount_incl_tax"]) for one in answer["lines"]] == [
        ("component", "30.00"),
        ("fee", "5.00"),
    ]
