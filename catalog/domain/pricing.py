"""The price of a plan (Annexe A §3.3): what a line costs, and every step that led there.

Worked tables: `docs/rules/prix.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from winvest.core.domain.money import check_amount, round_amount
from winvest.core.domain.vat import TaxSplit, split
from winvest.core.errors import Invalid, Problem

UNIT_STEP = Decimal("0.0001")
QUANTITY_LIMIT = Decimal(10) ** 9


class PricingProblem(Problem):
    """Why a price cannot be computed."""

    NO_RULE = "pricing.no_rule", "La formule n'a aucun tarif."
    MIXED_TERMS = (
        "pricing.mixed_terms",
        "Les tarifs d'une formule ont la même devise, le même taux et la même base (HT ou TTC).",
    )
    QUANTITY = (
        "pricing.quantity",
        "La quantité est un nombre entier, de 1 à un milliard.",
    )


class RevenueModel(StrEnum):
    """Who earns what on a sale (Annexe A §5): our turnover, a partner's commission, or both."""

    REVENUE = "revenue"
    COMMISSION = "commission"
    MIXED = "mixed"


class RuleType(StrEnum):
    """How a rule computes (A.2.2)."""

    FIXED = "fixed"
    TIERED = "tiered"
    INDEXED = "indexed"
    USAGE = "usage"


class Rounding(StrEnum):
    """What a step did to its result."""

    NONE = "none"
    HALF_UP = "half_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRule:
    """A price per unit: `amount` in `currency`, tax included or not, VAT `tax_rate` in percent.

    `version` is the number of the product version that carries the rule.
    """

    amount: Decimal
    version: int
    currency: str
    tax_included: bool
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the explanation: which rule of which version made `output` of `input`."""

    rule: str
    version: int
    input: str
    output: Decimal
    rounding: Rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """What a line costs; `unit_amount` has 4 decimals and the base (excl. or incl.) of the rule."""

    quantity: Decimal
    currency: str
    tax_rate: Decimal
    unit_amount: Decimal
    excl: Decimal
    tax: Decimal
    incl: Decimal
    steps: tuple[Step, ...]


def check_quantity(quantity: Decimal) -> Decimal:
    """Return the quantity of a fixed price as a whole number from 1 to 10⁹, else refuse it."""
    if not (quantity.is_finite() and 1 <= quantity <= QUANTITY_LIMIT and quantity % 1 == 0):
        raise Invalid(PricingProblem.QUANTITY, path="quantity")
    return quantity.quantize(Decimal(1))


def price_line(rules: Sequence[FixedRule], quantity: Decimal) -> PricedLine:
    """Return the price of `quantity` units of a plan; its rules add up.

    A line is round(quantity * unit amount), half-up to the currency's exponent, and VAT is taken
    once on that total: 150 * 29.90 incl. → 3,737.50 excl. All rules share currency, rate and
    base. The total stays below 10^14 like any amount.
    """
    if not rules:
        raise Invalid(PricingProblem.NO_RULE)
    if len({(rule.currency, rule.tax_rate, rule.tax_included) for rule in rules}) > 1:
        raise Invalid(PricingProblem.MIXED_TERMS)
    units = check_quantity(quantity)
    terms = rules[0]
    unit_amount = sum((check_amount(rule.amount) for rule in rules), start=Decimal(0))
    total = check_amount(round_amount(units * unit_amount, terms.currency))
    parts = split(total, terms.tax_rate, terms.currency, tax_included=terms.tax_included)
    return PricedLine(
        quantity=units,
        currency=terms.currency,
        tax_rate=terms.tax_rate,
        unit_amount=unit_amount.quantize(UNIT_STEP),
        excl=parts.excl,
        tax=parts.tax,
        incl=check_amount(parts.incl),
        steps=_explain(rules, units, total, parts),
    )


def _explain(
    rules: Sequence[FixedRule], units: Decimal, total: Decimal, parts: TaxSplit
) -> tuple[Step, ...]:
    terms = rules[0]
    outputs = [units * rule.amount for rule in rules]
    base = "TTC" if terms.tax_included else "HT"
    return (
        *(
            Step(RuleType.FIXED, rule.version, f"{units} * {rule.amount}", output, Rounding.NONE)
            for rule, output in zip(rules, outputs, strict=True)
        ),
        Step("line", terms.version, " + ".join(map(str, outputs)), total, Rounding.HALF_UP),
        Step(
            "vat",
            terms.version,
            f"{total} {base} * {terms.tax_rate} %",
            parts.tax,
            Rounding.HALF_UP,
        ),
    )
