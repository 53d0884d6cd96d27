"""Whatever is sent as a price or asked of one: a typed refusal, nothing written, never a 500."""

import json
from uuid import UUID, uuid4

import pytest

from catalog.models import NegotiatedPrice, PricingRule, Promotion
from tests.factories import PlanFactory
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = [
    pytest.mark.usefixtures("everything", "db"),
    pytest.mark.requirement("1-06", "1-07", "1-09", "1-13", "A.3.3-01"),
]
API = "/api/catalog"
HUGE = 10**30
NOT_A_PRICE = [
    {},
    [],
    "29.90",
    29.9,
    None,
    True,
    {"amount": "29.90"},
    {"amount": None},
    {"amount": True},
    {"amount": -0.0001},
    {"amount": 0.00001},
    {"amount": HUGE},
    {"amount": -HUGE},
    {"amount": 10**14},
    {"amount": [1]},
    {"amount": 1, "rabais": 1},
    {"Amount": 1},
]
TIER = {"min": 0, "max": None, "amount": 1}
NOT_A_GRID = [
    {},
    [],
    [[]],
    [None],
    [TIER | {"min": 1}],
    [TIER | {"max": 10}],
    [TIER | {"min": -1}],
    [TIER | {"max": 0}],
    [TIER | {"amount": -1}],
    [TIER | {"amount": HUGE}],
    [TIER | {"min": HUGE}],
    [TIER | {"base": "gift"}],
    [TIER | {"base": "percent", "amount": 101}],
    [TIER | {"min": "0"}],
    [TIER | {"extra": 1}],
    [TIER] * 2,
    [TIER | {"max": 10}, TIER | {"min": 12}],
    [TIER | {"max": 10}, TIER | {"min": 9}],
    [TIER | {"max": 10}, TIER | {"min": 10, "max": 5}],
    [TIER | {"max": 10, "base": "percent"}, TIER | {"min": 10}],
    [TIER | {"max": 10.5}, TIER | {"min": 11.5}],
    [{"min": n, "max": n + 1, "amount": 1} for n in range(200)],
]
FORMULAS = [
    "",
    " ",
    "index +",
    "* index",
    "index index",
    "(index",
    "index)",
    "(" * 10_000 + "1" + ")" * 10_000,
    "(" * 240 + "1" + ")" * 240,
    "-" * 400 + "1",
    "1" * 501,
    "2 ** 9",
    "2 ^ 9",
    "1e999",
    "index.value",
    "__import__('os')",
    "index; 1",
    "lambda: 1",
    "price",
    "max()",
    "round(index, 11)",
    "round(index, -1)",
    "round(index, base)",
    "round(index, 1, 2)",
    "exp(1)",
    "１ + index",
    "index\u200b",
    "0x10",
    "1_000",
    "base",
    "index/0",
    "1/(index-index)",
    "round(quantity / (0 * base), 2)",
]
NOT_USAGE = [
    {"unit": "kWh"},
    {"unit_price": 1},
    {"unit": "", "unit_price": 1},
    {"unit": "x" * 21, "unit_price": 1},
    {"unit": "  ", "unit_price": 1},
    {"unit": "kWh\n", "unit_price": 1},
    {"unit": " kWh", "unit_price": 1},
    {"unit": 1, "unit_price": 1},
    {"unit": "kWh", "unit_price": -1},
    {"unit": "kWh", "unit_price": HUGE},
    {"unit": "kWh", "unit_price": 1, "min_charge": -1},
]
# Written as they are: JSON of our own would not.
RAW = [
    '{"amount": NaN}',
    '{"amount": Infinity}',
    '{"amount": 1e400}',
    '{"amount": 1E+61}',
    '{"amount": 1, "amount": 2}',
    '{"amount": ' + "9" * 70 + "}",
    '{"amount": ' + "[" * 40 + "]" * 40 + "}",
    '{"amount": "\\u0000"}',
    '{"amount": "\\ud800"}',
]


@pytest.fixture
def plan(company):
    return PlanFactory(product_version__product__company=company)


