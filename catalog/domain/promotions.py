"""Promotions on what remains of a price: one alone or all the cumulative ones (§1, domain rules §3).

A promotion runs during a period, on its targets; one that asks for its code runs only for whoever
gives it. Worked tables: `docs/rules/prix.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from catalog.domain.extras import Kind
from catalog.domain.steps import named, percent_of
from winvest.core.domain.money import check_amount, round_amount
from winvest.core.errors import Problem, Reason


class PromotionProblem(Problem):
    """Why a code gives nothing, or why a promotion may not change."""

    UNKNOWN = "promotion.unknown", "Aucune promotion n'a le code « {code} »."
    NOT_STARTED = "promotion.not_started", "La promotion « {code} » n'a pas commencé à cette date."
    ENDED = "promotion.ended", "La promotion « {code} » est terminée à cette date."
    PRODUCT = "promotion.product", "La promotion « {code} » ne porte pas sur ce produit."
    PLAN = "promotion.plan", "La promotion « {code} » ne porte pas sur cette formule."
    CHANNEL = "promotion.channel", "La promotion « {code} » ne court pas sur ce canal."
    STARTED = (
        "promotion.started",
        "Cette promotion a commencé : seuls son nom et sa fin changent encore.",
    )
    KEPT = "promotion.kept", "Une promotion commencée se termine, elle ne s'efface pas."


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

    def told(self, remaining: Decimal) -> str:
        """Return in words what is taken off `remaining`, before rounding."""
        sum_ = f"min({self.value.normalize():f}, {remaining})"
        if self.kind is Kind.PERCENT:
            sum_ = percent_of(remaining, self.value)
        return named(self.code, self.name, sum_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """When and on what a promotion runs: `[start, end)`; None or empty: on everything.

    `on_code`: it runs only for whoever gives its code.
    """

    promotion: Promotion
    start: datetime
    end: datetime | None = None
    on_code: bool = False
    product: UUID | None = None
    plan: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is priced: a product, one of its plans, on a channel, at an instant."""

    at: datetime
    product: UUID
    plan: str | None
    channel: str


def running(planned: Sequence[Planned], sale: Sale, code: str | None) -> list[Planned]:
    """Return the promotions of a sale; `code` (any case) opens those that ask for it."""
    return [
        one
        for one in planned
        if (not one.on_code or _is_named(one, code)) and not _problems(one, sale)
    ]


def reasons_of_code(planned: Sequence[Planned], sale: Sale, code: str | None) -> list[Reason]:
    """Return why a given code opens no promotion; none means that it opens one, or was not given.

    Of several promotions with the code (one after another) the nearest tells why: the one that
    runs, else the next, else the last.
    """
    named = [one for one in planned if _is_named(one, code)]
    if code is None or any(not _problems(one, sale) for one in named):
        return []
    if not named:
        return [_reason(PromotionProblem.UNKNOWN, code)]
    nearest = min(named, key=lambda one: _distance(one, sale.at))
    return [_reason(problem, nearest.promotion.code) for problem in _problems(nearest, sale)]


def _is_named(one: Planned, code: str | None) -> bool:
    return code is not None and one.promotion.code.upper() == code.upper()


def _distance(one: Planned, at: datetime) -> tuple[int, float]:
    if at < one.start:
        return 1, (one.start - at).total_seconds()
    if one.end is not None and at >= one.end:
        return 2, (at - one.end).total_seconds()
    return 0, 0


def _problems(one: Planned, sale: Sale) -> list[PromotionProblem]:
    checks = (
        (sale.at >= one.start, PromotionProblem.NOT_STARTED),
        (one.end is None or sale.at < one.end, PromotionProblem.ENDED),
        (one.product in (None, sale.product), PromotionProblem.PRODUCT),
        (one.plan in ("", sale.plan), PromotionProblem.PLAN),
        (not one.channels or sale.channel in one.channels, PromotionProblem.CHANNEL),
    )
    return [problem for holds, problem in checks if not holds]


def _reason(problem: PromotionProblem, code: str) -> Reason:
    return Reason(problem.value, problem.message.format(code=code), "promo_code")


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
