"""What each tier of a scheme makes of sales: tier reached, or slice by slice (`design/domain.md` §5).

Readings K-05 and K-06. The tiers have no problem (`scheme.tier_problems`). Nothing is rounded here.
Worked tables: `docs/rules/commissions.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.tiers import TierMode
from commissions.domain.scheme import Basis, Tier, ValueType
from winvest.core.errors import Invalid, Problem

ZERO = Decimal(0)


class FactProblem(Problem):
    """What is missing to compute a commission."""

    MARGIN = "commission.margin_missing", "Ce barème porte sur la marge : donnez-la."
    MONTH = "commission.month_missing", "Ce barème dépend du mois depuis la vente : donnez-le."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was sold over the counting period.

    `volume` is the sum of the quantities, `revenue` the amount that the scheme's percentages bear
    on (excluding tax by default), `month_rank` the month since the sale (the first is 1).
    """

    volume: Decimal
    revenue: Decimal
    margin: Decimal | None = None
    month_rank: int | None = None


@dataclass(frozen=True, slots=True)
class TierAmount:
    """A tier, the part of the sales that it pays for (the base of its percentage), and what it makes."""

    tier: Tier
    slice: Decimal
    amount: Decimal


def tier_amounts(
    tiers: Sequence[Tier], facts: Facts, *, mode: TierMode, on_margin: bool = False
) -> list[TierAmount]:
    """Return what each tier reached makes, not rounded; nothing without a tier.

    A percentage bears on the revenue, or on the margin where `on_margin` or the tiers say so; an
    amount is per sale. In progressive mode a slice has its part of the base and of the sales: the
    revenue times the units of the slice, divided by the volume. Tiers by month are always slab. A
    negative basis falls in the first tier. `Invalid` where a margin or a month is missing.
    """
    group = _of_month(tiers, facts)
    if not group:
        return []
    basis = group[0].basis
    measured = _measured(basis, facts)
    base = _margin(facts) if on_margin or basis is Basis.MARGIN else facts.revenue
    if mode is TierMode.SLAB or basis is Basis.MONTHS or measured <= 0:
        reached = [tier for tier in group if tier.min <= measured]
        return [_amount((reached or group[:1])[-1], base, facts.volume)]
    return [
        _amount(tier, base * size / measured, facts.volume * size / measured)
        for tier, size in _slices(group, measured)
    ]


def _of_month(tiers: Sequence[Tier], facts: Facts) -> list[Tier]:
    """Return the tiers of the month of the facts, from the lowest."""
    if any(tier.month_from is not None for tier in tiers):
        rank = _month(facts)
        tiers = [
            tier
            for tier in tiers
            if (tier.month_from or 1) <= rank and (tier.month_to is None or rank <= tier.month_to)
        ]
    return sorted(tiers, key=lambda tier: tier.min)


def _measured(basis: Basis, facts: Facts) -> Decimal:
    match basis:
        case Basis.VOLUME:
            return facts.volume
        case Basis.REVENUE:
            return facts.revenue
        case Basis.MARGIN:
            return _margin(facts)
        case Basis.MONTHS:
            return Decimal(_month(facts))


def _margin(facts: Facts) -> Decimal:
    if facts.margin is None:
        raise Invalid(FactProblem.MARGIN, path="margin")
    return facts.margin


def _month(facts: Facts) -> int:
    if facts.month_rank is None:
        raise Invalid(FactProblem.MONTH, path="month_rank")
    return facts.month_rank


def _slices(group: Sequence[Tier], measured: Decimal) -> list[tuple[Tier, Decimal]]:
    """Cut what is measured at the ends of the tiers, as prices are (`catalog.domain.tiers`)."""
    found = []
    start = ZERO
    for tier in group:
        end = measured if tier.max is None else min(measured, tier.max)
        if end > start:
            found.append((tier, end - start))
        start = max(start, end)
    return found


def _amount(tier: Tier, base: Decimal, sales: Decimal) -> TierAmount:
    made = base * tier.value / 100 if tier.value_type is ValueType.PERCENT else sales * tier.value
    return TierAmount(tier, base, made)
