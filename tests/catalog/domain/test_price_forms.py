"""Tiers, usage, units and indexed prices (`docs/rules/prix.md`)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.domain.pricing import price_plan
from catalog.domain.rules import (
    Asked,
    IndexedRule,
    IndexValue,
    TieredRule,
    UsageRule,
)
from catalog.domain.tiers import Tier, TierBase, TierMode, inversions, slices
from catalog.domain.units import convert
from tests.support.prices import fixed, plan, price, terms, tiers_of
from tests.support.rules import Row, case_id, number, numbers, optional, rows
from tests.support.strategies import amounts, relaxed
from winvest.core.errors import Invalid


@pytest.mark.requirement("1-07", "2.1-plan-02", "A.3.3-02")
@pytest.mark.parametrize("row", rows("prix", "Paliers"), ids=case_id)
def test_tiers_table(row: Row) -> None:
    tiers, size = tiers_of(row["paliers"]), number(row["mesure"])
    percent = tiers[0].base is TierBase.PERCENT
    asked = Asked(Decimal(1), size) if percent else Asked(size)
    for mode, column in (
        (TierMode.SLAB, "par palier atteint"),
        (TierMode.PROGRESSIVE, "par tranche"),
    ):
        rule = TieredRule(terms=terms(), tiers=tiers, mode=mode)
        assert price_plan(plan(rule), asked).total().incl == number(row[column])


def test_an_amount_per_unit_is_shown_half_up() -> None:
    """0.00005 is 0.0001: half goes away from zero here as everywhere."""
    rule = UsageRule(terms=terms(), unit="kWh", unit_price=Decimal(0), min_charge=Decimal("0.0001"))
    assert price_plan(plan(rule), Asked(Decimal(2))).lines[0].unit_amount == Decimal("0.0001")


@pytest.mark.requirement("1-07")
@pytest.mark.parametrize("row", rows("prix", "Inversions"), ids=case_id)
def test_inversions_table(row: Row) -> None:
    tiers = tiers_of(row["paliers"])
    expected = [] if row["inversions"] == "aucune" else numbers(row["inversions"])
    assert inversions(tiers, TierMode.SLAB) == expected
    assert inversions(tiers, TierMode.PROGRESSIVE) == []


@pytest.mark.requirement("1-09", "A.3.3-04")
@pytest.mark.parametrize("row", rows("prix", "Usage"), ids=case_id)
def test_usage_table(row: Row) -> None:
    rule = UsageRule(
        terms=terms(),
        unit="kWh",
        unit_price=number(row["prix unitaire"]),
        min_charge=optional(row["minimum"]),
    )
    assert price(rule, quantity=number(row["quantité"])).total().incl == number(row["total"])


@pytest.mark.requirement("1-09", "3.2-11")
@pytest.mark.parametrize("row", rows("prix", "Unités"), ids=case_id)
def test_units_table(row: Row) -> None:
    def ask() -> Decimal:
        return convert(number(row["quantité"]), row["unité"], row["unité du prix"])

    if row["convertie"] == "refus":
        with pytest.raises(Invalid) as caught:
            ask()
        assert caught.value.code == "unit.incompatible"
    else:
        assert str(ask()).replace(".", ",") == row["convertie"]


@pytest.mark.requirement("1-09")
def test_a_quantity_in_another_unit() -> None:
    usage = UsageRule(terms=terms(), unit="kWh", unit_price=Decimal("0.1740"))
    other = UsageRule(terms=terms(), unit="Go", unit_price=Decimal(1))
    got = price_plan(plan(usage), Asked(Decimal("0.32"), unit="MWh"))
    assert got.total().incl == Decimal("55.68")
    assert (got.steps[0].rule, got.steps[0].input) == ("unit", "0.32 MWh = 0.32 * 1000 kWh")
    assert (
        price_plan(plan(fixed("10"), unit="hour"), Asked(Decimal(120), unit="min")).total().incl
        == 20
    )
    for offer, unit, code in (
        (plan(usage), "Go", "unit.incompatible"),
        (plan(usage, other), "kWh", "unit.ambiguous"),
        (plan(fixed("10")), "kWh", "unit.none"),
        (plan(fixed("10"), unit="hour"), "min", "pricing.quantity"),
    ):
        with pytest.raises(Invalid) as caught:
            price_plan(offer, Asked(Decimal(1), unit=unit))
        assert caught.value.code == code
    with pytest.raises(Invalid) as caught:
        price_plan(plan(usage), Asked(Decimal(10) ** 30, unit="Wh"))
    assert caught.value.code == "pricing.quantity_fraction"


@pytest.mark.requirement("1-13", "14-04", "A.3.3-03")
@pytest.mark.parametrize("row", rows("prix", "Prix indexé"), ids=case_id)
def test_indexed_table(row: Row) -> None:
    got = price(
        indexed(row["formule"], base=row["base"], value=row["indice"]),
        quantity=number(row["quantité"]),
    )
    assert got.total().incl == number(row["total"])


def indexed(text: str, *, base: str | None = "1", value: str | None = "100") -> IndexedRule:
    return IndexedRule(
        terms=terms(),
        index="energy",
        formula=text,
        base=None if base is None else number(base),
        value=None if value is None else IndexValue(date(2026, 11, 1), number(value)),
    )


@pytest.mark.requirement("1-13")
@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (indexed("base / (index - 100)"), "formula.result"),
        (indexed("base - index"), "pricing.negative"),
        (indexed("index", value=None), "pricing.index_missing"),
        (indexed("base", base=None), "pricing.base_missing"),
        (indexed("9" * 100), "money.too_large"),
        (indexed("quantity" + " * 9999999999" * 30), "money.too_large"),
    ],
)
def test_a_formula_without_a_price_is_an_error(rule: IndexedRule, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        price(rule)
    assert caught.value.code == code


@pytest.mark.requirement("1-13")
def test_the_index_used_stands_in_the_steps() -> None:
    got = price(indexed("base * index / 100", base="0.2", value="112.50"), quantity=100)
    assert got.steps[0].input == (
        "100 * base * index / 100 (index(energy, 2026-11-01) = 112.50, base = 0.2)"
    )


@pytest.mark.parametrize("quantity", ["-1", "0.00001", "1000000001", "1E+30", "NaN", "-Infinity"])
def test_wrong_quantity_of_a_usage_is_refused(quantity: str) -> None:
    with pytest.raises(Invalid) as caught:
        price(UsageRule(terms=terms(), unit="kWh", unit_price=Decimal(1)), quantity=quantity)

    assert caught.value.code == "pricing.quantity_fraction"


def test_a_percent_needs_what_it_bears_on() -> None:
    rule = TieredRule(terms=terms(), tiers=tiers_of("0+:5%"), mode=TierMode.SLAB)
    with pytest.raises(Invalid) as caught:
        price(rule)

    assert (caught.value.code, caught.value.reasons[0].path) == (
        "pricing.base_amount",
        "base_amount",
    )


@relaxed
@given(
    bounds=st.lists(st.integers(1, 10**6), min_size=1, max_size=6, unique=True),
    prices=st.lists(amounts, min_size=7, max_size=7),
    size=st.decimals(0, 2 * 10**6, places=4),
)
def test_slices_cover_the_quantity(bounds, prices, size) -> None:
    starts = [0, *sorted(bounds)]
    ends = [*map(Decimal, starts[1:]), None]
    tiers = [
        Tier(Decimal(low), high, amount)
        for low, high, amount in zip(starts, ends, prices, strict=False)
    ]
    progressive = slices(tiers, TierMode.PROGRESSIVE, size)
    [slab] = slices(tiers, TierMode.SLAB, size)

    assert sum(part.size for part in progressive) == slab.size == size
    assert slab.tier.low <= size
    assume(len({tier.amount for tier in tiers}) == 1)
    assert sum(part.amount for part in progressive) == slab.amount
