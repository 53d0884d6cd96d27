"""Sharing a commission between its beneficiaries, to the cent (`design/domain.md` §5; K-07, M-23)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from commissions.domain.scheme import SplitKey
from winvest.core.domain.money import allocate, currency_unit, round_amount


def share(
    total: Decimal, split: Mapping[str, Decimal | int], currency: str
) -> dict[SplitKey, Decimal]:
    """Share `total` by the shares of a split (`scheme.split_problems`), which are normalised.

    Every beneficiary but the company is floored to the cent, the company takes the rest; without
    the company, by largest remainder, ties in the order of the keys. A negative total is shared as
    its absolute value, the sign put back: -100.01 in thirds → -33.35, -33.33, -33.33. The shares
    add up to the total, rounded to the currency first.
    """
    keys = [key for key in SplitKey if key in split]
    if SplitKey.COMPANY not in keys:
        weights = [Decimal(split[key]) for key in keys]
        return dict(zip(keys, allocate(total, weights, currency), strict=True))
    unit = currency_unit(currency)
    rounded = round_amount(total, currency)
    units, sign = int(abs(rounded) / unit), unit.copy_sign(rounded)
    whole = sum(Fraction(split[key]) for key in keys)
    floors: dict[SplitKey, int] = {
        key: int(units * Fraction(split[key]) / whole)
        for key in keys
        if key is not SplitKey.COMPANY
    }
    floors[SplitKey.COMPANY] = units - sum(floors.values())
    # Adding zero turns -0.00 into 0.00, which a reader would take for a debt.
    return {key: floors[key] * sign + Decimal(0) for key in keys}
