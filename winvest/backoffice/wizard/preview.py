"""What a step says while one types: the same rules as a quote, on rows that are not written yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.admin.curves import price_curve
from catalog.admin.sheet_blocks import Drawing
from catalog.choices import PricingType, Recurrence
from catalog.domain.extras import Due
from catalog.domain.offers import PlanPrice
from catalog.domain.pricing import price_plan
from catalog.domain.rules import Asked, IndexValue, RuleProblem, RuleType, Terms, read_rule
from catalog.domain.tiers import Tier, TierBase, read_tiers
from catalog.models import ProductVersion
from catalog.selectors.publication import values_of_index
from catalog.selectors.wording import money, number_in_words, price_in_words
from winvest.backoffice.wizard.grid import PriceGrid, TypedPrice
from winvest.core.domain.periods import local_date
from winvest.core.domain.vat import TaxSplit
from winvest.core.errors import Invalid
from winvest.core.selectors.wording import percentage

ONE, HUNDRED = Decimal(1), Decimal(100)
NO_INDEX = "Cet indice n'a pas encore de valeur à la date d'effet : le prix paraîtra avec elle."
BY_PARTNER = "L'API du partenaire donne son prix, au moment de la vente."


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """What a plan costs for some sizes, in words, and the curve of its tiers."""

    name: str
    rate: str
    lines: list[dict[str, str]]
    problem: str = ""
    note: str = ""
    drawing: Drawing | None = None


def shown_prices(version: Any, grid: PriceGrid) -> list[ShownPrice]:
    """Return what each line of the first table costs; the lines still being typed are left out."""
    return [found for one in grid.prices if (found := _shown(version, grid, one)) is not None]


def plan_price(version: ProductVersion, one: TypedPrice, rate: Decimal) -> PlanPrice:
    """Return what prices a line of the table: its own rule, without options or promotions."""
    given = one.form.cleaned_data
    terms = Terms(
        version=version.version,
        currency=version.company.currency,
        tax_rate=rate,
        tax_included=given["tax_included"],
    )
    once = given.get("recurrence") == Recurrence.ONE_SHOT
    return PlanPrice(
        code=given.get("code") or "",
        label=given.get("name") or "",
        due=Due.ONCE if once else Due.RECURRING,
        rules=[
            read_rule(
                RuleType(str(one.type)),
                one.payload,
                terms,
                mode=one.tier_mode,
                base=given.get("base"),
                value=_index(version, one),
            )
        ],
    )


def _shown(version: ProductVersion, grid: PriceGrid, one: TypedPrice) -> ShownPrice | None:
    given = one.form.cleaned_data
    rate = grid.rates.get(given.get("tax_code"))
    name = given.get("name") or given.get("code") or "Sans nom"
    if one.type is None:
        return ShownPrice(name, "", [], note=BY_PARTNER)
    if one.payload is None or rate is None:
        return None
    told = f"TVA {percentage(rate)}"
    price = plan_price(version, one, rate)
    currency = version.company.currency
    try:
        lines = [
            {"size": size, **_amounts(price_plan(price, asked).total(), currency)}
            for size, asked in _sizes(one, currency)
        ]
    except Invalid as error:
        lacks_index = error.code == RuleProblem.NO_INDEX.value
        return ShownPrice(name, told, [], problem=NO_INDEX if lacks_index else str(error))
    drawing = None
    if one.type == PricingType.TIERED:
        drawing = price_curve(
            name, one.payload, one.tier_mode, currency, tax_included=given["tax_included"]
        )
    note = price_in_words(one.type, one.tier_mode, one.payload, currency)
    note = note if one.type in (PricingType.USAGE, PricingType.INDEXED) else ""
    return ShownPrice(name, told, lines, note=note, drawing=drawing)


def _index(version: ProductVersion, one: TypedPrice) -> IndexValue | None:
    """Return the value that an indexed price reads on the day the version takes effect."""
    if one.type != PricingType.INDEXED:
        return None
    day = local_date(version.effective_from, version.company.timezone)
    known = [row for row in values_of_index(one.payload["index"], day) if row.valid_on <= day]
    return IndexValue(known[0].valid_on, known[0].value) if known else None


def _sizes(one: TypedPrice, currency: str) -> Iterator[tuple[str, Asked]]:
    """Give one unit, a hundred of a consumption; of tiers, the start of each: there the price turns."""
    if one.type == PricingType.USAGE:
        yield from ((number_in_words(size), Asked(size)) for size in (ONE, HUNDRED))
        return
    if one.type != PricingType.TIERED:
        yield "1", Asked(ONE)
        return
    for tier in read_tiers(one.payload):
        size = tier.low or _first(tier)
        if tier.base is TierBase.PERCENT:
            yield f"sur {money(size, currency)}", Asked(ONE, base_amount=size)
        else:
            yield number_in_words(size), Asked(size)


def _first(tier: Tier) -> Decimal:
    """Return a size above 0 in the first tier: a unit, or its end for percents."""
    if tier.base is TierBase.PERCENT:
        return tier.high or Decimal(100)
    return ONE if tier.high is None else min(ONE, tier.high)


def _amounts(found: TaxSplit, currency: str) -> dict[str, str]:
    return {
        "excl": money(found.excl, currency),
        "tax": money(found.tax, currency),
        "incl": money(found.incl, currency),
    }
