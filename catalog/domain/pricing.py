"""The price of a plan (Annexe A §3.3): what each line costs, and every step that led there.

In this order: base (or negotiated) price, or the shares of a bundle's components, options,
surcharges, discounts, promotions, never below 0, and last the initial fees. Lines show what is
asked before what is taken off; a line's VAT is computed once, on what remains of it. Worked tables: `docs/rules/prix.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from catalog.domain.extras import Due, chosen
from catalog.domain.offers import Bundle, Component, Fee, PlanPrice, check_rules, checked, terms_of
from catalog.domain.promotions import best
from catalog.domain.rules import Asked, Terms, check_quantity, is_whole
from catalog.domain.steps import Rounding, Step, share_of, sum_of, tax_of
from winvest.core.domain.money import (
    AMOUNT_LIMIT,
    MoneyProblem,
    allocate,
    check_amount,
    round_amount,
)
from winvest.core.domain.vat import TaxSplit, split
from winvest.core.errors import Invalid

UNIT_STEP = Decimal("0.0001")
NOTHING = Decimal(0)


class RevenueModel(StrEnum):
    """Who earns what on a sale (Annexe A §5): our turnover, a partner's commission, or both."""

    REVENUE = "revenue"
    COMMISSION = "commission"
    MIXED = "mixed"


