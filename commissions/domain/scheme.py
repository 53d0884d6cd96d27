"""What a commission scheme may say: its split, its tiers, its place among the others.

`design/domain.md` §5; readings K-04 to K-07 and K-11. Checks return every problem, never only the
first. Worked tables: `docs/rules/commissions.md`. Amounts are computed elsewhere.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from catalog.domain.tiers import TierMode
from winvest.core.errors import Problem, Reason

SPLIT_TOLERANCE = Decimal("0.000001")


class SplitKey(StrEnum):
    """Who shares a commission, in the order that settles ties of rounding (K-07)."""

    COMPANY = "company"
    COMMERCIAL = "commercial"
    MANAGER = "manager"
    PARTNER = "partner"
    PLATFORM = "platform"


SPLIT_LABELS = {
    SplitKey.COMPANY: "Société",
    SplitKey.COMMERCIAL: "Commercial",
    SplitKey.MANAGER: "Manager",
    SplitKey.PARTNER: "Partenaire",
    SplitKey.PLATFORM: "Plateforme",
}


class Direction(StrEnum):
    """Whether the company receives the commission or pays it (K-01)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class AppliesTo(StrEnum):
    """First twelve months of a contract, the later ones, or both (A.2.2)."""

    NEW = "new"
    RENEWAL = "renewal"
    BOTH = "both"


class Basis(StrEnum):
    """What the bounds of a tier measure (A.2.2)."""

    VOLUME = "volume"
    REVENUE = "revenue"
    MARGIN = "margin"
    MONTHS = "months"


class ValueType(StrEnum):
    """A percentage of the base, or an amount per sale (A.2.2)."""

    PERCENT = "percent"
    AMOUNT = "amount"


class SchemeProblem(Problem):
    """What can be wrong with a scheme."""

    SPLIT_NOT_OBJECT = (
        "commission.split_not_object",
        "La répartition donne une part à chaque bénéficiaire.",
    )
    SPLIT_KEY = (
        "commission.split_key",
        "« {key} » n'est pas un bénéficiaire : company, commercial, manager, partner ou platform.",
    )
    SPLIT_VALUE = "commission.split_value", "La part de « {key} » va de 0 à 100 %."
    SPLIT_SUM = (
        "commission.split_sum",
        "La somme des parts est {total} % : elle doit faire 100 % (à 0,0001 près).",
    )
    TIE = (
        "commission.tie",
        "Un autre barème a exactement la même portée à ces dates : on ne saurait lequel appliquer.",
    )
    TIERS = "commission.tiers", "Les paliers du barème ne vont pas ensemble."
    TWO_BASES = "commission.two_bases", "Un barème n'a qu'une assiette de paliers."
    FIRST_MIN = "commission.first_min", "Le premier palier commence à 0 (ou au 1er mois)."
    MAX_BELOW_MIN = "commission.max_below_min", "La fin d'un palier dépasse son début."
    NEGATIVE = "commission.negative", "Les bornes et la valeur d'un palier ne sont pas négatives."
    GAP = "commission.gap", "Un trou sépare ce palier du précédent, qui finit à {max}."
    OVERLAP = "commission.overlap", "Ce palier recouvre le précédent, qui finit à {max}."
    OPEN_END = "commission.open_end", "Seul le dernier palier est sans fin, et il l'est toujours."
    MONTHS_TWICE = (
        "commission.months_twice",
        "Un barème par mois n'a pas d'autres paliers selon le mois.",
    )
    MONTHS_SOME = (
        "commission.months_some",
        "Tous les paliers disent à quels mois ils s'appliquent, ou aucun.",
    )
    MONTHS_RANGE = (
        "commission.months_range",
        "Les mois vont du 1er au dernier, sans trou ni recouvrement, le dernier groupe sans fin.",
    )
    MONTHS_PROGRESSIVE = (
        "commission.months_progressive",
        "Des paliers par mois ne se cumulent pas : le mode est « palier atteint ».",
    )


