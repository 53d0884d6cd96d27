"""Bundles shared over their components (`docs/rules/prix.md`)."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.bundles import BundleKind, BundlePrice
from catalog.domain.extras import Due
from catalog.domain.offers import Bundle, Component, PlanPrice
from catalog.domain.pricing import LineKind, price_plan
from catalog.domain.rules import (
    Asked,
    FixedRule,
    Terms,
)
from tests.support.prices import plan, text_of
from tests.support.rules import Row, case_id, number, rows
from tests.support.strategies import rates, relaxed
from winvest.core.errors import Invalid


def component(
    amount: Decimal, rate: Decimal, *, count: int = 1, included: bool = True
) -> Component:
    rule = FixedRule(
        terms=Terms(version=3, currency="EUR", tax_rate=rate, tax_included=included),
        amount=amount,
    )
    inside = PlanPrice(code="A", label="Formule", due=Due.RECURRING, rules=(rule,))
    return Component(sku="P", quantity=count, price=inside)


def bundle_of(components: list[Component], text: str, *, included: bool = True) -> PlanPrice:
    kind = BundleKind.PERCENT if text.endswith("%") else BundleKind.AMOUNT
    bundle_price = BundlePrice(
        kind if text.startswith("-") else BundleKind.FIXED, number(text.strip("-%")), included
    )
    return plan(bundle=Bundle(version=1, price=bundle_price, components=components))


@pytest.mark.requirement("1-10", "14-03")
@pytest.mark.parametrize("row", rows("prix", "Bundles"), ids=case_id)
def test_bundles_table(row: Row) -> None:
    included = row["base"] == "TTC"
    components = []
    for cell in row["composants"].split(" / "):
        count, amount, rate = re.fullmatch(r"(\d+) × ([\d,]+) @ ([\d,]+)", cell).groups()
        components.append(
            component(number(amount), number(rate), count=int(count), included=included)
        )
    asked = Asked(number(row["quantité"]))
    got = price_plan(bundle_of(components, row["prix du bundle"], included=included), asked)
    own = [line.incl if included else line.excl for line in got.lines]
    assert {line.kind for line in got.lines} == {LineKind.COMPONENT}
    assert text_of(own) == row["parts"]
    assert text_of([line.tax for line in got.lines]) == row["TVA"]
    assert text_of([got.total().incl]) == row["TTC"]


@pytest.mark.requirement("1-10")
def test_the_steps_of_a_bundle_tell_each_component_and_its_share() -> None:
    components = [
        component(Decimal("20.00"), Decimal(20)),
        component(Decimal("15.00"), Decimal("5.5"), count=2),
    ]
    steps = price_plan(bundle_of(components, "-10%"), Asked(Decimal(1))).steps
    assert [(step.rule, step.version, step.input, str(step.output)) for step in steps] == [
        ("fixed", 3, "1 * 20.00", "20.00"),
        ("line", 3, "20.00", "20.00"),
        ("component", 1, "1 * P/A = 20.00", "20.00"),
        ("fixed", 3, "2 * 15.00", "30.00"),
        ("line", 3, "30.00", "30.00"),
        ("component", 1, "2 * P/A = 30.00", "30.00"),
        ("bundle", 1, "20.00 + 30.00 - min(round(50.00 * 10 %), 50.00)", "45.00"),
        ("share", 1, "P/A = 45.00 * 20.00 / 50.00", "18.00"),
        ("share", 1, "P/A = 45.00 * 30.00 / 50.00", "27.00"),
        ("vat", 1, "18.00 TTC * 20 / 120", "3.00"),
        ("vat", 1, "27.00 TTC * 5.5 / 105.5", "1.41"),
    ]


@pytest.mark.requirement("1-10")
def test_a_bundle_mixes_neither_bases_nor_fractions() -> None:
    mixed = [
        component(Decimal(20), Decimal(20)),
        component(Decimal(15), Decimal("5.5"), included=False),
    ]
    for asked, text, code in (
        (mixed, "30", "bundle.mixed"),
        (mixed[1:], "30", "bundle.mixed"),
    ):
        with pytest.raises(Invalid) as caught:
            price_plan(bundle_of(asked, text), Asked(Decimal(1)))
        assert caught.value.code == code
    with pytest.raises(Invalid) as caught:
        price_plan(bundle_of(mixed[:1], "30"), Asked(Decimal("1.5")))
    assert caught.value.code == "pricing.quantity"


@pytest.mark.requirement("1-10")
@relaxed
@given(
    inside=st.lists(
        st.tuples(st.decimals(0, 1_000, places=2), rates, st.integers(1, 5)), min_size=1, max_size=6
    ),
    value=st.decimals(0, 100, places=2),
    sign=st.sampled_from(["", "-", "%"]),
    quantity=st.integers(1, 50),
    included=st.booleans(),
)
def test_the_shares_of_a_bundle_are_its_price(
    inside: list, value: Decimal, sign: str, quantity: int, included: bool
) -> None:
    components = [
        component(amount, rate, count=count, included=included) for amount, rate, count in inside
    ]
    text = {"": f"{value}", "-": f"-{value}", "%": f"-{value}%"}[sign]
    got = price_plan(bundle_of(components, text, included=included), Asked(Decimal(quantity)))
    total = next(step.output for step in got.steps if step.rule == "bundle")
    own = [line.incl if included else line.excl for line in got.lines]
    assert sum(own) == total
    assert min(own) >= 0
    assert all(line.excl + line.tax == line.incl for line in got.lines)
    weights = [step.output for step in got.steps if step.rule == "component"]
    for one, weight in zip(own, weights, strict=True):
        if sum(weights):
            assert abs(one - total * weight / sum(weights)) < Decimal("0.01")
