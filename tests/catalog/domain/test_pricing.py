"""The price of a plan (`docs/rules/prix.md`)."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.domain.bundles import BundleKind, BundlePrice
from catalog.domain.extras import Discount, Due, Kind, Option, Per, Surcharge
from catalog.domain.offers import Bundle, Component, PlanPrice
from catalog.domain.pricing import LineKind, Price, Rounding, Step, price_plan
from catalog.domain.promotions import (
    Planned,
    Promotion,
    Sale,
    best,
    reasons_of_code,
    running,
)
from catalog.domain.rules import (
    Asked,
    FixedRule,
    IndexedRule,
    IndexValue,
    Rule,
    Terms,
    TieredRule,
    UsageRule,
    check_quantity,
)
from catalog.domain.tiers import Tier, TierBase, TierMode, inversions, slices
from catalog.domain.units import convert
from tests.support.rules import Row, case_id, number, numbers, optional, rows
from tests.support.strategies import currencies, rates, relaxed
from winvest.core.domain.money import round_amount
from winvest.core.errors import Invalid


def terms(currency: str = "EUR", tax_rate: str = "20.00", tax_included: bool = True) -> Terms:
    return Terms(
        version=1, currency=currency, tax_rate=Decimal(tax_rate), tax_included=tax_included
    )


def fixed(amount: str = "29.90", **shared: object) -> FixedRule:
    return FixedRule(terms=terms(**shared), amount=Decimal(amount))


def plan(*rules: Rule, **more: object) -> PlanPrice:
    return PlanPrice(code="BOX", label="Box", due=Due.RECURRING, rules=rules, **more)


def price(*rules: Rule, quantity: str | int | Decimal = 1, **more: object) -> Price:
    return price_plan(plan(*rules, **more), Asked(Decimal(quantity)))


def text_of(amounts: list[Decimal]) -> str:
    return " / ".join(str(amount).replace(".", ",") for amount in amounts)


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


def tiers_of(text: str) -> tuple[Tier, ...]:
    bases = {"": TierBase.UNIT, "F": TierBase.AMOUNT, "%": TierBase.PERCENT}
    found = []
    for cell in text.split(" / "):
        low, high, amount, base = re.fullmatch(r"(\d+)(?:-(\d+)|\+):([\d,]+)(F|%|)", cell).groups()
        top = None if high is None else Decimal(high)
        found.append(Tier(Decimal(low), top, number(amount), bases[base]))
    return tuple(found)


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
    assert (got.steps[0].rule, got.steps[0].input) == ("unit", "0.32 MWh → kWh")
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


def value_of(text: str) -> tuple[Kind, Decimal]:
    kind = Kind.PERCENT if text.endswith("%") else Kind.AMOUNT
    return kind, number(text.rstrip("%"))


@pytest.mark.requirement("1-11", "14-05")
@pytest.mark.parametrize("row", rows("prix", "Promotions"), ids=case_id)
def test_promotions_table(row: Row) -> None:
    running = []
    for rank, cell in enumerate(filter(None, row["promotions"].split(" / ")), start=1):
        code, value, *cumulative = cell.split()
        kind, amount = value_of(value)
        running.append(
            Promotion(
                code=code,
                name=code,
                kind=kind,
                value=amount,
                priority=rank,
                cumulative=bool(cumulative),
            )
        )
    taken = best(running, number(row["prix"]), "EUR")
    shown = " / ".join(f"{one.code} {amount}".replace(".", ",") for one, amount in taken)
    assert shown == row["retenues"]
    got = price(fixed(str(number(row["prix"]))), promotions=running)
    assert text_of([got.total().incl]) == row["reste"]


PRODUCTS = {"P": UUID(int=1), "Q": UUID(int=2)}
PLANNED = re.compile(
    r"(?P<code>\w+) (?P<on_code>=CODE )?(?P<start>\S+)>(?P<end>\S*)"
    r"(?: sur (?P<product>\w)(?::(?P<plan>\w))?)?(?: canal (?P<channel>\w+))?"
)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text if text.startswith("20") else f"2026-{text}").replace(
        tzinfo=UTC
    )


def planned(text: str) -> Planned:
    found = PLANNED.fullmatch(text)
    name = found["code"]
    return Planned(
        promotion=Promotion(code=name, name=name, kind=Kind.PERCENT, value=Decimal(10)),
        start=day(found["start"]),
        end=day(found["end"]) if found["end"] else None,
        on_code=bool(found["on_code"]),
        product=PRODUCTS[found["product"]] if found["product"] else None,
        plan=found["plan"] or "",
        channels=(found["channel"],) if found["channel"] else (),
    )


@pytest.mark.requirement("1-11", "14-05")
@pytest.mark.parametrize("row", rows("prix", "Codes de promotion"), ids=case_id)
def test_codes_table(row: Row) -> None:
    listed = [planned(text) for text in row["promotions"].split(" / ")]
    sale = Sale(at=day(row["instant"]), product=PRODUCTS["P"], plan="A", channel="web")
    code = row["code donné"] or None
    found = [one.promotion.code for one in running(listed, sale, code)]
    reasons = reasons_of_code(listed, sale, code)
    assert " / ".join(found) == row["courent"]
    assert " / ".join(reason.code for reason in reasons) == row["refus"]
    assert {reason.path for reason in reasons} <= {"promo_code"}


@pytest.mark.requirement("1-11")
def test_the_steps_name_the_promotion() -> None:
    promotions = [
        Promotion(code="A", name="Été", kind=Kind.PERCENT, value=Decimal(10), cumulative=True),
        Promotion(code="B", name="Fin", kind=Kind.AMOUNT, value=Decimal(5), cumulative=True),
    ]
    steps = price(fixed("29.90"), promotions=promotions).steps
    assert [step.input for step in steps if step.rule == "promotion"] == [
        "A « Été » = 29.90 * 10 %",
        "B « Fin » = min(5, 26.91)",
    ]


@pytest.mark.requirement("1-11")
@relaxed
@given(
    total=st.decimals(0, 10_000, places=2),
    offers=st.lists(
        st.tuples(
            st.sampled_from(Kind),
            st.decimals("0.01", 100, places=2),
            st.booleans(),
            st.integers(1, 3),
        ),
        max_size=6,
    ),
)
def test_the_client_gets_the_cheaper_of_the_two_ways(total: Decimal, offers: list) -> None:
    listed = [
        Promotion(
            code=f"P{n}", name="P", kind=kind, value=value, cumulative=together, priority=rank
        )
        for n, (kind, value, together, rank) in enumerate(offers)
    ]
    taken = sum((amount for _, amount in best(listed, total, "EUR")), Decimal(0))
    assert 0 <= taken <= total
    assert all(taken >= one.price(total, "EUR") for one in listed)
    left = total
    for one in sorted((p for p in listed if p.cumulative), key=lambda p: (p.priority, p.code)):
        left -= one.price(left, "EUR")
    assert taken >= total - left


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
        ("component", 1, "1 * P/A", "20.00"),
        ("fixed", 3, "2 * 15.00", "30.00"),
        ("line", 3, "30.00", "30.00"),
        ("component", 1, "2 * P/A", "30.00"),
        ("bundle", 1, "20.00 + 30.00 - 10 %", "45.00"),
        ("share", 1, "45.00 * 20.00 / 50.00", "18.00"),
        ("share", 1, "45.00 * 30.00 / 50.00", "27.00"),
        ("vat", 1, "18.00 TTC * 20 %", "3.00"),
        ("vat", 1, "27.00 TTC * 5.5 %", "1.41"),
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
        Step("vat", 1, "89.72 TTC * 20.00 %", Decimal("14.95"), Rounding.HALF_UP),
    )


def test_the_steps_say_when_tax_is_added() -> None:
    got = price(fixed("15.00", tax_included=False))

    assert got.steps[-1].input == "15.00 HT * 20.00 %"
    assert (got.quantity, got.currency) == (1, "EUR")


@pytest.mark.requirement("1-12")
def test_a_negotiated_price_says_so() -> None:
    got = price(fixed("25.00"), negotiated=True)

    assert got.steps[0] == Step("negotiated", 1, "1 * 25.00", Decimal("25.00"), Rounding.NONE)


@pytest.mark.parametrize("quantity", ["0", "-1", "0.5", "1.0001", "1000000001", "NaN", "Infinity"])
def test_wrong_quantity_of_a_fixed_price_is_refused(quantity: str) -> None:
    with pytest.raises(Invalid) as caught:
        price(fixed(), quantity=quantity)

    assert caught.value.code == "pricing.quantity"


@pytest.mark.parametrize("quantity", ["-1", "0.00001", "1000000001", "1E+30", "NaN", "-Infinity"])
def test_wrong_quantity_of_a_usage_is_refused(quantity: str) -> None:
    with pytest.raises(Invalid) as caught:
        price(UsageRule(terms=terms(), unit="kWh", unit_price=Decimal(1)), quantity=quantity)

    assert caught.value.code == "pricing.quantity_fraction"


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


def test_a_percent_needs_what_it_bears_on() -> None:
    rule = TieredRule(terms=terms(), tiers=tiers_of("0+:5%"), mode=TierMode.SLAB)
    with pytest.raises(Invalid) as caught:
        price(rule)

    assert (caught.value.code, caught.value.reasons[0].path) == (
        "pricing.base_amount",
        "base_amount",
    )


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


amounts = st.decimals(0, 10**4, places=4)
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
