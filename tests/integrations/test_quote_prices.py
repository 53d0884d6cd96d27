"""Every form of price and all that a plan adds or takes off, asked by the API."""

from datetime import date
from decimal import Decimal

import pytest

from catalog.models import IndexValue
from tests.support.offers import make_released
from tests.support.quotes import codes

pytestmark = pytest.mark.django_db

GRID = [
    {"min": 0, "max": 99, "amount": 10},
    {"min": 100, "max": 499, "amount": 9},
    {"min": 500, "max": None, "amount": 8},
]
FORMULA = {"index": "energy", "formula": "round(base * index / 100, 4)"}


@pytest.fixture
def sold(other_company):
    """Return a function that puts a product with one plan on sale."""

    def make(*prices, **extras):
        return make_released(
            company=other_company,
            sku="PRIX-1",
            plans={"A": "0"},
            prices=list(prices),
            extras={"recurrence": "monthly", **extras},
        )

    return make


def asked(ask, quantity=1, **body):
    status, answer = ask("?explain=true", sku="PRIX-1", plan="A", quantity=quantity, **body)
    assert status == 200, answer
    return answer


@pytest.mark.requirement("1-07", "13-07", "2.2-04")
@pytest.mark.parametrize(
    ("mode", "quantity", "total"),
    [
        ("slab", "150", "1350.00"),
        ("progressive", "150", "1449.00"),
        ("slab", "99.5", "995.00"),
        ("progressive", "99.5", "994.50"),
        ("progressive", "500", "4598.00"),
        ("slab", "0", "0.00"),
    ],
)
def test_tiers(ask, sold, mode, quantity, total):
    sold({"type": "tiered", "tier_mode": mode, "payload": GRID})
    answer = asked(ask, quantity)
    assert answer["totals"]["recurring"]["incl_tax"] == total
    assert answer["steps"][0]["rule"] == "tiered"


@pytest.mark.requirement("1-09", "2.2-04")
@pytest.mark.parametrize(("quantity", "total"), [("50", "12.00"), ("320", "55.68"), ("0", "12.00")])
def test_usage(ask, sold, quantity, total):
    sold({"type": "usage", "payload": {"unit": "kWh", "unit_price": 0.174, "min_charge": 12}})
    answer = asked(ask, quantity)
    assert answer["lines"][0]["amount_incl_tax"] == total
    assert answer["steps"][0]["input"] == f"max({quantity} kWh * 0.174, 12)"


@pytest.mark.requirement("1-09", "3.2-11")
def test_usage_told_in_another_unit(ask, sold):
    sold({"type": "usage", "payload": {"unit": "kWh", "unit_price": 0.174, "min_charge": 12}})
    answer = asked(ask, "0.32", unit="MWh")
    assert answer["lines"][0]["amount_incl_tax"] == "55.68"
    assert answer["lines"][0]["quantity"] == "320"
    assert (answer["steps"][0]["rule"], answer["steps"][0]["output"]) == ("unit", "320")
    status, refused = ask(sku="PRIX-1", plan="A", quantity=1, unit="Go")
    assert (status, codes(refused)) == (422, ["unit.incompatible"])


@pytest.mark.requirement("1-13", "14-04")
def test_an_indexed_price_reads_the_last_value_and_ends_with_it(ask, sold):
    for day, value in ((date(2026, 1, 1), "100"), (date(2026, 11, 26), "112.5")):
        IndexValue.objects.create(index="energy", valid_on=day, value=Decimal(value))
    sold({"type": "indexed", "payload": FORMULA}, parameters={"base": Decimal("0.2")})

    today = asked(ask, 100)
    tomorrow = asked(ask, 100, at="2026-11-26T00:00:00+01:00")

    assert today["totals"]["recurring"]["incl_tax"] == "20.00"
    assert today["valid_until"] == "2026-11-25T23:00:00Z"
    assert tomorrow["totals"]["recurring"]["incl_tax"] == "22.50"
    assert "index(energy, 2026-11-26) = 112.5" in tomorrow["steps"][0]["input"]
    assert today["indices"] == [{"index": "energy", "on": "2026-01-01", "value": "100"}]
    assert ask(sku="PRIX-1", plan="A", at="2026-11-27T00:00:00Z")[1]["indices"] == [
        {"index": "energy", "on": "2026-11-26", "value": "112.5"}
    ]
    status, answer = ask(sku="PRIX-1", plan="A", at="2025-12-31T10:00:00Z")
    assert (status, codes(answer)) == (422, ["pricing.index_missing"])


