"""The `_TVA` file (F.4.4, `docs/rules/exports.md`)."""

from decimal import Decimal

import pytest

from accounting.domain.vat_breakdown import HEADER, VatLine, break_down, vat_values
from tests.support.rules import number, rows
from winvest.core.domain.cells import csv_line


def written(lines: list[VatLine], company: str = "FT", month: str = "2025-09") -> list[str]:
    return [csv_line(vat_values(company, month, total)) for total in break_down(lines)]


@pytest.mark.requirement("F.4.4-01", "F.4.4-02")
def test_breakdown_table() -> None:
    lines = [
        VatLine(
            row["compte"],
            number(row["taux"]),
            number(row["base"]),
            number(row["débit"]),
            number(row["crédit"]),
        )
        for row in rows("exports", "Ventilation de la TVA")
    ]
    expected = [row["ligne"] + "\r\n" for row in rows("exports", "Fichier de TVA")]

    assert written(lines) == expected
    assert written(lines[::-1]) == expected


@pytest.mark.requirement("F.4.4-01")
def test_golden_row_of_ft() -> None:
    line = VatLine("445710", Decimal("20.00"), Decimal("24.92"), Decimal(0), Decimal("4.98"))

    assert csv_line(HEADER) == "Societe;Periode;Sens;Compte;TauxTVA;BaseHT;TVA\r\n"
    assert written([line]) == ["FT;2025-09;Collectee;445710;20%;24,92;4,98\r\n"]


def test_a_month_of_refunds_is_negative() -> None:
    refund = VatLine("445710", Decimal(20), Decimal("24.92"), Decimal("4.98"), Decimal(0))

    assert written([refund]) == ["FT;2025-09;Collectee;445710;20%;-24,92;-4,98\r\n"]


def test_what_was_refunded_whole_keeps_its_row() -> None:
    sale = VatLine("445710", Decimal("20.00"), Decimal("24.92"), Decimal(0), Decimal("4.98"))
    refund = VatLine("445710", Decimal(20), Decimal("24.92"), Decimal("4.98"), Decimal(0))

    assert written([sale, refund]) == ["FT;2025-09;Collectee;445710;20%;0;0\r\n"]
