"""Prices as the rules' tests write them."""

import re
from decimal import Decimal

from catalog.domain.extras import Due, Kind
from catalog.domain.offers import PlanPrice
from catalog.domain.pricing import Price, price_plan
from catalog.domain.rules import (
    Asked,
    FixedRule,
    Rule,
    Terms,
)
from catalog.domain.tiers import Tier, TierBase
from tests.support.rules import number


def terms(currency: str = "EUR", tax_rate: str = "20.00", tax_included: bool = True) -> Terms:
    return Terms(
        version=1, currency=currency, tax_rate=Decimal(tax_rate), tax_included=tax_included
    )


def fixed(amount: str = "29.90", **shared: object) -> FixedRule:
    return FixedRule(terms=terms(**shared), amount=Decimal(amount))


def plan(*rules: Rule, **more: object) -> PlanPrice:
    return PlanPrice(code="BOX", label="Box", due=Due.RECURRING, rules=rules, **more)


def price(*rules: Rule, quantity: str | int | Decimal = 1, **more: object) -> Price:
    return price_plan(plan(*rules, **more), Asked(Decimal(quantity)))


def text_of(amounts: list[Decimal]) -> str:
    return " / ".join(str(amount).replace(".", ",") for amount in amounts)


def tiers_of(text: str) -> tuple[Tier, ...]:
    bases = {"": TierBase.UNIT, "F": TierBase.AMOUNT, "%": TierBase.PERCENT}
    found = []
    for cell in text.split(" / "):
        low, high, amount, base = re.fullmatch(r"(\d+)(?:-(\d+)|\+):([\d,]+)(F|%|)", cell).groups()
        top = None if high is None else Decimal(high)
        found.append(Tier(Decimal(low), top, number(amount), bases[base]))
    return tuple(found)


def value_of(text: str) -> tuple[Kind, Decimal]:
    kind = Kind.PERCENT if text.endswith("%") else Kind.AMOUNT
    return kind, number(text.rstrip("%"))
