"""Prices and extras in words: « 0–99 : 10,00 € ; 100 et plus : 9,00 € (palier entier) »."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format

from catalog.choices import PriceIndex, PricingType, TierMode, Unit
from catalog.domain.extras import Due, Kind, Per
from winvest.core.admin.formatting import EMPTY, rate_text
from winvest.core.selectors.wording import in_words

MODES = {TierMode.SLAB: "par palier entier", TierMode.PROGRESSIVE: "par tranche"}


def money(value: Any, currency: str) -> str:
    """Return an amount with all its decimals, two at least: « 0,1234 € »."""
    number = Decimal(str(value))
    digits = max(2, -int(number.normalize().as_tuple().exponent))
    sign = "€" if currency == "EUR" else currency
    return f"{number_format(number, decimal_pos=digits, force_grouping=True)} {sign}".rstrip()


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
            told = " ; ".join(_tiers(payload, currency))
            return f"{told} ({MODES[TierMode(mode)]})" if mode else told
    return EMPTY


def extras_in_words(rows: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Return options, surcharges or discounts: « Assistance : 2,00 € par unité (obligatoire) »."""
    return " ; ".join(_extra(row, currency) for row in rows) or EMPTY


def parameters_in_words(parameters: Mapping[str, Any]) -> str:
    """Return the parameters of a plan: « base = 12,5 »."""
    return " ; ".join(f"{key} = {in_words(None, value)}" for key, value in parameters.items()) or (
        EMPTY
    )


def _usage(payload: Mapping[str, Any], currency: str) -> str:
    unit = dict(Unit.choices).get(payload["unit"], payload["unit"]).lower()
    told = f"{money(payload['unit_price'], currency)} par {unit}"
    minimum = payload.get("min_charge")
    return told if minimum is None else f"{told}, minimum {money(minimum, currency)}"


def _tiers(payload: Sequence[Mapping[str, Any]], currency: str) -> Iterator[str]:
    for tier in payload:
        first, last = in_words(None, tier["min"]), tier.get("max")
        reach = f"{first} et plus" if last is None else f"{first}–{in_words(None, last)}"
        yield f"{reach} : {_tier_amount(tier, currency)}"


def _tier_amount(tier: Mapping[str, Any], currency: str) -> str:
    match tier.get("base"):
        case "percent":
            return rate_text(Decimal(str(tier["amount"])))
        case "amount":
            return f"forfait {money(tier['amount'], currency)}"
    return money(tier["amount"], currency)


def _extra(row: Mapping[str, Any], currency: str) -> str:
    value = row.get("value", row.get("amount", 0))
    percent = row.get("kind") == Kind.PERCENT
    told = rate_text(Decimal(str(value))) if percent else money(value, currency)
    unit = " par unité" if row.get("per") == Per.UNIT else ""
    dues = {Due.ONCE: "une fois", Due.RECURRING: "à chaque échéance"}
    notes = [dues[Due(row["due"])]] if "due" in row else []
    notes += ["obligatoire"] if row.get("mandatory") else []
    return f"{row['name']} : {told}{unit}" + (f" ({', '.join(notes)})" if notes else "")
