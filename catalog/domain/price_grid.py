"""A grid of prices: one line per price of a plan, one per tier, one per option, surcharge and
discount (5-05; `docs/grille-de-prix.md`).

Every amount is what the quote's own rules make of one unit: a line of the grid and a quote at the
same instant say the same, before what is added to or taken off the price.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from catalog.domain.bundles import BundleKind
from catalog.domain.extras import Discount, Due, Kind, Option, Per, Surcharge
from catalog.domain.offers import PlanPrice
from catalog.domain.pricing import per_unit, price_plan
from catalog.domain.rules import Asked, FixedRule, IndexedRule, Rule, Terms, TieredRule, UsageRule
from catalog.domain.tiers import Tier, TierBase, TierMode
from winvest.core.domain.money import AMOUNT_LIMIT
from winvest.core.domain.vat import TaxSplit, split
from winvest.core.errors import Invalid

ONE = Asked(Decimal(1))


class Column(StrEnum):
    """Headings of the file, in its order."""

    COMPANY = "Société"
    SKU = "SKU"
    PRODUCT = "Produit"
    RISK = "Risque"
    PARTNER = "Partenaire"
    STATUS = "Statut"
    VERSION = "Version"
    PLAN = "Formule"
    PLAN_NAME = "Nom de la formule"
    RULE = "Tarif"
    TIER = "Palier"
    EXTRA = "Supplément"
    TYPE = "Type de prix"
    MODE = "Mode de calcul"
    LOW = "De"
    HIGH = "À"
    UNIT = "Unité"
    PRICE = "Prix"
    BASE = "Base"
    MINIMUM = "Minimum facturé"
    EXCL = "Montant HT"
    TAX_CODE = "Code TVA"
    TAX_RATE = "Taux TVA"
    INCL = "Montant TTC"
    RECURRENCE = "Récurrence"
    CURRENCY = "Devise"
    START = "Du"
    END = "Au (exclu)"
    CHANNELS = "Canaux"
    PROMOTIONS = "Promotions"
    DRAFT = "Brouillon"


class PriceType(StrEnum):
    """The six labels of §2.2 over the four rule types (reading P-02), what has no price, and what a
    plan adds to its price or takes off it.
    """

    FIXED = "Fixe"
    RECURRING = "Récurrent"
    USAGE = "Usage"
    INDEXED = "Indexé"
    TIERED = "Palier"
    BUNDLE = "Bundle"
    NONE = "Sans tarif"
    OPTION = "Option"
    SURCHARGE = "Surcharge"
    DISCOUNT = "Remise"


# The list of a plan that holds each, and the key of its value there.
EXTRA_LISTS = {
    PriceType.OPTION: ("options", "amount"),
    PriceType.SURCHARGE: ("surcharges", "value"),
    PriceType.DISCOUNT: ("discounts", "value"),
}


class PriceBase(StrEnum):
    """What a price is told in."""

    INCL = "TTC"
    EXCL = "HT"
    PERCENT = "%"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """A price, one tier of it, or what is added or taken off.

    `rule` and `tier` are ranks from 1: they name the line within its plan, as `extra`, the code of
    an option, a surcharge or a discount, does. `price` is as entered
    (of one unit, of a flat tier, or in percent), with 4 decimals at most; `amounts` is what one
    unit costs, rounded to the currency, None where nothing can be said (a percent, no VAT rate, no
    index). `mode` is the tiers' mode, the kind of the bundle, or the formula, whose price is
    computed: it is not `editable`.
    """

    type: PriceType
    rule: int | None = None
    tier: int | None = None
    extra: str = ""
    mode: str = ""
    tier_base: TierBase | None = None
    index: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    base: PriceBase | None = None
    minimum: Decimal | None = None
    amounts: TaxSplit | None = None
    currency: str | None = None
    editable: bool = True


def lines_of(plan: PlanPrice, known: Sequence[bool]) -> list[PriceLine]:
    """Return the lines of a plan's rules; `known` says which of them have a VAT rate."""
    return [
        line
        for rank, (rule, has_rate) in enumerate(zip(plan.rules, known, strict=True), start=1)
        for line in _lines(plan, rule, rank, has_rate=has_rate)
    ]


def extra_lines(
    plan: PlanPrice, terms: Terms | None, *, tax_included: bool, currency: str
) -> list[PriceLine]:
    """Return the lines of the plan's options, surcharges and discounts, in its base and currency.

    `terms` are those of its prices, None where no VAT rate is known. Only an amount that is added
    has amounts of its own: a discount bears no VAT, and a percentage depends on the rest.
    """
    told: list[Option | Surcharge | Discount] = []
    for extras in (plan.options, plan.surcharges, plan.discounts):
        told += extras
    lines = [_extra(one, terms, _base(tax_included)) for one in told]
    return [replace(line, currency=currency) for line in lines]


def named_extra(kind: PriceType, code: str) -> str:
    """Return how a line names an option, a surcharge or a discount: « Option ASSIST »."""
    return f"{kind.value} {code}"