@pytest.mark.requirement("1-07")
def test_a_percent_bears_on_the_given_amount(ask, sold):
    grid = [
        {"min": 0, "max": 1000, "amount": 5, "base": "percent"},
        {"min": 1000, "max": None, "amount": 3, "base": "percent"},
    ]
    sold({"type": "tiered", "tier_mode": "progressive", "payload": grid})

    assert asked(ask, base_amount="1200.00")["totals"]["recurring"]["incl_tax"] == "56.00"
    status, answer = ask(sku="PRIX-1", plan="A")
    assert (status, answer["errors"][0]["path"]) == (422, "base_amount")


@pytest.mark.requirement("2.1-plan-03", "1-11")
def test_options_surcharges_and_discounts(ask, sold):
    sold(
        {"payload": {"amount": Decimal("29.90")}},
        options=[
            {"code": "TEL", "name": "Téléphone", "amount": 5},
            {"code": "POSE", "name": "Pose", "amount": 49, "mandatory": True, "due": "once"},
        ],
        surcharges=[{"code": "ZONE", "name": "Zone éloignée", "kind": "amount", "value": 2}],
        discounts=[{"code": "FIDEL", "name": "Fidélité", "kind": "percent", "value": 10}],
    )
    answer = asked(ask, options=["TEL"])
    shown = [
        (line["code"], line["kind"], line["due"], line["amount_incl_tax"], line["taken_off"])
        for line in answer["lines"]
    ]
    assert shown == [
        ("A", "base", "recurring", "29.90", "2.92"),
        ("TEL", "option", "recurring", "5.00", "0.49"),
        ("POSE", "option", "once", "49.00", "4.79"),
        ("ZONE", "surcharge", "recurring", "2.00", "0.19"),
        ("FIDEL", "discount", "once", "-4.79", "0.00"),
        ("FIDEL", "discount", "recurring", "-3.60", "0.00"),
    ]
    steps = [
        (step["rule"], step["input"], step["output"], step["rounding"]) for step in answer["steps"]
    ]
    rest = "largest_remainder"
    assert steps[2:] == [
        ("option", "TEL « Téléphone » = 5", "5.00", "half_up"),
        ("option", "POSE « Pose » = 49", "49.00", "half_up"),
        ("surcharge", "ZONE « Zone éloignée » = 2", "2.00", "half_up"),
        ("discount", "FIDEL « Fidélité » = 83.90 * 10 %", "-8.39", "half_up"),
        ("share", "FIDEL / A = 8.39 * 29.90 / 85.90", "2.92", rest),
        ("share", "FIDEL / TEL = 8.39 * 5.00 / 85.90 + 0.01", "0.49", rest),
        ("share", "FIDEL / POSE = 8.39 * 49.00 / 85.90 + 0.01", "4.79", rest),
        ("share", "FIDEL / ZONE = 8.39 * 2.00 / 85.90", "0.19", rest),
        ("vat", "26.98 TTC * 20 / 120", "4.50", "half_up"),
        ("vat", "4.51 TTC * 20 / 120", "0.75", "half_up"),
        ("vat", "44.21 TTC * 20 / 120", "7.37", "half_up"),
        ("vat", "1.81 TTC * 20 / 120", "0.30", "half_up"),
    ]
    once, recurring = answer["totals"]["due_once"], answer["totals"]["recurring"]
    assert (once["incl_tax"], recurring["incl_tax"]) == ("44.21", "33.30")
    assert Decimal(once["excl_tax"]) + Decimal(once["tax"]) == Decimal("44.21")


@pytest.mark.requirement("1-06")
def test_a_price_that_would_be_negative_or_without_result_is_refused(ask, sold):
    sold(
        {"type": "indexed", "payload": {"index": "cpi", "formula": "base / (quantity - 1)"}},
        parameters={"base": 1},
    )
    status, answer = ask(sku="PRIX-1", plan="A", quantity=1)
    assert (status, codes(answer)) == (422, ["formula.result"])
    status, answer = ask(sku="PRIX-1", plan="A", quantity="0.5")
    assert (status, codes(answer)) == (422, ["pricing.negative"])


@pytest.mark.requirement("H.2.4-02")
def test_the_statements_do_not_grow_with_the_price(
    ask, sold, other_company, django_assert_max_num_queries
):
    sold(
        *[{"type": "tiered", "tier_mode": "slab", "payload": GRID}] * 5,
        options=[
            {"code": f"O{n}", "name": "Option", "amount": n, "mandatory": True} for n in range(20)
        ],
    )
    with django_assert_max_num_queries(4):
        assert len(asked(ask, 3)["lines"]) == 21