def split_problems(split: object) -> list[Reason]:
    """Return what is wrong with a split: known keys, shares from 0 to 1, sum 1 ± 0.000001 (A.4)."""
    if not isinstance(split, Mapping) or not split:
        return [_reason(SchemeProblem.SPLIT_NOT_OBJECT, "split")]
    problems: list[Reason] = []
    total = Decimal(0)
    for key, share in split.items():
        if key not in set(SplitKey):
            problems.append(_reason(SchemeProblem.SPLIT_KEY, "split", key=key))
        if not _is_share(share):
            problems.append(_reason(SchemeProblem.SPLIT_VALUE, "split", key=key))
        else:
            total += Decimal(share)
    if not problems and abs(total - 1) > SPLIT_TOLERANCE:
        problems.append(_reason(SchemeProblem.SPLIT_SUM, "split", total=_french(total * 100)))
    return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier: from `min`, up to `max` (None: without end), limited to some months if it says so.

    `month_from` and `month_to` are ranks since the sale, both included; the first month is 1.
    """

    basis: Basis
    min: Decimal
    max: Decimal | None = None
    value_type: ValueType = ValueType.PERCENT
    value: Decimal = Decimal(0)
    month_from: int | None = None
    month_to: int | None = None


def tier_problems(tiers: Sequence[Tier], *, mode: TierMode = TierMode.SLAB) -> list[Reason]:
    """Return what is wrong with the tiers of one scheme; paths are `tiers.<index>.<field>`.

    One basis (K-06); from 0, in order, with neither gap nor overlap: the next `min` is `max`, or
    `max + 1` where both are whole numbers; only the last one is without end. Tiers may be given
    for some months only: then the groups of months follow each other from the first month on.
    """
    problems = [
        reason
        for index, tier in enumerate(tiers)
        for reason in _own_problems(tier, f"tiers.{index}")
    ]
    if len({tier.basis for tier in tiers}) > 1:
        problems.append(_reason(SchemeProblem.TWO_BASES, "tiers"))
    if problems:
        return problems
    if mode is TierMode.PROGRESSIVE and any(tier.basis is Basis.MONTHS for tier in tiers):
        problems.append(_reason(SchemeProblem.MONTHS_PROGRESSIVE, "tier_mode"))
    groups: dict[tuple[int | None, int | None], list[tuple[int, Tier]]] = {}
    for index, tier in enumerate(tiers):
        groups.setdefault((tier.month_from, tier.month_to), []).append((index, tier))
    problems += _month_problems(list(groups))
    for group in groups.values():
        problems += _chain_problems(group)
    return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """To what a scheme applies: None is « any »; `[valid_from, valid_to)` are local days."""

    direction: Direction = Direction.OUTBOUND
    applies_to: AppliesTo = AppliesTo.BOTH
    plan: UUID | None = None
    channel: str | None = None
    seller: UUID | None = None
    partner: UUID | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A sale for which a scheme is looked for; `is_new` in the contract's first twelve months."""

    direction: Direction
    is_new: bool
    plan: UUID | None
    channel: str
    seller: UUID
    partner: UUID | None
    on: date


Scheme = TypeVar("Scheme")


def choose(
    schemes: Iterable[Scheme], sale: Sale, *, axes: Callable[[Scheme], Axes]
) -> Scheme | None:
    """Return the most specific scheme that runs for a sale, None when none does.

    Compared field by field: applies_to, plan, channel, company, partner (K-04, K-11). Two schemes
    never tie once `same_scope` refuses them at save.
    """
    running = [scheme for scheme in schemes if matches(axes(scheme), sale)]
    return max(running, key=lambda scheme: _precision(axes(scheme)), default=None)


