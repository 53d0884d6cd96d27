"""The explanation of a price: what each step made of what, so that a reader finds it by hand.

A step's `input` is a sum, after « name = » where it is of something; its `rounding` is what was
done to the result of that sum (`domain.md` §3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from winvest.core.domain.money import currency_unit


class Rounding(StrEnum):
    """What a step did to its result; of a share, the units of the remainder stand in its input."""

    NONE = "none"
    HALF_UP = "half_up"
    LARGEST_REMAINDER = "largest_remainder"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the explanation: which rule of which version made `output` of `input`."""

    rule: str
    version: int
    input: str
    output: Decimal
    rounding: Rounding


def named(code: str, name: str, sum_: str) -> str:
    """Return the input of what has a code and a name: « D10 « Fidélité » = 34.90 * 10 % »."""
    return f"{code} « {name} » = {sum_}"


def percent_of(bearing: Decimal, value: Decimal) -> str:
    """Return a percentage as a sum: « 34.90 * 7.5 % »."""
    return f"{bearing} * {value.normalize():f} %"


def sum_of(amounts: Sequence[Decimal]) -> str:
    """Return amounts added up: « 20.00 + 5.00 - 1.00 »."""
    return " + ".join(map(str, amounts)).replace("+ -", "- ")


def tax_of(amount: Decimal, rate: Decimal, *, tax_included: bool) -> str:
    """Return the sum that gives the VAT of an amount: « 26.91 TTC * 20 / 120 », « 15.00 HT * 20 % »."""
    told = f"{rate.normalize():f}"
    if not tax_included:
        return f"{amount} HT * {told} %"
    return f"{amount} TTC * {told} / {(100 + rate).normalize():f}"


def share_of(
    total: Decimal, weight: Decimal, weights: Sequence[Decimal], share: Decimal, currency: str
) -> str:
    """Return how a share was reached: cut to the currency's unit, plus what it got of the rest.

    « 20.08 * 9.99 / 29.97 + 0.01 »: the units that the cut shares leave go to the greatest
    remainders.
    """
    together = sum(weights, Decimal(0))
    sum_, exact = f"{total} / {len(weights)}", Fraction(total) / len(weights)
    if together:
        sum_ = f"{total} * {weight} / {together}"
        exact = Fraction(total) * Fraction(weight) / Fraction(together)
    unit = currency_unit(currency)
    rest = share - int(exact / Fraction(unit)) * unit
    return f"{sum_} + {rest}" if rest else sum_
