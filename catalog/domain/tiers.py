"""Tiers of a price: they start at 0 and leave neither gap nor overlap (A.3.3, P-03, P-04)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
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


def _joins(top: Decimal | int, start: Decimal | int) -> bool:
    return start == top or (top % 1 == 0 and start == top + 1)


def _reason(problem: TierProblem, rank: int) -> Reason:
    return Reason(problem.value, problem.message.format(rank=rank + 1), str(rank))