def matches(axes: Axes, sale: Sale) -> bool:
    """Whether a scheme with these axes runs for a sale."""
    wanted = AppliesTo.NEW if sale.is_new else AppliesTo.RENEWAL
    return (
        axes.direction is sale.direction
        and axes.applies_to in (AppliesTo.BOTH, wanted)
        and axes.plan in (None, sale.plan)
        and axes.channel in (None, sale.channel)
        and axes.seller in (None, sale.seller)
        and axes.partner in (None, sale.partner)
        and (axes.valid_from or date.min) <= sale.on
        and (axes.valid_to is None or sale.on < axes.valid_to)
    )


def same_scope(one: Axes, other: Axes) -> bool:
    """Whether two schemes would tie for some sale: equal axes and a common day (K-04)."""
    named = [field.name for field in fields(Axes) if not field.name.startswith("valid_")]
    if any(getattr(one, name) != getattr(other, name) for name in named):
        return False
    ends = (one.valid_to or date.max, other.valid_to or date.max)
    starts = (one.valid_from or date.min, other.valid_from or date.min)
    return max(starts) < min(ends)


def _precision(axes: Axes) -> tuple[bool, ...]:
    return (
        axes.applies_to is not AppliesTo.BOTH,
        axes.plan is not None,
        axes.channel is not None,
        axes.seller is not None,
        axes.partner is not None,
    )


def _own_problems(tier: Tier, path: str) -> list[Reason]:
    problems = []
    if tier.min < 0 or tier.value < 0:
        problems.append(_reason(SchemeProblem.NEGATIVE, path))
    if tier.max is not None and tier.max <= tier.min:
        problems.append(_reason(SchemeProblem.MAX_BELOW_MIN, f"{path}.max"))
    if tier.month_from is not None or tier.month_to is not None:
        if tier.basis is Basis.MONTHS:
            problems.append(_reason(SchemeProblem.MONTHS_TWICE, f"{path}.month_from"))
        if tier.month_from is None or (tier.month_to or tier.month_from) < tier.month_from:
            problems.append(_reason(SchemeProblem.MONTHS_RANGE, f"{path}.month_from"))
    return problems


def _month_problems(groups: list[tuple[int | None, int | None]]) -> list[Reason]:
    ranges = [(start, end) for start, end in groups if start is not None]
    if not ranges:
        return []
    if len(ranges) < len(groups):
        return [_reason(SchemeProblem.MONTHS_SOME, "tiers")]
    expected: int | None = 1
    for start, end in sorted(ranges, key=lambda group: group[0]):
        if start != expected:
            return [_reason(SchemeProblem.MONTHS_RANGE, "tiers")]
        expected = None if end is None else end + 1
    return [_reason(SchemeProblem.MONTHS_RANGE, "tiers")] if expected is not None else []


def _chain_problems(group: list[tuple[int, Tier]]) -> list[Reason]:
    ordered = sorted(group, key=lambda item: item[1].min)
    problems = []
    index, first = ordered[0]
    starts = {Decimal(0), Decimal(1)} if first.basis is Basis.MONTHS else {Decimal(0)}
    if first.min not in starts:
        problems.append(_reason(SchemeProblem.FIRST_MIN, f"tiers.{index}.min"))
    for (before, previous), (index, tier) in itertools.pairwise(ordered):
        if previous.max is None:
            problems.append(_reason(SchemeProblem.OPEN_END, f"tiers.{before}.max"))
        elif tier.min < previous.max:
            problems.append(
                _reason(SchemeProblem.OVERLAP, f"tiers.{index}.min", max=_french(previous.max))
            )
        elif tier.min not in _next_starts(previous.max):
            problems.append(
                _reason(SchemeProblem.GAP, f"tiers.{index}.min", max=_french(previous.max))
            )
    index, last = ordered[-1]
    if last.max is not None:
        problems.append(_reason(SchemeProblem.OPEN_END, f"tiers.{index}.max"))
    return problems


def _next_starts(end: Decimal) -> set[Decimal]:
    return {end, end + 1} if end == end.to_integral_value() else {end}


def _is_share(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and 0 <= value <= 1


def _french(number: Decimal) -> str:
    return f"{number.normalize():f}".replace(".", ",")


def _reason(problem: Problem, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(**params), path)
