"""The price of a plan, fixed rule (`docs/rules/prix.md`)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.pricing import (
    FixedRule,
    PricedLine,
    Rounding,
    Step,
    check_quantity,
    price_line,
)
from tests.support.rules import Row, case_id, number, numbers, rows
from tests.support.strategies import currencies, rates, relaxed
from winvest.core.domain.money import round_amount
from winvest.core.errors import Invalid


def fixed(
    amount: str = "29.90",
    *,
    currency: str = "EUR",
    tax_rate: str = "20.00",
    tax_included: bool = True,
) -> FixedRule:
    return FixedRule(
        amount=Decimal(amount),
        version=1,
        currency=currency,
        tax_included=tax_included,
        tax_rate=Decimal(tax_rate),
    )


@pytest.mark.requirement("13-06", "13-07", "13-09", "A.3.3-01")
@pytest.mark.parametrize("row", rows("prix", "Prix fixe"), ids=case_id)
def test_fixed_price_table(row: Row) -> None:
    rules = [
        fixed(
            str(amount),
            currency=row["devise"],
            tax_rate=str(number(row["taux"])),
            tax_included=row["base"] == "TTC",
        )
        for amount in numbers(row["tarifs"])
    ]

    line = price_line(rules, number(row["quantité"]))

    shown = [line.unit_amount, line.excl, line.tax, line.incl]
    expected = [row["prix unitaire"], row["HT"], row["TVA"], row["TTC"]]
    assert [str(amount) for amount in shown] == [text.replace(",", ".") for text in expected]


def test_the_steps_explain_the_price() -> None:
    line = price_line([fixed("29.90"), fixed("0.005")], Decimal(3))

    assert line.steps == (
        Step("fixed", 1, "3 * 29.90", Decimal("89.70"), Rounding.NONE),
        Step("fixed", 1, "3 * 0.005", Decimal("0.015"), Rounding.NONE),
        Step("line", 1, "89.70 + 0.015", Decimal("89.72"), Rounding.HALF_UP),
        Step("vat", 1, "89.72 TTC * 20.00 %", Decimal("14.95"), Rounding.HALF_UP),
    )


def test_the_steps_say_when_tax_is_added() -> None:
    line = price_line([fixed("15.00", tax_included=False)], Decimal(1))

    assert line.steps[-1].input == "15.00 HT * 20.00 %"
    assert line.quantity == 1
    assert line.currency == "EUR"
    assert line.tax_rate == 20


@pytest.mark.parametrize("quantity", ["0", "-1", "0.5", "1.0001", "1000000001", "NaN", "Infinity"])
def test_wrong_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(Invalid) as caught:
        price_line([fixed()], Decimal(quantity))

    assert caught.value.code == "pricing.quantity"


@pytest.mark.parametrize(("given_as", "kept"), [("1.00", "1"), ("1E+9", "1000000000")])
def test_a_whole_quantity_is_written_whole(given_as: str, kept: str) -> None:
    assert str(check_quantity(Decimal(given_as))) == kept


def test_a_plan_without_rule_has_no_price() -> None:
    with pytest.raises(Invalid) as caught:
        price_line([], Decimal(1))

    assert caught.value.code == "pricing.no_rule"


@pytest.mark.parametrize(
    "other",
    [fixed(currency="XPF"), fixed(tax_rate="5.5"), fixed(tax_included=False)],
    ids=["currency", "rate", "base"],
)
def test_rules_of_one_plan_share_their_terms(other: FixedRule) -> None:
    with pytest.raises(Invalid) as caught:
        price_line([fixed(), other], Decimal(1))

    assert caught.value.code == "pricing.mixed_terms"


@pytest.mark.parametrize(
    ("rule", "quantity", "code"),
    [
        (fixed("1.00001"), "1", "money.too_many_decimals"),
        (fixed("-1"), "1", "money.negative"),
        (fixed("100000.00"), "1000000000", "money.too_large"),
        (fixed("99999999999999.99", tax_included=False), "1", "money.too_large"),
        (fixed("99999999999999.9999"), "1", "money.too_large"),
    ],
)
def test_amounts_stay_within_limits(rule: FixedRule, quantity: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        price_line([rule], Decimal(quantity))

    assert caught.value.code == code


@relaxed
@given(
    amounts=st.lists(st.decimals(0, 10**4, places=4), min_size=1, max_size=4),
    quantity=st.integers(1, 10**6),
    rate=rates,
    currency=currencies,
    tax_included=st.booleans(),
)
def test_a_line_is_rounded_once(
    amounts: list[Decimal], quantity: int, rate: Decimal, currency: str, tax_included: bool
) -> None:
    rules = [
        FixedRule(
            amount=amount, version=1, currency=currency, tax_included=tax_included, tax_rate=rate
        )
        for amount in amounts
    ]

    line: PricedLine = price_line(rules, Decimal(quantity))

    assert line.unit_amount == sum(amounts)
    assert line.excl + line.tax == line.incl
    total = line.incl if tax_included else line.excl
    assert total == round_amount(quantity * sum(amounts, start=Decimal(0)), currency)