def _extra(one: Option | Surcharge | Discount, terms: Terms | None, base: PriceBase) -> PriceLine:
    percent = not isinstance(one, Option) and one.kind is Kind.PERCENT
    value = one.amount if isinstance(one, Option) else one.value
    kind = _KINDS[type(one)]
    amounts = None
    if terms is not None and not percent and kind is not PriceType.DISCOUNT:
        amounts = split(value, terms.tax_rate, terms.currency, tax_included=terms.tax_included)
    return PriceLine(
        type=kind,
        extra=named_extra(kind, one.code),
        mode=" ; ".join([one.name, *_counted(one, percent=percent)]),
        price=value,
        base=PriceBase.PERCENT if percent else base,
        amounts=amounts,
    )


def _counted(one: Option | Surcharge | Discount, *, percent: bool) -> list[str]:
    """Say by what it is counted and, of an option, when it is due and whether one chooses it."""
    if percent:
        return [ON_ALL]
    told = [PER_WORDS[Per.LINE if isinstance(one, Discount) else one.per]]
    if isinstance(one, Option):
        told += [DUE_WORDS[one.due]] if one.due else []
        told += [MANDATORY] if one.mandatory else []
    return told


_KINDS = {
    Option: PriceType.OPTION,
    Surcharge: PriceType.SURCHARGE,
    Discount: PriceType.DISCOUNT,
}
# The words of « Mode de calcul », which an import reads again.
PER_WORDS = {Per.LINE: "par ligne", Per.UNIT: "par unité"}
DUE_WORDS = {Due.ONCE: "une fois", Due.RECURRING: "à chaque échéance"}
ON_ALL, MANDATORY = "sur la base et les options", "obligatoire"


def bundle_line(
    plan: PlanPrice, kind: BundleKind, value: Decimal, *, tax_included: bool
) -> PriceLine:
    """Return the line of a bundle; its amounts are those of one bundle, None without a price."""
    amounts = currency = None
    if plan.bundle is not None:
        try:
            price = price_plan(plan, ONE)
            amounts, currency = price.total(), price.currency
        except Invalid:
            pass
    base = PriceBase.PERCENT if kind is BundleKind.PERCENT else _base(tax_included)
    return PriceLine(
        type=PriceType.BUNDLE,
        mode=kind.value,
        unit=plan.unit,
        price=value,
        base=base,
        amounts=amounts,
        currency=currency,
    )


def _lines(plan: PlanPrice, rule: Rule, rank: int, *, has_rate: bool) -> list[PriceLine]:
    match rule:
        case FixedRule():
            kind = PriceType.RECURRING if plan.due is Due.RECURRING else PriceType.FIXED
            return [_line(kind, rule.terms, rank, rule.amount, plan.unit, has_rate=has_rate)]
        case UsageRule():
            line = _line(
                PriceType.USAGE, rule.terms, rank, rule.unit_price, rule.unit, has_rate=has_rate
            )
            return [replace(line, minimum=rule.min_charge)]
        case TieredRule():
            return [
                _tier_line(plan, rule.terms, rank, place, tier, rule.mode, has_rate=has_rate)
                for place, tier in enumerate(rule.tiers, start=1)
            ]
        case IndexedRule():
            line = _line(
                PriceType.INDEXED, rule.terms, rank, _indexed(rule), plan.unit, has_rate=has_rate
            )
            return [replace(line, mode=rule.formula, index=rule.index, editable=False)]


def _tier_line(
    plan: PlanPrice,
    terms: Terms,
    rank: int,
    place: int,
    tier: Tier,
    mode: TierMode,
    *,
    has_rate: bool,
) -> PriceLine:
    percent = tier.base is TierBase.PERCENT
    line = _line(
        PriceType.TIERED, terms, rank, tier.amount, plan.unit, has_rate=has_rate and not percent
    )
    base = PriceBase.PERCENT if percent else line.base
    return replace(
        line,
        tier=place,
        tier_base=tier.base,
        mode=mode.value,
        low=tier.low,
        high=tier.high,
        base=base,
    )


def _line(
    kind: PriceType,
    terms: Terms,
    rank: int,
    price: Decimal | None,
    unit: str | None,
    *,
    has_rate: bool,
) -> PriceLine:
    amounts = None
    if price is not None and has_rate:
        amounts = split(price, terms.tax_rate, terms.currency, tax_included=terms.tax_included)
    return PriceLine(
        type=kind,
        rule=rank,
        unit=unit,
        price=price,
        base=_base(terms.tax_included),
        amounts=amounts,
        currency=terms.currency,
    )


def _indexed(rule: IndexedRule) -> Decimal | None:
    """Return what the formula makes of one unit, as a quote shows it; None when it makes nothing,
    or more than any price.
    """
    try:
        (part,) = rule.parts(ONE)
    except Invalid:
        return None
    return per_unit(part.output) if part.output < AMOUNT_LIMIT else None


def _base(tax_included: bool) -> PriceBase:  # noqa: FBT001 - says itself
    return PriceBase.INCL if tax_included else PriceBase.EXCL
