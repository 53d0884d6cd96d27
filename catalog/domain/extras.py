"""What a plan adds to its price and takes off it: options, surcharges, discounts (§2.1, §3 of the
domain rules).

Each list is the plan's own (`options.json`, `surcharges.json`, `discounts.json`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from catalog.domain.steps import named, percent_of
from winvest.core.domain.money import check_amount
from winvest.core.errors import Invalid, Problem, together


class ExtraProblem(Problem):
    """What is wrong with the chosen options."""

    UNKNOWN = "option.unknown", "La formule n'a pas d'option « {code} »."
    TWICE = "option.twice", "L'option « {code} » est demandée deux fois."


class Per(StrEnum):
    """What an amount is counted by."""

    LINE = "line"
    UNIT = "unit"


class Kind(StrEnum):
    """Whether a value is money or percent."""

    AMOUNT = "amount"
    PERCENT = "percent"


class Due(StrEnum):
    """When a line is due."""

    ONCE = "once"
    RECURRING = "recurring"


@dataclass(frozen=True, slots=True)
class Option:
    """An amount added by choice, or always; `due` None: like the plan."""

    code: str
    name: str
    amount: Decimal
    per: Per = Per.LINE
    due: Due | None = None
    mandatory: bool = False

    def price(self, quantity: Decimal) -> Decimal:
        """Return the amount for `quantity` units, not rounded."""
        amount = check_amount(self.amount)
        return amount * quantity if self.per is Per.UNIT else amount

    def told(self, quantity: Decimal) -> str:
        """Return in words how the amount is reached, before rounding."""
        return named(self.code, self.name, _amount_told(self.amount, self.per, quantity))


@dataclass(frozen=True, slots=True)
class Surcharge:
    """An amount added, or a percent of base and options."""

    code: str
    name: str
    kind: Kind
    value: Decimal
    per: Per = Per.LINE

    def price(self, quantity: Decimal, bearing: Decimal) -> Decimal:
        """Return the amount on `bearing` (base and options), not rounded."""
        if self.kind is Kind.PERCENT:
            return bearing * self.value / 100
        value = check_amount(self.value)
        return value * quantity if self.per is Per.UNIT else value

    def told(self, quantity: Decimal, bearing: Decimal) -> str:
        """Return in words how the amount is reached, before rounding."""
        percent = self.kind is Kind.PERCENT
        sum_ = _amount_told(self.value, self.per, quantity)
        return named(self.code, self.name, percent_of(bearing, self.value) if percent else sum_)


@dataclass(frozen=True, slots=True)
class Discount:
    """An amount taken off, or a percent of base and options."""

    code: str
    name: str
    kind: Kind
    value: Decimal

    def price(self, bearing: Decimal) -> Decimal:
        """Return the amount to take off, not rounded."""
        if self.kind is Kind.PERCENT:
            return bearing * self.value / 100
        return check_amount(self.value)

    def told(self, bearing: Decimal, remaining: Decimal) -> str:
        """Return in words what is taken off, never more than what remains, before rounding."""
        percent = self.kind is Kind.PERCENT
        sum_ = percent_of(bearing, self.value) if percent else f"{self.value.normalize():f}"
        if not percent or self.price(bearing) > remaining:
            sum_ = f"min({sum_}, {remaining})"
        return named(self.code, self.name, sum_)


def _amount_told(amount: Decimal, per: Per, quantity: Decimal) -> str:
    value = f"{amount.normalize():f}"
    return f"{quantity} * {value}" if per is Per.UNIT else value


def read_options(rows: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    """Return the options of a plan from the list that keeps `options.json`."""
    return tuple(
        Option(
            row["code"],
            row["name"],
            Decimal(row["amount"]),
            Per(row.get("per", Per.LINE)),
            Due(row["due"]) if "due" in row else None,
            row.get("mandatory", False),
        )
        for row in rows
    )


def read_surcharges(rows: Sequence[Mapping[str, Any]]) -> tuple[Surcharge, ...]:
    """Return the surcharges of a plan from the list that keeps `surcharges.json`."""
    return tuple(
        Surcharge(
            row["code"],
            row["name"],
            Kind(row["kind"]),
            Decimal(row["value"]),
            Per(row.get("per", Per.LINE)),
        )
        for row in rows
    )


def read_discounts(rows: Sequence[Mapping[str, Any]]) -> tuple[Discount, ...]:
    """Return the discounts of a plan from the list that keeps `discounts.json`."""
    return tuple(
        Discount(row["code"], row["name"], Kind(row["kind"]), Decimal(row["value"])) for row in rows
    )


def chosen(options: Sequence[Option], codes: Sequence[str]) -> list[Option]:
    """Return the mandatory options and those of `codes`, in the plan's order.

    `Invalid` with every code that is unknown, or asked for twice.
    """
    known = {option.code for option in options}
    wrong = [
        Invalid(problem, path=f"options.{rank}", code=code)
        for rank, code in enumerate(codes)
        for problem, holds in (
            (ExtraProblem.UNKNOWN, code not in known),
            (ExtraProblem.TWICE, code in codes[:rank]),
        )
        if holds
    ]
    if wrong:
        raise together(wrong)
    return [option for option in options if option.mandatory or option.code in codes]
