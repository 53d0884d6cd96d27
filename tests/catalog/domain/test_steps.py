"""Every step of a price is found again by hand, from its input and its rounding alone."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.bundles import BundleKind, BundlePrice
from catalog.domain.extras import Discount, Due, Kind, Option, Per, Surcharge
from catalog.domain.offers import Bundle, Component, PlanPrice
from catalog.domain.pricing import Price, price_plan
from catalog.domain.promotions import Promotion
from catalog.domain.rules import Asked, Terms, UsageRule
from catalog.domain.steps import Rounding, Step
from tests.support.prices import fixed, plan, price
from tests.support.strategies import relaxed

CENT = Fraction(1, 100)


def by_hand(step: Step) -> Decimal:
    """Work the sum out as a reader does, apart from the product's own arithmetic."""
    sum_ = re.sub(r" (TTC|HT|kWh|Go)\b", "", step.input.rsplit(" = ")[-1])
    sum_ = re.sub(r"([\d.]+) %", r"\1 / 100", sum_)
    rest = Fraction(0)
    if step.rounding is Rounding.LARGEST_REMAINDER and " + " in sum_:
        sum_, _, told = sum_.rpartition(" + ")
        rest = Fraction(told)
    written = re.sub(r"\d+(\.\d+)?", r'Fraction("\g<0>")', sum_)
    known = {"Fraction": Fraction, "min": min, "max": max, "round": half_up}
    found = eval(written, {"__builtins__": {}}, known)
    if step.rounding is Rounding.HALF_UP:
        found = half_up(found)
    if step.rounding is Rounding.LARGEST_REMAINDER:
        found = found // CENT * CENT + rest
    return Decimal(found.numerator) / Decimal(found.denominator)


def half_up(value: Fraction) -> Fraction:
    return (value / CENT + Fraction(1, 2)) // 1 * CENT


def check(got: Price) -> None:
    for step in got.steps:
        sign = -1 if step.rule in ("discount", "promotion") else 1
        assert by_hand(step) * sign == step.output, step


def told(got: Price, *rules: str) -> list[tuple[str, str, str]]:
    return [
        (step.input, str(step.output), step.rounding) for step in got.steps if step.rule in rules
    ]


@pytest.mark.requirement("1-06", "1-11", "2.1-plan-03")
def test_what_a_plan_adds_and_takes_off_is_told_as_sums() -> None:
    got = price(
        fixed("29.90"),
        options=[Option("TV", "TV", Decimal("2.50"), Per.UNIT, mandatory=True)],
        surcharges=[
            Surcharge("RURAL", "Zone", Kind.PERCENT, Decimal("2.5")),
            Surcharge("POSE", "Pose", Kind.AMOUNT, Decimal(1), Per.UNIT),
        ],
        discounts=[
            Discount("D10", "Fidélité", Kind.PERCENT, Decimal(10)),
            Discount("D5", "Geste", Kind.AMOUNT, Decimal(5)),
            Discount("D90", "Solde", Kind.PERCENT, Decimal(90)),
        ],
        quantity=2,
    )
    assert told(got, "option", "surcharge", "discount") == [
        ("TV « TV » = 2 * 2.5", "5.00", "half_up"),
        ("RURAL « Zone » = 64.80 * 2.5 %", "1.62", "half_up"),
        ("POSE « Pose » = 2 * 1", "2.00", "half_up"),
        ("D10 « Fidélité » = 64.80 * 10 %", "-6.48", "half_up"),
        ("D5 « Geste » = min(5, 61.94)", "-5.00", "half_up"),
        ("D90 « Solde » = min(64.80 * 90 %, 56.94)", "-56.94", "half_up"),
    ]
    check(got)
    simple = price(
        fixed("29.90"),
        options=[Option("TV", "TV", Decimal(5), mandatory=True)],
        discounts=[Discount("D10", "Fidélité", Kind.PERCENT, Decimal(10))],
    )
    assert told(simple, "share", "vat") == [
        ("D10 / BOX = 3.49 * 29.90 / 34.90", "2.99", "largest_remainder"),
        ("D10 / TV = 3.49 * 5.00 / 34.90", "0.50", "largest_remainder"),
        ("26.91 TTC * 20 / 120", "4.49", "half_up"),
        ("4.50 TTC * 20 / 120", "0.75", "half_up"),
    ]
    check(simple)


@pytest.mark.requirement("1-10", "1-09")
def test_the_shares_of_a_bundle_tell_who_gets_the_rest() -> None:
    rule = fixed("9.99")
    components = [
        Component(
            sku=sku,
            quantity=1,
            price=PlanPrice(code=sku, label=sku, due=Due.RECURRING, rules=(rule,)),
        )
        for sku in ("X", "Y", "Z")
    ]
    for kind, value, total in (("percent", "33", "20.08"), ("amount", "99", "0.00")):
        bundle = BundlePrice(BundleKind(kind), Decimal(value))
        got = price_plan(
            plan(bundle=Bundle(version=1, price=bundle, components=components)), Asked(Decimal(1))
        )
        assert told(got, "bundle")[0][1] == total
        check(got)
        if kind == "percent":
            assert told(got, "share") == [
                ("X = 20.08 * 9.99 / 29.97 + 0.01", "6.70", "largest_remainder"),
                ("Y = 20.08 * 9.99 / 29.97", "6.69", "largest_remainder"),
                ("Z = 20.08 * 9.99 / 29.97", "6.69", "largest_remainder"),
            ]
    terms = Terms(version=1, currency="EUR", tax_rate=Decimal("5.5"), tax_included=False)
    usage = UsageRule(
        terms=terms, unit="kWh", unit_price=Decimal("0.174"), min_charge=Decimal("0.01")
    )
    for quantity, unit, words in (
        ("0.32", "MWh", "0.32 MWh = 0.32 * 1000 kWh"),
        ("900", "Wh", "900 Wh = 900 / 1000 kWh"),
        ("9", "KWH", "9 KWH = 9 kWh"),
    ):
        got = price_plan(plan(usage), Asked(Decimal(quantity), unit=unit))
        assert got.steps[0].input == words
        check(got)


values = st.decimals(0, 50, places=2)
kinds = st.sampled_from([*Kind])


@relaxed
@given(
    amounts=st.tuples(values, values, values),
    extras=st.lists(st.tuples(kinds, values), max_size=3),
    promotions=st.lists(st.tuples(kinds, values, st.booleans()), max_size=3),
    quantity=st.integers(1, 9),
)
def test_any_price_is_found_again_by_hand(
    amounts: tuple[Decimal, ...], extras: list, promotions: list, quantity: int
) -> None:
    base, option, surcharge = amounts
    check(
        price(
            fixed(str(base)),
            options=[Option("O", "Option", option, Per.UNIT, mandatory=True)],
            surcharges=[Surcharge("S", "Surcharge", Kind.PERCENT, surcharge)],
            discounts=[Discount(f"D{rank}", "Remise", *extra) for rank, extra in enumerate(extras)],
            promotions=[
                Promotion(
                    code=f"P{rank}", name="Promotion", kind=kind, value=value, cumulative=together
                )
                for rank, (kind, value, together) in enumerate(promotions)
            ],
            quantity=quantity,
        )
    )
