"""Prices, extras and bundles in words: « de 0 à 99 : 10,00 € ; à partir de 100 : 9,00 € »."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format

from catalog.choices import BundleKind, PriceIndex, PricingType, TierMode, Unit
from catalog.domain.extras import Due, Kind, Per
from winvest.core.selectors.wording import EMPTY, NO_BREAK, in_words, percentage

MODES = {TierMode.SLAB: "par palier entier", TierMode.PROGRESSIVE: "par tranche"}
DUES = {Due.ONCE: "une fois", Due.RECURRING: "à chaque échéance"}
# Units told by a sign, which keeps its capital letters.
_SIGNS = frozenset({Unit.KWH.value, Unit.GIGABYTE.value})
# What empty columns stand for, by table.
NOTHING: Mapping[str, Mapping[str, str]] = {
    "product_version": {
        "channels": "Tous les canaux",
        "geography": "Sans restriction",
        "eligibility": "Sans condition",
        "effective_to": "Sans limite",
    },
    "product_plan": {"valid_from": "Sans limite", "valid_to": "Sans limite"},
    "pricing_rule": {"plan": "Toute la version"},
    "version_billing": {"plan": "Toute la version"},
    "publication": {"end_at": "Sans limite"},
    "promotion": {
        "product": "Tous les produits",
        "plan_code": "Toutes les formules",
        "channels": "Tous les canaux",
        "end_at": "Sans limite",
    },
    "sales_ban": {
        "product": "Tous les produits",
        "channel": "Tous les canaux",
        "end_at": "Sans limite",
    },
    "sale_agreement": {"end_at": "Sans limite"},
    "negotiated_price": {"end_at": "Sans limite"},
}
PERS = {Per.LINE: "ligne", Per.UNIT: "unité"}


def money(value: Any, currency: str) -> str:
    """Return an amount with all its decimals, two at least: « 0,1234 € »."""
    number = Decimal(str(value))
    digits = max(2, -int(number.normalize().as_tuple().exponent))
    sign = "€" if currency == "EUR" else currency
    text = number_format(number, decimal_pos=digits, force_grouping=True)
    return f"{text}{NO_BREAK}{sign}".rstrip()


def price_in_words(kind: str, mode: str | None, payload: Any, currency: str) -> str:
    """Return what a price costs, whatever its type; the payload keeps the schema of its type."""
    match kind:
        case PricingType.FIXED:
            return money(payload["amount"], currency)
        case PricingType.USAGE:
            return _usage(payload, currency)
        case PricingType.INDEXED:
            index = PriceIndex(payload["index"]).label
            return f"{payload['formula']} (indice : {index})"
        case PricingType.TIERED:
            told = " ; ".join(_tiers_in_words(payload, currency))
            return f"{told} ({MODES[TierMode(mode)]})" if mode else told
    return EMPTY


def logged_price(row: Mapping[str, Any], payload: Any) -> str:
    """Return the price that a row of the log holds."""
    return price_in_words(row["type"], row["tier_mode"], payload, row["currency"])


def extras_in_words(rows: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Return options, surcharges or discounts: « Assistance : 2,00 € par unité (obligatoire) »."""
    return " ; ".join(extra_in_words(row, currency) for row in rows) or EMPTY


def parameters_in_words(parameters: Mapping[str, Any]) -> str:
    """Return the parameters of a plan: « base = 12,5 »."""
    return " ; ".join(f"{key} = {in_words(None, value)}" for key, value in parameters.items()) or (
        EMPTY
    )


def rule_in_words(rule: Mapping[str, Any], currency: str) -> str:
    """Return a price with its tax: « 19,90 € TTC, TVA 20 % (FR20) »."""
    price = price_in_words(rule["type"], rule.get("tier_mode"), rule["payload"], currency)
    tax = f"TVA {percentage(rule['tax_rate'])} ({rule['tax_code']})"
    return f"{price} {_taxes(rule['tax_included'])}, {tax}"


def _tiers_in_words(tiers: Sequence[Mapping[str, Any]], currency: str) -> Iterator[str]:
    """Give the tiers of a price; an end where the next one begins is not of the tier."""
    starts = {Decimal(str(tier["min"])) for tier in tiers}
    for tier in tiers:
        last = tier.get("max")
        shares_end = last is not None and Decimal(str(last)) in starts
        yield tier_in_words(tier, currency, up_to="moins de " if shares_end else "")


def tier_in_words(tier: Mapping[str, Any], currency: str, up_to: str = "") -> str:
    """Return a tier of a price: « de 0 à moins de 10 : 5 % », « à partir de 10 : forfait 80,00 € ».

    `up_to` stands before its end.
    """
    first, last = number_in_words(tier["min"]), tier.get("max")
    reach = f"à partir de {first}"
    if last is not None:
        reach = f"de {first} à {up_to}{number_in_words(last)}"
    return f"{reach} : {tier_amount(tier['amount'], tier, currency)}"


def tier_amount(amount: Any, tier: Mapping[str, Any], currency: str) -> str:
    """Return the amount of a tier: a percentage, a flat amount, or so much per unit."""
    match tier.get("base"):
        case "percent":
            return percentage(amount)
        case "amount":
            return f"forfait {money(amount, currency)}"
    return money(amount, currency)


def extra_in_words(row: Mapping[str, Any], currency: str) -> str:
    """Return an option, a surcharge or a discount without its code: « Fidélité : 7,5 % »."""
    value = row.get("value", row.get("amount", 0))
    told = money_or_percent(value, row.get("kind"), currency)
    unit = f" par {PERS[Per.UNIT]}" if row.get("per") == Per.UNIT else ""
    notes = [DUES[Due(row["due"])]] if "due" in row else []
    notes += ["obligatoire"] if row.get("mandatory") else []
    return f"{row['name']} : {told}{unit}" + (f" ({', '.join(notes)})" if notes else "")


def bundle_in_words(bundle: Mapping[str, Any], currency: str) -> str:
    """Return how a bundle is priced and of what: « Prix fixe du bundle : 30,00 € TTC ; 2 × TV »."""
    told = money_or_percent(bundle["value"], bundle["kind"], currency)
    parts = [component_in_words(row, currency) for row in bundle.get("components", ())]
    taxes = _taxes(bundle["tax_included"])
    return " ; ".join([f"{BundleKind(bundle['kind']).label} : {told} {taxes}", *parts])


def component_in_words(row: Mapping[str, Any], _currency: str) -> str:
    """Return a component of a bundle: « 2 × FT-TV-001 BASIC »."""
    return f"{number_in_words(row['quantity'])} × {row['sku']} {row['plan']}"


def money_or_percent(value: Any, kind: str | None, currency: str) -> str:
    """Return a value as its kind reads it: « 7,5 % » or « 5,00 € »."""
    return percentage(value) if kind == Kind.PERCENT else money(value, currency)


def number_in_words(value: Any) -> str:
    """Return a number as people write it, whatever it is read from: « 99,5 »."""
    return in_words(None, Decimal(str(value)))


def _taxes(included: bool) -> str:  # noqa: FBT001 - the column as it is
    return "TTC" if included else "HT"


def _usage(payload: Mapping[str, Any], currency: str) -> str:
    told = f"{money(payload['unit_price'], currency)} par {unit_in_words(payload['unit'])}"
    minimum = payload.get("min_charge")
    return told if minimum is None else f"{told}, minimum {money(minimum, currency)}"


def unit_in_words(code: str) -> str:
    """Return the name of a unit in a sentence; a sign, or a unit of their own, as it is written."""
    label = str(dict(Unit.choices).get(code, code))
    return label if code not in Unit.values or code in _SIGNS else label.lower()
