"""The four forms of a price and what each makes of a quantity (Annexe A.3.3; readings P-01 to P-06).

Amounts are in the currency of the rule, tax included or not as it says, and not rounded here: a
line is rounded once (`pricing`). Worked tables: `docs/rules/prix.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from catalog.domain import formula
from catalog.domain.tiers import Tier, TierBase, TierMode, read_tiers, slices
from winvest.core.domain.money import check_amount
from winvest.core.errors import Invalid, Problem

QUANTITY_STEP = Decimal("0.0001")
QUANTITY_LIMIT = Decimal(10) ** 9


class RuleProblem(Problem):
    """Why a rule makes no price."""

    QUANTITY = (
        "pricing.quantity",
        "La quantité est un nombre entier, de 1 à un milliard.",
    )
    FRACTION = (
        "pricing.quantity_fraction",
        "La quantité va de 0 à un milliard, avec quatre décimales au plus.",
    )
    BASE_AMOUNT = (
        "pricing.base_amount",
        "Ce prix est un pourcentage : il faut le montant sur lequel il porte (base_amount).",
    )
    NO_INDEX = (
        "pricing.index_missing",
        "Aucune valeur de l'indice « {index} » n'est connue à cette date.",
    )
    NO_BASE = "pricing.base_missing", "La formule lit « base », que la formule du produit n'a pas."
    NEGATIVE = "pricing.negative", "La formule du prix indexé donne un prix négatif."


class RuleType(StrEnum):
    """How a rule computes (A.2.2)."""

    FIXED = "fixed"
    TIERED = "tiered"
    INDEXED = "indexed"
    USAGE = "usage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the rules of one plan share: currency, VAT `tax_rate` in percent, tax included or not.

    `version` is the number of the product version that carries them.
    """

    version: int
    currency: str
    tax_rate: Decimal
    tax_included: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a price is asked for: a quantity (in `unit`, None: the price's own), and the amount on
    which percents bear.
    """

    quantity: Decimal
    base_amount: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """An amount, not rounded, and how it was reached."""

    input: str
    output: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRule:
    """A price per unit."""

    terms: Terms
    amount: Decimal
    type = RuleType.FIXED

    def parts(self, asked: Asked) -> list[Part]:
        """Return quantity times amount."""
        amount = check_amount(self.amount)
        return [Part(f"{asked.quantity} * {amount}", asked.quantity * amount)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRule:
    """A price per unit consumed (`unit`), never less than `min_charge`."""

    terms: Terms
    unit: str
    unit_price: Decimal
    min_charge: Decimal | None = None
    type = RuleType.USAGE

    def parts(self, asked: Asked) -> list[Part]:
        """Return the greater of quantity times unit price and the minimum charge."""
        used = asked.quantity * check_amount(self.unit_price)
        told = f"{asked.quantity} {self.unit} * {self.unit_price}"
        if self.min_charge is None:
            return [Part(told, used)]
        minimum = check_amount(self.min_charge)
        return [Part(f"max({told}, {minimum})", max(used, minimum))]


@dataclass(frozen=True, slots=True, kw_only=True)
class TieredRule:
    """A grid of tiers and how they count; a grid in percent is read by `base_amount`."""

    terms: Terms
    tiers: tuple[Tier, ...]
    mode: TierMode
    type = RuleType.TIERED

    def parts(self, asked: Asked) -> list[Part]:
        """Return what each tier that is reached makes."""
        size = asked.quantity
        if self.tiers[0].base is TierBase.PERCENT:
            if asked.base_amount is None:
                raise Invalid(RuleProblem.BASE_AMOUNT, path="base_amount")
            size = check_amount(asked.base_amount, path="base_amount")
        return [
            Part(_tier_in_words(part.tier, part.size), part.amount)
            for part in slices(self.tiers, self.mode, size)
        ]


@dataclass(frozen=True, slots=True)
class IndexValue:
    """The value of an index since a local date."""

    on: date
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRule:
    """A formula per unit over the index, the plan's `base` and the quantity.

    `value` is the last one on or before the date asked for; None: none is known.
    """

    terms: Terms
    index: str
    formula: str
    base: Decimal | None
    value: IndexValue | None
    type = RuleType.INDEXED

    @property
    def reads_index(self) -> bool:
        """Whether the formula reads the index at all."""
        return "index" in formula.names_of(formula.parse(self.formula))

    def parts(self, asked: Asked) -> list[Part]:
        """Return quantity times formula; below 0 is an error."""
        tree = formula.parse(self.formula)
        names = formula.names_of(tree)
        values = {"quantity": asked.quantity}
        told = []
        if "index" in names:
            if self.value is None:
                raise Invalid(RuleProblem.NO_INDEX, path="at", index=self.index)
            values["index"] = self.value.value
            told.append(f"index({self.index}, {self.value.on:%Y-%m-%d}) = {self.value.value}")
        if "base" in names:
            if self.base is None:
                raise Invalid(RuleProblem.NO_BASE, path="plan")
            values["base"] = self.base
            told.append(f"base = {self.base}")
        unit = formula.evaluate(tree, values)
        if unit < 0:
            raise Invalid(RuleProblem.NEGATIVE, path="plan")
        where = f" ({', '.join(told)})" if told else ""
        return [Part(f"{asked.quantity} * {self.formula}{where}", asked.quantity * unit)]


Rule = FixedRule | UsageRule | TieredRule | IndexedRule


def read_rule(
    kind: RuleType,
    payload: Any,
    terms: Terms,
    *,
    mode: str | None = None,
    base: Decimal | int | None = None,
    value: IndexValue | None = None,
) -> Rule:
    """Return the rule of a payload that keeps the schema of its kind.

    `mode` is that of a grid; `base` and `value` are what an indexed formula reads.
    """
    match kind:
        case RuleType.FIXED:
            return FixedRule(terms=terms, amount=Decimal(payload["amount"]))
        case RuleType.USAGE:
            minimum = payload.get("min_charge")
            return UsageRule(
                terms=terms,
                unit=payload["unit"],
                unit_price=Decimal(payload["unit_price"]),
                min_charge=None if minimum is None else Decimal(minimum),
            )
        case RuleType.TIERED:
            return TieredRule(
                terms=terms, tiers=read_tiers(payload), mode=TierMode(mode or TierMode.SLAB)
            )
        case RuleType.INDEXED:
            return IndexedRule(
                terms=terms,
                index=payload["index"],
                formula=payload["formula"],
                base=None if base is None else Decimal(base),
                value=value,
            )


def check_quantity(quantity: Decimal, *, whole: bool = True) -> Decimal:
    """Return the quantity: a whole number from 1 to 10⁹, or from 0 with 4 decimals at most."""
    if whole:
        if not (quantity.is_finite() and 1 <= quantity <= QUANTITY_LIMIT and quantity % 1 == 0):
            raise Invalid(RuleProblem.QUANTITY, path="quantity")
        return quantity.quantize(Decimal(1))
    if not (quantity.is_finite() and 0 <= quantity <= QUANTITY_LIMIT):
        raise Invalid(RuleProblem.FRACTION, path="quantity")
    if quantity != quantity.quantize(QUANTITY_STEP):
        raise Invalid(RuleProblem.FRACTION, path="quantity")
    plain = quantity.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def is_whole(rules: Sequence[Rule]) -> bool:
    """Whether the quantity must be a whole number: a fixed price is among the rules."""
    return any(rule.type is RuleType.FIXED for rule in rules)


def _tier_in_words(tier: Tier, size: Decimal) -> str:
    match tier.base:
        case TierBase.UNIT:
            return f"{size} * {tier.amount}"
        case TierBase.AMOUNT:
            return f"forfait {tier.amount}"
        case TierBase.PERCENT:
            return f"{size} * {tier.amount} %"
