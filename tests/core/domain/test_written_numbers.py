"""Numbers as people and spreadsheets write them (`winvest.core.domain.written_numbers`)."""

from decimal import Decimal

import pytest

from winvest.core.domain.written_numbers import NumberProblem, WrittenUnit, read_number
from winvest.core.errors import Invalid


@pytest.mark.requirement("E.2.3-02")
@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("9,90", "9.90", ""),
        ("9.90", "9.90", ""),
        ("0.174", "0.174", ""),
        (",5", "0.5", ""),
        ("1 234,50 €", "1234.50", "amount"),
        ("1\u202f234\u00a0567,5", "1234567.5", ""),
        ("1.234,50 €", "1234.50", "amount"),
        ("1,234.50", "1234.50", ""),
        ("1’234.50", "1234.50", ""),
        ("1.234.567", "1234567", ""),
        ("12,5 %", "12.5", "percent"),
        ("1500 XPF", "1500", "amount"),
        ("-3", "-3", ""),
    ],
)
def test_a_number_is_read_as_it_is_written(text, value, unit):
    found = read_number(text)
    assert (found.value, found.unit) == (Decimal(value), WrittenUnit(unit))


@pytest.mark.requirement("E.2.3-02")
@pytest.mark.parametrize(
    "text", ["", "douze", "1 23", "1.23,4,5", "12,34.567,8", "5 kWh", "1 2345", "1,2 3"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Invalid) as refused:
        read_number(text)
    assert refused.value.reasons[0].code == NumberProblem.UNREADABLE


@pytest.mark.requirement("E.2.3-02")
def test_what_reads_both_ways_is_not_guessed():
    with pytest.raises(Invalid) as refused:
        read_number("1.234 €")
    assert str(refused.value) == "« 1.234 € » peut se lire 1234 ou 1,234 : écrivez l'un ou l'autre."
