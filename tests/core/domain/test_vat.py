"""VAT: split, dated rates, cumulative parts (`docs/rules/tva.md`)."""

from datetime import date
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rules import Row, case_id, number, numbers, rows
from tests.support.strategies import cents, currencies, rates, relaxed, signed_cents
from winvest.core.domain.money import currency_unit, round_amount
from winvest.core.domain.periods import Period
from winvest.core.domain.vat import TaxSplit, VatRate, rate_at, split, split_incl, split_part
from winvest.core.errors import Invalid


def reference_rates() -> list[VatRate]:
    return [
        VatRate(
            row["code"],
            row["pays"],
            number(row["taux"]),
            Period(
                date.fromisoformat(row["du"]),
                date.fromisoformat(row["au"]) if row["au"] else None,
            ),
        )
        for row in rows("tva", "Taux de référence des exemples")
    ]


@pytest.mark.requirement("13-07", "F.4.1-02", "F.4.3-02")
@pytest.mark.parametrize("row", rows("tva", "Partage d'un montant"), ids=case_id)
def test_split_table(row: Row) -> None:
    parts = split(
        number(row["montant"]), number(row["taux"]), "EUR", tax_included=row["base"] == "TTC"
    )

    assert parts == TaxSplit(number(row["HT"]), number(row["TVA"]), number(row["TTC"]))


@pytest.mark.requirement("F.4.1-02")
@pytest.mark.parametrize("row", rows("tva", "Taux à une date"), ids=case_id)
def test_dated_rates_table(row: Row) -> None:
    def look_up() -> Decimal:
        return rate_at(
            reference_rates(),
            code=row["code"],
            country=row["pays"],
            on=date.fromisoformat(row["date"]),
        )

    if row["taux"] == "refus":
        with pytest.raises(Invalid) as caught:
            look_up()
        assert caught.value.code == "vat.not_in_force"
    else:
        rate = look_up()
        assert rate == number(row["taux"])
        assert split_incl(Decimal("19.90"), rate, "EUR").tax == number(row["TVA de 19,90 TTC"])


def test_two_rates_in_force_are_refused() -> None:
    doubled = VatRate("FR20", "FR", Decimal(19), Period(date(2025, 1, 1), None))

    with pytest.raises(Invalid) as caught:
        rate_at([*reference_rates(), doubled], code="FR20", country="FR", on=date(2025, 9, 1))

    assert caught.value.code == "vat.ambiguous"


@pytest.mark.requirement("F.5-04")
@pytest.mark.parametrize("row", rows("tva", "Parts d'un montant"), ids=case_id)
def test_parts_table(row: Row) -> None:
    parts = numbers(row["parts"])
    taken = [Decimal(0), *accumulate(parts)]
    taxes = [
        split_part(part, already, number(row["taux"]), "EUR", tax_included=row["base"] == "TTC").tax
        for part, already in zip(parts, taken, strict=False)
    ]

    assert taken[-1] == number(row["total"])
    assert taxes == numbers(row["TVA des parts"])


@pytest.mark.parametrize("rate", ["-0.01", "100.01"])
@pytest.mark.parametrize("tax_included", [True, False])
def test_rate_out_of_range_is_refused(rate: str, tax_included: bool) -> None:
    with pytest.raises(Invalid) as caught:
        split(Decimal(1), Decimal(rate), "EUR", tax_included=tax_included)

    assert caught.value.code == "vat.rate_out_of_range"


@relaxed
@given(amount=signed_cents, rate=rates, currency=currencies, tax_included=st.booleans())
def test_split_adds_up(amount: Decimal, rate: Decimal, currency: str, tax_included: bool) -> None:
    parts = split(amount, rate, currency, tax_included=tax_included)
    opposite = split(-amount, rate, currency, tax_included=tax_included)

    assert parts.excl + parts.tax == parts.incl
    assert (parts.incl if tax_included else parts.excl) == round_amount(amount, currency)
    assert opposite == TaxSplit(-parts.excl, -parts.tax, -parts.incl)
    exact = parts.excl * rate / 100
    assert abs(parts.tax - exact) <= currency_unit(currency)


@relaxed
@given(net=cents, rate=rates)
def test_splitting_what_was_added_gives_the_same_tax(net: Decimal, rate: Decimal) -> None:
    added = split(net, rate, "EUR", tax_included=False)

    assert split_incl(added.incl, rate, "EUR") == added


@relaxed
@given(
    parts=st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=20),
    rate=rates,
    tax_included=st.booleans(),
)
def test_parts_add_up_to_the_whole(parts: list[Decimal], rate: Decimal, tax_included: bool) -> None:
    taken = [Decimal(0), *accumulate(parts)]
    pieces = [
        split_part(part, already, rate, "EUR", tax_included=tax_included)
        for part, already in zip(parts, taken, strict=False)
    ]
    whole = split(taken[-1], rate, "EUR", tax_included=tax_included)

    assert sum(piece.tax for piece in pieces) == whole.tax
    assert sum(piece.excl for piece in pieces) == whole.excl
    assert all(min(piece.excl, piece.tax, piece.incl) >= 0 for piece in pieces)
