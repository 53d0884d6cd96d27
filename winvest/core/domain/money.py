"""Amounts of money: rounding, sharing, limits, and how a file writes them.

Rounding is half-up on the absolute value (0.005 → 0.01, -0.005 → -0.01), to the currency's
exponent, once, at the place each rule names. Worked tables: `docs/rules/prix.md`.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from winvest.core.errors import Invalid, Problem

# ISO 4217 exponents of the currencies a company may keep its books in.
CURRENCY_EXPONENTS = {"CHF": 2, "EUR": 2, "GBP": 2, "USD": 2, "XPF": 0}

MAX_DECIMALS = 4
AMOUNT_LIMIT = Decimal(10) ** 14
CENT = Decimal("0.01")


class MoneyProblem(Problem):
    """What can be wrong with an amount."""

    CURRENCY_UNKNOWN = "money.currency_unknown", "La devise « {currency} » n'est pas connue."
    NOT_A_NUMBER = "money.not_a_number", "Le montant n'est pas un nombre."
    TOO_MANY_DECIMALS = "money.too_many_decimals", "Le montant a plus de {limit} décimales."
    TOO_LARGE = "money.too_large", "Le montant doit rester inférieur à 100 000 milliards."
    NEGATIVE = "money.negative", "Le montant ne peut pas être négatif."
    NO_WEIGHT = "money.no_weight", "Il n'y a aucune part entre lesquelles répartir le montant."
    NEGATIVE_WEIGHT = "money.negative_weight", "Un poids de répartition ne peut pas être négatif."


def currency_unit(currency: str) -> Decimal:
    """Return the smallest amount of `currency`: 0.01 for EUR, 1 for XPF; unknown is refused."""
    if currency not in CURRENCY_EXPONENTS:
        raise Invalid(MoneyProblem.CURRENCY_UNKNOWN, path="currency", currency=currency)
    return Decimal(1).scaleb(-CURRENCY_EXPONENTS[currency])


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round half-up, away from zero, to the exponent of `currency` (10.5 XPF → 11)."""
    rounded = amount.quantize(currency_unit(currency), rounding=ROUND_HALF_UP)
    # Adding zero turns -0.00 into 0.00, which a reader would take for a debt.
    return rounded + Decimal(0)


def check_amount(amount: Decimal, *, path: str = "amount") -> Decimal:
    """Return `amount` if it may enter the product, else refuse it, naming the field `path`.

    An amount is a finite number, not negative, written with at most 4 decimals (a trailing zero
    counts, as in the forms), below 10^14.
    """
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):  # NaN and infinity have a letter there
        raise Invalid(MoneyProblem.NOT_A_NUMBER, path=path)
    if -exponent > MAX_DECIMALS:
        raise Invalid(MoneyProblem.TOO_MANY_DECIMALS, path=path, limit=MAX_DECIMALS)
    if amount >= AMOUNT_LIMIT:
        raise Invalid(MoneyProblem.TOO_LARGE, path=path)
    if amount < 0:
        raise Invalid(MoneyProblem.NEGATIVE, path=path)
    return amount


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share `total` in proportion to `weights`; the shares add up to it to the last unit.

    Largest remainder, ties to the first; equal shares when all weights are 0; the sign of a
    negative total is put back at the end. `total` is rounded to the currency first.
    """
    if not weights:
        raise Invalid(MoneyProblem.NO_WEIGHT)
    if min(weights) < 0:
        raise Invalid(MoneyProblem.NEGATIVE_WEIGHT)
    unit = currency_unit(currency)
    units = int(abs(round_amount(total, currency)) / unit)
    # Fractions, because a tie decided by the 28th digit of a division is not a tie.
    parts = [Fraction(weight) for weight in weights]
    if sum(parts) == 0:
        parts = [Fraction(1)] * len(parts)
    exact = [units * part / sum(parts) for part in parts]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: shares[index] - exact[index])
    for index in by_remainder[: units - sum(shares)]:
        shares[index] += 1
    signed_unit = unit.copy_sign(total)
    return [share * signed_unit + Decimal(0) for share in shares]


def decimal_comma(amount: Decimal) -> str:
    """Write an amount as the files of Annexe F do: `29,90`, `-70,00`, and zero as `0`."""
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return f"{rounded:f}".replace(".", ",") if rounded else "0"


def rate_label(rate: Decimal) -> str:
    """Write a rate in percent as the files of Annexe F do: `20%`, `5,5%`, `0%`."""
    return f"{rate.normalize():f}%".replace(".", ",")
