"""The commission of a scheme for given sales, and the test cases that a scheme carries (§5, K-10)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.domain.tiers import TierMode
from commissions.domain.scheme import SPLIT_LABELS, SplitKey, Tier
from commissions.domain.split import share
from commissions.domain.tiers import Facts, TierAmount, tier_amounts
from winvest.core.domain.money import round_amount
from winvest.core.errors import Invalid, Problem, Reason

ZERO = Decimal(0)


class CaseProblem(Problem):
    """What a test case of a scheme finds wrong."""

    AMOUNT = (
        "commission.case_amount",
        "Cas « {name} » : {expected} attendus, le barème donne {found}.",
    )
    SHARE = (
        "commission.case_share",
        "Cas « {name} », part « {key} » : {expected} attendus, le barème donne {found}.",
    )
    FACTS = "commission.case_facts", "Cas « {name} » : {reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a scheme says of amounts; `on_margin` where its percentages bear on the margin."""

    tiers: Sequence[Tier]
    split: Mapping[str, Decimal | int]
    currency: str
    mode: TierMode = TierMode.SLAB
    on_margin: bool = False
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    bonus: Decimal | None = None
    malus: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Commission:
    """An amount, rounded once, with what each tier made of it and how it is shared."""

    amount: Decimal
    tiers: list[TierAmount]
    split: dict[SplitKey, Decimal]


def commission(terms: Terms, facts: Facts) -> Commission:
    """Return the commission on `facts`: tiers, then minimum and maximum, bonus and malus, rounding.

    The shares add up to it. `Invalid` where a margin or a month is missing.
    """
    made = tier_amounts(terms.tiers, facts, mode=terms.mode, on_margin=terms.on_margin)
    amount = sum((one.amount for one in made), ZERO)
    if terms.min_amount is not None:
        amount = max(amount, terms.min_amount)
    if terms.max_amount is not None:
        amount = min(amount, terms.max_amount)
    amount += (terms.bonus or ZERO) - (terms.malus or ZERO)
    rounded = round_amount(amount, terms.currency)
    return Commission(rounded, made, share(rounded, terms.split, terms.currency))


@dataclass(frozen=True, slots=True)
class Recount:
    """A test case that fails: its place, itself, and what it would be with today's amounts.

    `now` is None where nothing can be counted, for the reason that `problem` says.
    """

    index: int
    case: Mapping[str, Any]
    now: Mapping[str, Any] | None
    problem: str = ""


def recounts(cases: Sequence[Mapping[str, Any]], terms: Terms) -> list[Recount]:
    """Return the test cases that fail, with the amounts and the shares that the scheme makes."""
    found = []
    for index, case in enumerate(cases):
        try:
            made = commission(terms, _facts(case))
        except Invalid as error:
            found.append(Recount(index, case, None, error.reasons[0].message))
            continue
        shares = {key.value: made.split.get(key, ZERO) for key in SplitKey if key in case}
        now = {**case, "expected": made.amount, **shares}
        if now != case:
            found.append(Recount(index, case, now))
    return found


def case_problems(cases: Sequence[Mapping[str, Any]], terms: Terms) -> list[Reason]:
    """Return what the test cases of a scheme find wrong; paths are `test_cases.<index>`.

    The cases follow `schemas/commission_scheme/test_cases.json`.
    """
    return [
        Reason(problem.value, problem.message.format(**told), f"test_cases.{index}")
        for index, case in enumerate(cases)
        for problem, told in _problems_of(case, terms)
    ]


def _problems_of(
    case: Mapping[str, Any], terms: Terms
) -> Iterator[tuple[CaseProblem, dict[str, Any]]]:
    name = case["name"]
    try:
        found = commission(terms, _facts(case))
    except Invalid as error:
        yield CaseProblem.FACTS, {"name": name, "reason": error.reasons[0].message}
        return
    if found.amount != Decimal(case["expected"]):
        told = {"expected": _french(case["expected"]), "found": _french(found.amount)}
        yield CaseProblem.AMOUNT, {"name": name, **told}
    for key in SplitKey:
        if key in case and found.split.get(key, ZERO) != Decimal(case[key]):
            told = {"expected": _french(case[key]), "found": _french(found.split.get(key, ZERO))}
            yield CaseProblem.SHARE, {"name": name, "key": SPLIT_LABELS[key], **told}


def _facts(case: Mapping[str, Any]) -> Facts:
    return Facts(
        volume=Decimal(case["volume"]),
        revenue=Decimal(case["revenue"]),
        margin=None if case.get("margin") is None else Decimal(case["margin"]),
        month_rank=case.get("month_rank"),
    )


def _french(number: Decimal | int) -> str:
    return f"{Decimal(number):.2f}".replace(".", ",")
