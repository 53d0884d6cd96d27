"""What prices a plan: its rules or its components, and what is asked of it (Annexe A §3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.domain.bundles import BundlePrice, BundleProblem
from catalog.domain.extras import Discount, Due, Option, Surcharge, chosen
from catalog.domain.promotions import Promotion
from catalog.domain.rules import (
    Asked,
    IndexedRule,
    IndexValue,
    Rule,
    Terms,
    UsageRule,
    check_quantity,
    is_whole,
)
from catalog.domain.units import UnitProblem, convert, told
from winvest.core.errors import Invalid, Problem, together

NOTHING = Decimal(0)


class PricingProblem(Problem):
    """Why a price cannot be computed."""

    NO_RULE = "pricing.no_rule", "La formule n'a aucun tarif."
    MIXED_TERMS = (
        "pricing.mixed_terms",
        "Les tarifs d'une formule ont la même devise, le même taux et la même base (HT ou TTC).",
    )


@dataclass(frozen=True, slots=True)
class Fee:
    """What is due once on a new sale, whatever the quantity; neither discounted nor promoted."""

    label: str
    amount: Decimal
    tax_rate: Decimal
    tax_included: bool
    code: str = "FRAIS"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPrice:
    """What prices a plan; its rules add up and share their terms. A `bundle` has no rules.

    `unit` is what one of the product is, where its rules tell no unit of their own.
    `negotiated` says that the price is a client's own instead of the plan's.
    """

    code: str
    label: str
    due: Due
    rules: Sequence[Rule]
    options: Sequence[Option] = ()
    surcharges: Sequence[Surcharge] = ()
    discounts: Sequence[Discount] = ()
    promotions: Sequence[Promotion] = ()
    negotiated: bool = False
    bundle: "Bundle | None" = None
    unit: str | None = None
    fee: Fee | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What a bundle holds: `quantity` of a plan of another product, and that plan's own price."""

    sku: str
    quantity: int
    price: PlanPrice

    @property
    def code(self) -> str:
        """Return the code of its line: SKU, and plan where there is one."""
        return self.sku if self.price.code == self.sku else f"{self.sku}/{self.price.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The price of a bundle of the product version `version`, and its components."""

    version: int
    price: BundlePrice
    components: Sequence[Component]


def checked(plan: PlanPrice, asked: Asked, options: Sequence[str]) -> tuple[str, Asked]:
    """Return what is asked as `in_unit_of` does; `Invalid` tells everything that is wrong with it."""
    conversion, wrong = "", []
    try:
        conversion, asked = in_unit_of(plan, asked)
        check_quantity(asked.quantity, whole=plan.bundle is not None or is_whole(plan.rules))
    except Invalid as error:
        wrong.append(error)
    try:
        chosen(plan.options, options)
    except Invalid as error:
        wrong.append(error)
    if wrong:
        raise together(wrong)
    return conversion, asked


def in_unit_of(plan: PlanPrice, asked: Asked) -> tuple[str, Asked]:
    """Return what is asked with its quantity in the unit of the price, and how it was converted."""
    if asked.unit is None:
        return "", asked
    units = {rule.unit for rule in plan.rules if isinstance(rule, UsageRule)}
    if len(units) > 1:
        raise Invalid(UnitProblem.AMBIGUOUS, path="unit")
    target = next(iter(units), plan.unit)
    if target is None:
        raise Invalid(UnitProblem.NONE, path="unit")
    quantity = convert(asked.quantity, asked.unit, target)
    return told(asked.quantity, asked.unit, target), replace(asked, quantity=quantity, unit=None)


def check_rules(rules: Sequence[Rule]) -> None:
    if not rules:
        raise Invalid(PricingProblem.NO_RULE)
    if len({_shared(rule.terms) for rule in rules}) > 1:
        raise Invalid(PricingProblem.MIXED_TERMS)


def indices_of(plan: PlanPrice | None) -> list[tuple[str, IndexValue]]:
    """Return the values of the indices that the price reads, its components' too, each once."""
    if plan is None:
        return []
    plans = [plan, *(one.price for one in (plan.bundle.components if plan.bundle else ()))]
    found = {}
    for rule in (rule for one in plans for rule in one.rules):
        if isinstance(rule, IndexedRule) and rule.value is not None and rule.reads_index:
            found[rule.index] = rule.value
    return sorted(found.items())


def terms_of(bundle: Bundle) -> Terms:
    """Return what the components share with their bundle; each line keeps its own VAT rate."""
    found = [component.price.rules[0].terms for component in bundle.components]
    currencies = {terms.currency for terms in found}
    bases = {terms.tax_included for terms in found}
    if len(currencies) != 1 or bases != {bundle.price.tax_included}:
        raise Invalid(BundleProblem.MIXED, path="plan")
    return replace(found[0], version=bundle.version, tax_rate=NOTHING)


def _shared(terms: Terms) -> tuple[object, ...]:
    return terms.currency, terms.tax_rate, terms.tax_included
