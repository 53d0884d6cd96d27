"""Promotions on what remains of a price: one alone or all the cumulative ones (§1, domain rules §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.extras import Kind
from winvest.core.domain.money import check_amount, round_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """An amount or a percent off; cumulative ones add up, from priority 1 upwards."""

    code: str
    name: str
    kind: Kind
    value: Decimal
    priority: int = 1
    cumulative: bool = False

    def price(self, remaining: Decimal, currency: str) -> Decimal:
        """Return what is taken off `remaining`: rounded, never more than there is."""
        value = check_amount(self.value)
        raw = remaining * value / 100 if self.kind is Kind.PERCENT else value
        return min(round_amount(raw, currency), remaining)


def best(
    running: Sequence[Promotion], total: Decimal, currency: str
) -> list[tuple[Promotion, Decimal]]:
    """Return what is taken off `total`, the cheaper for the client of two ways.

    Either the best single promotion, or every cumulative one in the order of the priorities, each
    step rounded and applied to what remains. At the same price the single one is kept.
    """
    ways = [[(one, one.price(total, currency))] for one in sorted(running, key=_rank)]
    together = []
    remaining = total
    for one in sorted((row for row in running if row.cumulative), key=_rank):
        taken = one.price(remaining, currency)
        together.append((one, taken))
        remaining -= taken
    ways.append(together)
    return max(ways, key=lambda way: sum(taken for _, taken in way))


def _rank(promotion: Promotion) -> tuple[int, str]:
    return promotion.priority, promotion.code
