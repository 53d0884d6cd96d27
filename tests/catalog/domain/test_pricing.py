"""The price of a plan (`docs/rules/prix.md`)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.extras import Discount, Due, Kind, Option, Per, Surcharge
from catalog.domain.offers import Fee
from catalog.domain.pricing import LineKind, price_plan
from catalog.domain.promotions import (
    Promotion,
)
from catalog.domain.rules import (
    Asked,
    FixedRule,
    Terms,
    check_quantity,
)
from catalog.domain.steps import Rounding, Step, tax_of
from tests.support.prices import fixed, plan, price, text_of, value_of
from tests.support.rules import Row, case_id, number, numbers, rows
from tests.support.strategies import amounts, currencies, rates, relaxed
from winvest.core.domain.money import round_amount
from winvest.core.errors import Invalid


@pytest.mark.requirement("1-06", "13-06", "13-07", "13-09", "A.3.3-01")
@pytest.mark.parametrize("row", rows("prix", "Prix fixe"), ids=case_id)
def test_fixed_price_table(row: Row) -> None:
    shared = {
        "currency": row["devise"],
        "tax_rate": str(number(row["taux"])),
        "tax_included": row["base"] == "TTC",
    }
    rules = [fixed(str(amount), **shared) for amount in numbers(row["tarifs"])]

    [line] = price(*rules, quantity=number(row["quantité"])).lines

    shown = [line.unit_amount, line.excl, line.tax, line.incl]
    expected = [row["prix unitaire"], row["HT"], row["TVA"], row["TTC"]]
    assert [str(amount) for amount in shown] == [text.replace(",", ".") for text in expected]


@pytest.mark.requirement("2.1-plan-03", "1-11")
@pytest.mark.parametrize("row", rows("prix", "Options, surcharges, remises"), ids=case_id)
def test_extras_table(row: Row) -> None:
    got = price_plan(
        plan(
            fixed(str(number(row["base"]))),
            options=[Option("O", "Option", number(row["option"]))] if row["option"] else [],
            surcharges=[Surcharge("S", "Surcharge", *value_of(row["surcharge"]))]
            if row["surcharge"]
            else [],
            discounts=[Discount("R", "Remise", *value_of(row["remise"]))] if row["remise"] else [],
        ),
        Asked(Decimal(1)),
        options=["O"] if row["option"] else [],
    )
    kept = [line for line in got.lines if line.kind is not LineKind.DISCOUNT]
    assert text_of([line.incl - line.taken_off for line in kept]) == row["restes"]
    assert text_of([line.tax for line in kept]) == row["TVA"]
    assert text_of([got.total().incl]) == row["TTC"]


@pytest.mark.requirement("2.1-plan-03")
def test_options_are_by_line_or_unit_once_or_at_each_period() -> None:
    options = [
        Option("SIM", "Carte SIM", Decimal("9.99"), due=Due.ONCE, mandatory=True),
        Option("4K", "Ultra HD", Decimal("2.00"), per=Per.UNIT),
        Option("VOD", "Vidéos", Decimal("5.00")),
    ]
    got = price_plan(plan(fixed("10"), options=options), Asked(Decimal(3)), options=["4K"])

    assert [(line.code, line.due, line.incl) for line in got.lines] == [
        ("BOX", Due.RECURRING, Decimal("30.00")),
        ("SIM", Due.ONCE, Decimal("9.99")),
        ("4K", Due.RECURRING, Decimal("6.00")),
    ]
    assert got.total(Due.ONCE).incl == Decimal("9.99")
    assert got.total(Due.RECURRING).incl == Decimal("36.00")


@pytest.mark.parametrize(
    ("codes", "code", "path"),
    [(["NON"], "option.unknown", "options.0"), (["O", "O"], "option.twice", "options.1")],
)
def test_options_that_are_refused(codes: list[str], code: str, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        price_plan(
            plan(fixed(), options=[Option("O", "O", Decimal(1))]), Asked(Decimal(1)), options=codes
        )
    assert (caught.value.code, caught.value.reasons[0].path) == (code, path)


def test_a_discount_is_told_apart_by_when_it_is_due() -> None:
    options = [Option("POSE", "Installation", Decimal("50.00"), due=Due.ONCE, mandatory=True)]
    discount = Discount("R10", "Remise", Kind.PERCENT, Decimal(10))
    got = price(fixed("100"), options=options, discounts=[discount])

    assert [(line.due, line.incl, line.tax) for line in got.lines if line.code == "R10"] == [
        (Due.ONCE, Decimal("-5.00"), Decimal(0)),
        (Due.RECURRING, Decimal("-10.00"), Decimal(0)),
    ]
    assert got.total(Due.ONCE).incl == Decimal("45.00")


def test_the_steps_explain_the_price() -> None:
    got = price(fixed("29.90"), fixed("0.005"), quantity=3)

    assert got.steps == (
        Step("fixed", 1, "3 * 29.90", Decimal("89.70"), Rounding.NONE),
        Step("fixed", 1, "3 * 0.005", Decimal("0.015"), Rounding.NONE),
        Step("line", 1, "89.70 + 0.015", Decimal("89.72"), Rounding.HALF_UP),
        Step("vat", 1, "89.72 TTC * 20 / 120", Decimal("14.95"), Rounding.HALF_UP),
    )


def test_the_steps_say_when_tax_is_added() -> None:
    got = price(fixed("15.00", tax_included=False))

    assert got.steps[-1].input == "15.00 HT * 20 %"
    assert (got.quantity, got.currency) == (1, "EUR")


@pytest.mark.requirement("3.6-13")
@pytest.mark.parametrize("row", rows("prix", "Frais initiaux"), ids=case_id)
def test_fees_table(row: Row) -> None:
    rate, included = number(row["taux"]), row["base"] == "TTC"
    kind, value = value_of(row["promotion"] or "0%")
    promotion = Promotion(code="P", name="Promotion", kind=kind, value=value)
    promotions = [promotion] if row["promotion"] else []
    fee = Fee("Frais de mise en service", number(row["frais"]), rate, included)
    quantity = number(row["quantité"])
    got = price(fixed(str(number(row["prix"]))), quantity=quantity, promotions=promotions, fee=fee)

    line = got.lines[-1]
    assert (line.kind, line.due, line.quantity, line.taken_off) == (LineKind.FEE, Due.ONCE, 1, 0)
    assert text_of([line.excl]) == row["frais HT"]
    assert text_of([line.tax]) == row["TVA"]
    assert text_of([line.incl]) == row["frais TTC"]
    assert text_of([got.total(Due.ONCE).incl]) == row["dû une fois"]
    assert text_of([got.total(Due.RECURRING).incl]) == row["à l'échéance"]
    told = f"FRAIS = {number(row['frais']).normalize():f}"
    steps = [(step.rule, step.input) for step in got.steps[-2:]]
    asked = round_amount(fee.amount, "EUR")
    assert steps == [("fee", told), ("vat", tax_of(asked, rate, tax_included=included))]


def test_fees_and_price_stay_below_the_limit() -> None:
    for amount, fee in (("1", "99999999999999.9999"), ("99999999999999", "1")):
        with pytest.raises(Invalid) as caught:
            price(fixed(amount), fee=Fee("Frais", Decimal(fee), Decimal(20), tax_included=True))
        assert caught.value.code == "money.too_large"


@pytest.mark.requirement("1-12")
def test_a_negotiated_price_says_so() -> None:
    got = price(fixed("25.00"), negotiated=True)

    assert got.steps[0] == Step("negotiated", 1, "1 * 25.00", Decimal("25.00"), Rounding.NONE)


@pytest.mark.parametrize("quantity", ["0", "-1", "0.5", "1.0001", "1000000001", "NaN", "Infinity"])
def test_wrong_quantity_of_a_fixed_price_is_refused(quantity: str) -> None:
    with pytest.raises(Invalid) as caught:
        price(fixed(), quantity=quantity)

    assert caught.value.code == "pricing.quantity"


@pytest.mark.parametrize(
    ("given_as", "whole", "kept"),
    [
        ("1.00", True, "1"),
        ("1E+9", True, "1000000000"),
        ("320.50", False, "320.5"),
        ("1E+2", False, "100"),
        ("0", False, "0"),
    ],
)
def test_a_quantity_is_written_plainly(given_as: str, whole: bool, kept: str) -> None:
    assert str(check_quantity(Decimal(given_as), whole=whole)) == kept


def test_a_plan_without_rule_has_no_price() -> None:
    with pytest.raises(Invalid) as caught:
        price()

    assert caught.value.code == "pricing.no_rule"


@pytest.mark.parametrize(
    "other",
    [fixed(currency="XPF"), fixed(tax_rate="5.5"), fixed(tax_included=False)],
    ids=["currency", "rate", "base"],
)
def test_rules_of_one_plan_share_their_terms(other: FixedRule) -> None:
    with pytest.raises(Invalid) as caught:
        price(fixed(), other)

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
        price(rule, quantity=quantity)

    assert caught.value.code == code


values = st.tuples(st.sampled_from(Kind), st.decimals(0, 100, places=2))


@relaxed
@given(
    base=st.lists(amounts, min_size=1, max_size=4),
    quantity=st.integers(1, 10**6),
    rate=rates,
    currency=currencies,
    tax_included=st.booleans(),
)
def test_a_line_is_rounded_once(base, quantity, rate, currency, tax_included) -> None:
    shared = Terms(version=1, currency=currency, tax_rate=rate, tax_included=tax_included)
    rules = [FixedRule(terms=shared, amount=amount) for amount in base]

    [line] = price(*rules, quantity=quantity).lines

    assert line.unit_amount == sum(base)
    assert line.excl + line.tax == line.incl
    total = line.incl if tax_included else line.excl
    assert total == round_amount(quantity * sum(base, start=Decimal(0)), currency)


@relaxed
@given(
    base=amounts,
    quantity=st.integers(1, 1000),
    options=st.lists(amounts, max_size=3),
    surcharges=st.lists(values, max_size=2),
    discounts=st.lists(values, max_size=3),
    promotions=st.lists(st.tuples(values, st.booleans()), max_size=3),
    rate=rates,
    currency=currencies,
    tax_included=st.booleans(),
)
def test_lines_make_the_whole_and_nothing_is_negative(
    base, quantity, options, surcharges, discounts, promotions, rate, currency, tax_included
) -> None:
    shared = Terms(version=1, currency=currency, tax_rate=rate, tax_included=tax_included)
    got = price(
        FixedRule(terms=shared, amount=base),
        quantity=quantity,
        options=[Option(f"O{n}", "o", amount, mandatory=True) for n, amount in enumerate(options)],
        surcharges=[Surcharge(f"S{n}", "s", *value) for n, value in enumerate(surcharges)],
        discounts=[Discount(f"R{n}", "r", *value) for n, value in enumerate(discounts)],
        promotions=[
            Promotion(
                code=f"P{n}", name="p", kind=kind, value=value, priority=n, cumulative=cumulative
            )
            for n, ((kind, value), cumulative) in enumerate(promotions)
        ],
    )
    total = got.total()
    asked = [line for line in got.lines if not line.kind.endswith(("discount", "promotion"))]
    reduced = [line for line in got.lines if line.kind.endswith(("discount", "promotion"))]

    assert total.excl >= 0
    assert total.tax >= 0
    assert total.excl + total.tax == total.incl
    assert sum(line.taken_off for line in asked) == -sum(line.incl for line in reduced)
    for line in asked:
        entered = line.incl if tax_included else line.excl
        assert 0 <= line.taken_off <= entered
        assert line.excl + line.tax == line.incl
