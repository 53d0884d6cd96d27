"""Tiers of a grid: they start at 0, leave neither gap nor overlap, and price a quantity.

Annexe A.3.3; readings P-03, P-04. A slab grid lets the tier that is reached decide for all; a
progressive one gives each slice its own tier, cut at `max`. Worked tables: `docs/rules/prix.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from winvest.core.errors import Problem, Reason


class TierProblem(Problem):
    """What is wrong with a grid of tiers."""

    START = "tiers.start", "Le premier palier commence à 0."
    ORDER = "tiers.order", "Palier {rank} : la fin doit dépasser le début."
    JOIN = "tiers.join", "Palier {rank} : il ne suit pas le précédent (trou ou recouvrement)."
    LAST = "tiers.last", "Seul le dernier palier est sans fin, et il l'est."
    BASE = "tiers.base", "Une grille en pourcentage l'est pour tous ses paliers."
    INVERSION = (
        "tiers.inversion",
        "À partir de {low}, acheter plus coûte moins en tout que la fin du palier d'avant.",
    )


class TierMode(StrEnum):
    """How tiers count."""

    SLAB = "slab"
    PROGRESSIVE = "progressive"


class TierBase(StrEnum):
    """What the amount of a tier is (P-04); a price per unit when the grid says nothing."""

    UNIT = "unit"
    AMOUNT = "amount"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Tier:
    """From `low` on, up to `high` (None: without end); `amount` is money, or percent."""

    low: Decimal
    high: Decimal | None
    amount: Decimal
    base: TierBase = TierBase.UNIT


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a quantity that a tier prices, and what it makes, not rounded."""

    tier: Tier
    size: Decimal
    amount: Decimal


def problems_of(tiers: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """Return what is wrong with tiers that keep their schema; `path` is the rank, from 0.

    The next `min` is `max`, or `max + 1` where both are whole numbers.
    """
    found = [_reason(TierProblem.START, 0)] if tiers[0]["min"] != 0 else []
    for rank, tier in enumerate(tiers):
        top = tier.get("max")
        if (top is None) != (rank == len(tiers) - 1):
            found.append(_reason(TierProblem.LAST, rank))
        elif top is not None and top <= tier["min"]:
            found.append(_reason(TierProblem.ORDER, rank))
    for rank, (before, after) in enumerate(pairwise(tiers), start=1):
        if before.get("max") is not None and not _joins(before["max"], after["min"]):
            found.append(_reason(TierProblem.JOIN, rank))
    if len({tier.get("base") == "percent" for tier in tiers}) > 1:
        found.append(_reason(TierProblem.BASE, 0))
    return found


def read_tiers(payload: Sequence[Mapping[str, Any]]) -> tuple[Tier, ...]:
    """Return the tiers of a payload that keeps its schema and has no problem."""
    return tuple(
        Tier(
            low=Decimal(row["min"]),
            high=None if row.get("max") is None else Decimal(row["max"]),
            amount=Decimal(row["amount"]),
            base=TierBase(row.get("base") or TierBase.UNIT),
        )
        for row in payload
    )


def slices(tiers: Sequence[Tier], mode: TierMode, size: Decimal) -> list[Slice]:
    """Return what `size` (a quantity, or an amount for percents) makes in each tier it reaches.

    99.5 in « 0-99 at 10, 100 and more at 9 » → 995.00 slab; 990.00 + 4.50 progressive.
    """
    if mode is TierMode.SLAB:
        reached = max(
            (tier for tier in tiers if tier.low <= size),
            key=lambda tier: tier.low,
            default=tiers[0],
        )
        return [_slice(reached, size)]
    found = []
    start = Decimal(0)
    for rank, tier in enumerate(tiers):
        end = size if tier.high is None else min(size, tier.high)
        # The first tier is reached by nothing at all: a flat amount is due from 0.
        if end > start or rank == 0:
            found.append(_slice(tier, end - start))
        start = max(start, end)
    return found


def curve(tiers: Sequence[Tier], mode: TierMode) -> list[tuple[Decimal, Decimal]]:
    """Return what each size makes, from the start of each tier to its end: straight in between.

    The last tier, which has no end, is drawn half as long again as what comes before it.
    """
    found = []
    place, total = tiers[0].low, Decimal(0)
    for tier in tiers:
        end = tier.high if tier.high is not None else max(tier.low * 3 / 2, tier.low + 1)
        if mode is TierMode.SLAB:
            found += [(size, _slice(tier, size).amount) for size in (tier.low, end)]
            continue
        part = _slice(tier, end - place).amount
        flat = tier.base is TierBase.AMOUNT
        found += [(place, total + part if flat else total), (end, total + part)]
        place, total = end, total + part
    return found


def inversions(tiers: Sequence[Tier], mode: TierMode) -> list[Decimal]:
    """Return the starts of the tiers where buying more costs less in all (a slab grid only)."""
    if mode is not TierMode.SLAB:
        return []
    return [
        after.low
        for before, after in pairwise(tiers)
        if _slice(after, after.low).amount < _slice(before, _last_of(before, after)).amount
    ]


def inversion_warnings(
    payload: Sequence[Mapping[str, Any]], mode: str | None, *, path: str = "payload"
) -> list[Reason]:
    """Return a warning for each tier where buying more costs less in all: it is sold all the same."""
    found = inversions(read_tiers(payload), TierMode(mode or TierMode.SLAB))
    problem = TierProblem.INVERSION
    told = (f"{low.normalize():f}".replace(".", ",") for low in found)
    return [Reason(problem.value, problem.message.format(low=low), path) for low in told]


def _last_of(before: Tier, after: Tier) -> Decimal:
    return after.low if before.high is None else before.high


def _slice(tier: Tier, size: Decimal) -> Slice:
    if tier.base is TierBase.AMOUNT:
        return Slice(tier, size, tier.amount)
    share = tier.amount / 100 if tier.base is TierBase.PERCENT else tier.amount
    return Slice(tier, size, size * share)


def _joins(top: Decimal | int, start: Decimal | int) -> bool:
    return start == top or (top % 1 == 0 and start == top + 1)


def _reason(problem: TierProblem, rank: int) -> Reason:
    return Reason(problem.value, problem.message.format(rank=rank + 1), str(rank))