@pytest.fixture
def client(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def wrong(answer, *statuses):
    """Return what is wrong with a refusal: its status, its type, an empty message."""
    if answer.status_code not in (statuses or (400, 422)):
        return answer.status_code, answer.content[:200]
    body = answer.json()
    told = body["code"] and all(one["message"] for one in body["errors"])
    return None if told and "problem+json" in answer["Content-Type"] else body


def test_no_malformed_price_is_written(client, company, plan):
    address = f"{API}/versions/{plan.product_version_id}/pricing-rules"
    sold = make_released(company=company, sku="P-1", plans={"A": "1"}).product
    prices = [("fixed", payload, None) for payload in NOT_A_PRICE]
    prices += [("tiered", payload, "slab") for payload in NOT_A_GRID]
    prices += [("indexed", {"index": "cpi", "formula": formula}, None) for formula in FORMULAS]
    prices += [("indexed", {"index": "gold", "formula": "1"}, None)]
    prices += [("usage", payload, None) for payload in NOT_USAGE]
    prices += [("fixed", {"amount": 1}, "slab"), ("tiered", [TIER], None)]
    before = PricingRule.objects.count()
    found = {}
    for kind, payload, mode in prices:
        price = {"type": kind, "payload": payload, "tier_mode": mode}
        negotiated = {
            "product_id": str(sold.pk),
            "plan_code": "A",
            "client_ref": str(uuid4()),
            "start_at": "2030-01-01T00:00:00Z",
        }
        for where, body in ((address, price), (f"{API}/negotiated-prices", price | negotiated)):
            if where != address and payload == {"index": "cpi", "formula": "base"}:
                continue  # the parameter is the plan's at the day of the quote
            answer = client.post(where, body, content_type="application/json")
            if problem := wrong(answer):
                found[where[-20:], kind, str(payload)[:60]] = problem
    for text in RAW:
        body = f'{{"type": "fixed", "payload": {text}}}'
        if problem := wrong(client.post(address, body, content_type="application/json")):
            found["raw", text[:40]] = problem
    assert found == {}
    assert PricingRule.objects.count() == before
    assert not NegotiatedPrice.objects.exists()


def test_no_quote_is_a_server_error(client, company, other_company, plan):
    theirs = make_released(company=other_company, sku="MTV-1", plans={"A": "1"})
    make_released(company=company, sku="P-1", plans={"A": "1"})
    usage = [{"type": "usage", "payload": {"unit": "kWh", "unit_price": 1}}]
    make_released(company=company, sku="P-2", plans={"A": "1"}, prices=usage)
    asked = {"sku": "P-1", "plan": "A", "company_id": str(company.pk), "channel": "web"}
    cases = [
        *({"quantity": one} for one in (0, -1, "-1", 1.5, HUGE, -HUGE, "1e9", "NaN", "", [], {})),
        *({"sku": "P-2", "quantity": one} for one in (-1, "-0.1", HUGE, "0.00001", 10**9 + 1)),
        *({"sku": "P-2", "unit": one} for one in ("Go", "x" * 21, "", 1, "\u200b")),
        *({"base_amount": one} for one in (-1, HUGE, "NaN", "un", [])),
        *({"promo_code": one} for one in (1, "", "x" * 61, "'; DROP TABLE promotion; --", "É")),
        *({"client_ref": one} for one in ("C-1", 1, "", [])),
        *({"options": one} for one in (["RIEN"], ["RIEN", "RIEN"], "RIEN", [None], [[]])),
        *({"at": one} for one in ("2026-12-01", "2026-12-01T10:00:00", "demain", 0, "9999-99")),
        {"plan": "RIEN"},
        {"channel": "moon"},
        {"sku": "RIEN"},
        {"sku": "MTV-1"},
        {"company_id": str(theirs.company_id)},
        {"company_id": str(UUID(int=0))},
    ]
    found = {}
    for change in cases:
        body = json.dumps(asked | change)
        answer = client.post(f"{API}/pricing/quote", body, content_type="application/json")
        if problem := wrong(answer, 400, 404, 409, 422):
            found[str(change)[:80]] = problem
    assert found == {}


def test_every_reason_of_a_refusal_stands_in_one_answer(client, company):
    make_released(
        company=company,
        sku="P-1",
        plans={"A": "1"},
        offer={"eligibility": {"age_min": 60}},
        lifecycle_status="frozen",
    )
    asked = {"sku": "P-1", "plan": "A", "company_id": str(company.pk), "channel": "web"}
    wrong_ask = {
        "quantity": 0,
        "options": ["X", "Y"],
        "promo_code": "RIEN",
        "subject": {"age": 20},
    }
    answer = client.post(f"{API}/pricing/quote", asked | wrong_ask, content_type="application/json")
    assert answer.status_code == 422  # 422 before 409 (`design/api.md`), with the reasons of both
    assert {(error["path"], error["code"]) for error in answer.json()["errors"]} == {
        ("quantity", "pricing.quantity"),
        ("options.0", "option.unknown"),
        ("options.1", "option.unknown"),
        ("sku", "product.not_active"),
        ("subject.age", "eligibility.age"),
        ("promo_code", "promotion.unknown"),
    }
    assert not Promotion.objects.exists()
