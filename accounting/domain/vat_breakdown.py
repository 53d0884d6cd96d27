"""The `_TVA` file: VAT by direction, account and rate (F.4.4).

VAT accounts are told by their number: 4457 collected, 4456 deductible; the VAT that waits for
its collection (445800) is due to nobody yet and stays out. Table: `docs/rules/exports.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from winvest.core.domain.money import decimal_comma, rate_label

HEADER = ("Societe", "Periode", "Sens", "Compte", "TauxTVA", "BaseHT", "TVA")


class Direction(StrEnum):
    """Whether the State is owed the VAT or owes it, as written in the file."""

    COLLECTED = "Collectee"
    DEDUCTIBLE = "Deductible"


PREFIXES = {"4457": Direction.COLLECTED, "4456": Direction.DEDUCTIBLE}


@dataclass(frozen=True, slots=True)
class VatLine:
    """A VAT line of the ledger: its account, rate in percent, the base it taxes, its columns."""

    account: str
    rate: Decimal
    base: Decimal
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class VatTotal:
    """A row of the file: what one account collected or deducted at one rate."""

    direction: Direction
    account: str
    rate: Decimal
    base: Decimal
    vat: Decimal


def break_down(lines: Iterable[VatLine]) -> list[VatTotal]:
    """Add the lines up by direction, account and rate, in that order.

    Collected VAT counts on the credit side, deductible VAT on the debit side; a line on the other
    side (a refund) takes its base and its VAT off. Groups that come to nothing keep their row.
    """
    totals: dict[tuple[Direction, str, Decimal], tuple[Decimal, Decimal]] = {}
    for line in lines:
        direction = PREFIXES.get(line.account[:4])
        if direction is None:
            continue
        vat = line.credit - line.debit
        if direction is Direction.DEDUCTIBLE:
            vat = -vat
        base = line.base if vat >= 0 else -line.base
        key = (direction, line.account, line.rate)
        base_before, vat_before = totals.get(key, (Decimal(0), Decimal(0)))
        totals[key] = (base_before + base, vat_before + vat)
    return [VatTotal(*key, *totals[key]) for key in sorted(totals)]


def vat_values(company_code: str, month: str, total: VatTotal) -> tuple[str, ...]:
    """Return the cells of a row: `FT;2025-09;Collectee;445710;20%;24,92;4,98`."""
    return (
        company_code,
        month,
        total.direction.value,
        total.account,
        rate_label(total.rate),
        decimal_comma(total.base),
        decimal_comma(total.vat),
    )