class LineKind(StrEnum):
    """What a line of a price is for."""

    BASE = "base"
    OPTION = "option"
    SURCHARGE = "surcharge"
    DISCOUNT = "discount"
    PROMOTION = "promotion"
    COMPONENT = "component"
    FEE = "fee"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """What a line costs; `unit_amount` has 4 decimals and the base (excl. or incl.) of the rule.

    `taken_off` is its share of the discounts and promotions, on which it bears no VAT: their own
    lines carry the amounts, without VAT.
    """

    code: str
    label: str
    kind: LineKind
    due: Due
    quantity: Decimal
    tax_rate: Decimal
    unit_amount: Decimal
    excl: Decimal
    tax: Decimal
    incl: Decimal
    taken_off: Decimal = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The lines of a price, in the order of the computation, and how they were reached."""

    currency: str
    quantity: Decimal
    lines: tuple[PricedLine, ...]
    steps: tuple[Step, ...]

    def total(self, *dues: Due) -> TaxSplit:
        """Return the sum of the lines, of these dues only when some are given."""
        lines = [line for line in self.lines if not dues or line.due in dues]
        nothing = round_amount(NOTHING, self.currency)
        return TaxSplit(
            sum((line.excl for line in lines), nothing),
            sum((line.tax for line in lines), nothing),
            sum((line.incl for line in lines), nothing),
        )


def per_unit(amount: Decimal) -> Decimal:
    """Return an amount per unit as it is shown: half-up to 4 decimals."""
    return amount.quantize(UNIT_STEP, rounding=ROUND_HALF_UP)


def price_plan(plan: PlanPrice, asked: Asked, *, options: Sequence[str] = ()) -> Price:
    """Return the price of a plan for what is asked, with the options of these codes.

    A line is round(quantity * unit amount), half-up to the currency's exponent, and VAT is taken
    once on what remains of it: 150 * 29.90 incl. → 3,737.50 excl. Every line and the whole stay
    below 10^14. `Invalid` for a wrong quantity, an unknown option, or rules that give no price.
    """
    told, asked = checked(plan, asked, options)
    if plan.bundle is None:
        check_rules(plan.rules)
        quantity = check_quantity(asked.quantity, whole=is_whole(plan.rules))
        work = _Work(plan.rules[0].terms, quantity)
        work.add_base(plan, replace(asked, quantity=quantity))
    else:
        quantity = check_quantity(asked.quantity)
        work = _Work(terms_of(plan.bundle), quantity)
        work.add_components(plan.bundle, replace(asked, quantity=quantity), plan.negotiated)
    if told:
        work.steps.insert(0, Step("unit", work.terms.version, told, quantity, Rounding.HALF_UP))
    for option in chosen(plan.options, options):
        due, told = option.due or plan.due, option.told(quantity)
        work.add(LineKind.OPTION, option.code, option.name, due, option.price(quantity), told)
    bearing = work.gross
    for surcharge in plan.surcharges:
        amount, told = surcharge.price(quantity, bearing), surcharge.told(quantity, bearing)
        work.add(LineKind.SURCHARGE, surcharge.code, surcharge.name, plan.due, amount, told)
    for discount in plan.discounts:
        amount, told = discount.price(bearing), discount.told(bearing, work.remaining)
        work.take_off(LineKind.DISCOUNT, discount.code, discount.name, amount, told)
    for promotion, taken in best(plan.promotions, work.remaining, work.terms.currency):
        told = promotion.told(work.remaining)
        work.take_off(LineKind.PROMOTION, promotion.code, promotion.name, taken, told)
    return work.price(plan.fee)


@dataclass(slots=True)
class _Gross:
    """A line before VAT: what is asked, and what was taken off it so far."""

    kind: LineKind
    code: str
    label: str
    due: Due
    quantity: Decimal
    unit_amount: Decimal
    amount: Decimal
    tax_rate: Decimal
    taken_off: Decimal = NOTHING

    @property
    def remaining(self) -> Decimal:
        """What is left of the line."""
        return self.amount - self.taken_off


@dataclass(slots=True)
class _Work:
    """The lines and steps of one computation."""

    terms: Terms
    quantity: Decimal
    lines: list[_Gross] = field(default_factory=list)
    reductions: list[tuple[LineKind, str, str, Due, Decimal]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def gross(self) -> Decimal:
        """What all lines ask."""
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def remaining(self) -> Decimal:
        """What is left of them."""
        return sum((line.remaining for line in self.lines), NOTHING)

    def add_base(self, plan: PlanPrice, asked: Asked) -> None:
        """Add up what the rules make."""
        parts = []
        for rule in plan.rules:
            name = "negotiated" if plan.negotiated else rule.type.value
            for part in rule.parts(asked):
                self._tell(name, part.input, part.output, Rounding.NONE, rule.terms.version)
                parts.append(part.output)
        raw = sum(parts, NOTHING)
        self.add(LineKind.BASE, plan.code, plan.label, plan.due, raw, sum_of(parts))

    def add_components(self, bundle: Bundle, asked: Asked, negotiated: bool) -> None:  # noqa: FBT001
        """Price each component alone, then share the price of the bundle in proportion."""
        own = [self._own_price(component, asked) for component in bundle.components]
        total = check_amount(bundle.price.total(own, self.quantity, self.terms.currency))
        name = "negotiated" if negotiated else "bundle"
        self._tell(name, bundle.price.told(own, self.quantity), total, Rounding.HALF_UP)
        shares = allocate(total, own, self.terms.currency)
        for component, weight, share in zip(bundle.components, own, shares, strict=True):
            told = share_of(total, weight, own, share, self.terms.currency)
            told = f"{component.code} = {told}"
            self._tell("share", told, share, Rounding.LARGEST_REMAINDER)
            quantity = self.quantity * component.quantity
            self.lines.append(
                _Gross(
                    kind=LineKind.COMPONENT,
                    code=component.code,
                    label=component.price.label,
                    due=component.price.due,
                    quantity=quantity,
                    unit_amount=per_unit(share / quantity),
                    amount=share,
                    tax_rate=component.price.rules[0].terms.tax_rate,
                )
            )

    def _own_price(self, component: Component, asked: Asked) -> Decimal:
        """Return what a component costs alone, in the base of its price; its steps are told."""
        quantity = self.quantity * component.quantity
        price = price_plan(component.price, replace(asked, quantity=quantity))
        self.steps += [step for step in price.steps if step.rule != "vat"]
        lines = [line.incl if self.terms.tax_included else line.excl for line in price.lines]
        told = f"{quantity} * {component.code} = {sum_of(lines)}"
        own = sum(lines, NOTHING)
        self._tell("component", told, own, Rounding.NONE)
        return own

    def add(self, kind: LineKind, code: str, label: str, due: Due, raw: Decimal, told: str) -> None:
        """Add a line; `told` is the sum that made `raw`."""
        amount = check_amount(round_amount(_bounded(raw), self.terms.currency))
        check_amount(self.gross + amount)
        unit = raw / self.quantity if self.quantity else raw
        unit = per_unit(unit)
        rate = self.terms.tax_rate
        self.lines.append(_Gross(kind, code, label, due, self.quantity, unit, amount, rate))
        self._tell("line" if kind is LineKind.BASE else kind, told, amount, Rounding.HALF_UP)

    def take_off(self, kind: LineKind, code: str, label: str, raw: Decimal, told: str) -> None:
        """Take an amount off what remains, shared over the lines by largest remainder."""
        currency = self.terms.currency
        amount = min(round_amount(_bounded(raw), currency), self.remaining)
        self._tell(kind, told, -amount, Rounding.HALF_UP)
        weights = [line.remaining for line in self.lines]
        shares = allocate(amount, weights, currency)
        taken = dict.fromkeys(Due, NOTHING)
        for line, weight, share in zip(self.lines, weights, shares, strict=True):
            if amount and len(self.lines) > 1:
                told = share_of(amount, weight, weights, share, currency)
                told = f"{code} / {line.code} = {told}"
                self._tell("share", told, share, Rounding.LARGEST_REMAINDER)
            line.taken_off += share
            taken[line.due] += share
        self.reductions += [(kind, code, label, due, part) for due, part in taken.items() if part]

    def price(self, fee: Fee | None) -> Price:
        """Split every line, add the fees, and end."""
        lines = [self._split(line, self.terms.tax_included) for line in self.lines]
        lines += [self._reduction(*reduction) for reduction in self.reductions]
        if fee is not None:
            lines.append(self._fee(fee))
        return Price(
            currency=self.terms.currency,
            quantity=self.quantity,
            lines=tuple(lines),
            steps=tuple(self.steps),
        )

    def _fee(self, fee: Fee) -> PricedLine:
        """Price the fees alone: they have a base and a VAT rate of their own."""
        amount = check_amount(round_amount(fee.amount, self.terms.currency))
        check_amount(self.gross + amount)
        told = f"{fee.code} = {fee.amount.normalize():f}"
        self._tell(LineKind.FEE, told, amount, Rounding.HALF_UP)
        line = _Gross(
            kind=LineKind.FEE,
            code=fee.code,
            label=fee.label,
            due=Due.ONCE,
            quantity=Decimal(1),
            unit_amount=per_unit(fee.amount),
            amount=amount,
            tax_rate=fee.tax_rate,
        )
        return self._split(line, fee.tax_included)

    def _split(self, line: _Gross, tax_included: bool) -> PricedLine:  # noqa: FBT001
        currency = self.terms.currency
        parts = split(line.remaining, line.tax_rate, currency, tax_included=tax_included)
        check_amount(parts.incl)
        told = tax_of(line.remaining, line.tax_rate, tax_included=tax_included)
        self._tell("vat", told, parts.tax, Rounding.HALF_UP)
        return PricedLine(
            code=line.code,
            label=line.label,
            kind=line.kind,
            due=line.due,
            quantity=line.quantity,
            tax_rate=line.tax_rate,
            unit_amount=line.unit_amount,
            excl=parts.excl + line.taken_off,
            tax=parts.tax,
            incl=parts.incl + line.taken_off,
            taken_off=line.taken_off,
        )

    def _reduction(
        self, kind: LineKind, code: str, label: str, due: Due, amount: Decimal
    ) -> PricedLine:
        return PricedLine(
            code=code,
            label=label,
            kind=kind,
            due=due,
            quantity=Decimal(1),
            tax_rate=NOTHING,
            unit_amount=per_unit(-amount),
            excl=-amount,
            tax=round_amount(NOTHING, self.terms.currency),
            incl=-amount,
        )

    def _tell(
        self,
        rule: str,
        told: str,
        output: Decimal,
        rounding: Rounding,
        version: int | None = None,
    ) -> None:
        number = self.terms.version if version is None else version
        self.steps.append(Step(rule, number, told, output, rounding))


def _bounded(raw: Decimal) -> Decimal:
    if not raw.is_finite() or abs(raw) >= AMOUNT_LIMIT:
        raise Invalid(MoneyProblem.TOO_LARGE, path="quantity")
    return raw
