"""Rounding, sharing and writing of amounts (`docs/rules/prix.md`, `docs/rules/exports.md`)."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rules import Row, case_id, number, numbers, rows
from tests.support.strategies import currencies, relaxed, signed_cents
from winvest.core.domain.money import (
    allocate,
    check_amount,
    currency_unit,
    decimal_comma,
    rate_label,
    round_amount,
)
from winvest.core.errors import Invalid


@pytest.mark.parametrize("row", rows("prix", "Arrondi"), ids=case_id)
def test_rounding_table(row: Row) -> None:
    rounded = round_amount(number(row["montant"]), row["devise"])

    assert str(rounded) == row["arrondi"].replace(",", ".")


@pytest.mark.parametrize("row", rows("prix", "Répartition"), ids=case_id)
def test_allocation_table(row: Row) -> None:
    shares = allocate(number(row["total"]), numbers(row["poids"]), row["devise"])

    assert [str(share) for share in shares] == row["parts"].replace(",", ".").split(" / ")


@pytest.mark.requirement("F.4.1-03")
@pytest.mark.parametrize("row", rows("exports", "Nombres"), ids=case_id)
def test_numbers_of_files(row: Row) -> None:
    assert decimal_comma(number(row["montant"])) == row["écrit"]


@pytest.mark.requirement("F.3-12")
@pytest.mark.parametrize("row", rows("exports", "Taux"), ids=case_id)
def test_rates_of_files(row: Row) -> None:
    assert rate_label(number(row["taux"])) == row["écrit"]


@pytest.mark.parametrize("text", ["0", "0.0001", "99999999999999.9999", "1E+3", "29.90"])
def test_amount_within_limits_is_kept(text: str) -> None:
    assert check_amount(Decimal(text)) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.00001", "money.too_many_decimals"),
        ("1.00000", "money.too_many_decimals"),
        ("1E-5", "money.too_many_decimals"),
        ("100000000000000", "money.too_large"),
        ("1E+14", "money.too_large"),
        ("1E+999999", "money.too_large"),
        ("-0.01", "money.negative"),
        ("NaN", "money.not_a_number"),
        ("sNaN", "money.not_a_number"),
        ("Infinity", "money.not_a_number"),
        ("-Infinity", "money.not_a_number"),
    ],
)
def test_amount_out_of_limits_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_amount(Decimal(text), path="lines/0/amount")

    assert caught.value.code == code
    assert caught.value.reasons[0].path == "lines/0/amount"


def test_unknown_currency_is_refused() -> None:
    with pytest.raises(Invalid, match="« ZZZ »") as caught:
        currency_unit("ZZZ")

    assert caught.value.code == "money.currency_unknown"


@pytest.mark.parametrize(
    ("weights", "code"),
    [([], "money.no_weight"), ([Decimal(1), Decimal(-1)], "money.negative_weight")],
)
def test_allocation_refuses_wrong_weights(weights: list[Decimal], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        allocate(Decimal(1), weights, "EUR")

    assert caught.value.code == code


@relaxed
@given(
    total=signed_cents,
    weights=st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=12),
    currency=currencies,
)
def test_shares_add_up_and_stay_within_a_unit(
    total: Decimal, weights: list[Decimal], currency: str
) -> None:
    shares = allocate(total, weights, currency)
    unit = currency_unit(currency)
    rounded = round_amount(total, currency)

    assert sum(shares) == rounded
    assert all(share % unit == 0 and share * rounded >= 0 for share in shares)
    if sum(weights):
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share * sum(weights) - rounded * weight) < unit * sum(weights)


@relaxed
@given(total=signed_cents, weights=st.lists(st.decimals(0, 99, places=2), min_size=1, max_size=9))
def test_a_heavier_weight_never_gets_less(total: Decimal, weights: list[Decimal]) -> None:
    shares = allocate(abs(total), weights, "EUR")

    ordered = sorted(zip(weights, shares, strict=True))
    for (light, less), (heavy, more) in pairwise(ordered):
        assert light == heavy or less <= more


@given(amount=signed_cents)
def test_a_written_number_reads_back(amount: Decimal) -> None:
    assert number(decimal_comma(amount)) == amount
