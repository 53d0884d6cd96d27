"""Value added tax: the two ways to split an amount, dated rates, parts of an amount.

Rates are in percent (20 for 20 %), dated reference data, never constants in code (readings P-06
to P-09). Worked tables: `docs/rules/tva.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from winvest.core.domain.money import round_amount
from winvest.core.domain.periods import Period
from winvest.core.errors import Invalid, Problem


class VatProblem(Problem):
    """What can be wrong with a VAT rate."""

    RATE_OUT_OF_RANGE = "vat.rate_out_of_range", "Un taux de TVA va de 0 à 100 %."
    NOT_IN_FORCE = (
        "vat.not_in_force",
        "Aucun taux de TVA n'est en vigueur pour le code « {code} » ({country}) au {on:%d/%m/%Y}.",
    )
    AMBIGUOUS = (
        "vat.ambiguous",
        "Plusieurs taux de TVA sont en vigueur pour « {code} » ({country}) au {on:%d/%m/%Y}.",
    )


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """An amount in three: excluding tax, tax, including tax; the first two make the third."""

    excl: Decimal
    tax: Decimal
    incl: Decimal


@dataclass(frozen=True, slots=True)
class VatRate:
    """The rate in percent of a code in a country (ISO 3166 alpha-2) over a period of dates."""

    code: str
    country: str
    rate: Decimal
    period: Period[date]


def _checked(rate: Decimal) -> Decimal:
    if not 0 <= rate <= 100:
        raise Invalid(VatProblem.RATE_OUT_OF_RANGE, path="tax_rate")
    return rate


def split_incl(total: Decimal, rate: Decimal, currency: str) -> TaxSplit:
    """Split an amount that includes tax: tax = round(total * t / (100 + t)), the rest is excl.

    `total` is rounded to the currency first. 29.90 at 20 → 24.92 + 4.98.
    """
    incl = round_amount(total, currency)
    tax = round_amount(incl * _checked(rate) / (100 + rate), currency)
    return TaxSplit(incl - tax, tax, incl)


def split_excl(net: Decimal, rate: Decimal, currency: str) -> TaxSplit:
    """Add tax to an amount that excludes it: tax = round(net * t / 100).

    `net` is rounded to the currency first. 15.00 at 20 → 15.00 + 3.00.
    """
    excl = round_amount(net, currency)
    tax = round_amount(excl * _checked(rate) / 100, currency)
    return TaxSplit(excl, tax, excl + tax)


def split(amount: Decimal, rate: Decimal, currency: str, *, tax_included: bool) -> TaxSplit:
    """Split `amount` as `tax_included` says it was entered."""
    return (split_incl if tax_included else split_excl)(amount, rate, currency)


def split_part(
    part: Decimal, already: Decimal, rate: Decimal, currency: str, *, tax_included: bool
) -> TaxSplit:
    """Split the next `part` of an amount of which `already` was taken, cumulatively.

    What is due on everything so far, minus what was due before: the parts add up to the whole's
    tax. 29.90 at 20 in 10 + 10 + 9.90 → 1.67 + 1.66 + 1.65 = 4.98.
    """
    before = split(already, rate, currency, tax_included=tax_included)
    after = split(already + part, rate, currency, tax_included=tax_included)
    return TaxSplit(after.excl - before.excl, after.tax - before.tax, after.incl - before.incl)


def rate_at(rates: Iterable[VatRate], *, code: str, country: str, on: date) -> Decimal:
    """Return the one rate in percent of `code` in `country` in force on the local date `on`.

    None in force, or several, is refused.
    """
    found = [
        row.rate
        for row in rates
        if row.code == code and row.country == country and row.period.contains(on)
    ]
    if len(found) == 1:
        return found[0]
    problem = VatProblem.AMBIGUOUS if found else VatProblem.NOT_IN_FORCE
    raise Invalid(problem, path="tax_code", code=code, country=country, on=on)


@dataclass(frozen=True, slots=True)
class RecordedRate:
    """A rate over `[valid_from, valid_to)`, and the instant at which it was entered."""

    code: str
    rate: Decimal
    valid_from: date
    valid_to: date | None
    recorded_at: datetime


def rate_known(
    rates: Iterable[RecordedRate], *, code: str, on: date, known_at: datetime | None
) -> Decimal | None:
    """Return the rate of a code on a local date, as it was known at an instant (None: now).

    A rate that another replaced later was still open before that one was entered.
    """
    own = [row for row in rates if row.code == code]
    known = [row for row in own if known_at is None or row.recorded_at <= known_at]
    begun = [row for row in known if row.valid_from <= on]
    if not begun:
        return None
    last = max(begun, key=lambda row: row.valid_from)
    replaced = any(row.valid_from == last.valid_to for row in own if row not in known)
    ended = last.valid_to is not None and last.valid_to <= on and not replaced
    return None if ended else last.rate
