"""Schemes in words, for their sheet, their history and the log."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from catalog.selectors.wording import money, money_or_percent, number_in_words
from commissions.choices import Basis, SplitKey, ValueType
from winvest.core.selectors.wording import exact_amount, percentage

HUNDRED = Decimal(100)


def split_told(split: Mapping[str, Any]) -> str:
    """Return the shares in percent: « Société 60 %, Commercial 30 % »."""
    return ", ".join(f"{key.label} {share_told(split[key])}" for key in SplitKey if key in split)


def share_told(share: Any) -> str:
    """Return a share in percent: « 60 % » for 0.6."""
    return percentage(Decimal(str(share)) * HUNDRED)


def logged_split(_row: Mapping[str, Any], split: Any) -> str:
    """Return the shares that a row of the log holds."""
    return split_told(split)


def logged_value(row: Mapping[str, Any], value: Any) -> str:
    """Return what a tier of the log pays: « 12 % », « 5,50 par vente »."""
    if row.get("value_type") == ValueType.PERCENT:
        return percentage(Decimal(str(value)))
    return f"{exact_amount(Decimal(str(value)), '').strip()} par vente"


def tier_told(tier: Mapping[str, Any], currency: str) -> str:
    """Return a tier of a content: « De 0 à 299 : 10 % », « À partir de 300 (CA HT) : 2,00 € par vente »."""
    first, last = number_in_words(tier["min"]), tier.get("max")
    reach = f"À partir de {first}" if last is None else f"De {first} à {number_in_words(last)}"
    if tier["basis"] != Basis.VOLUME:
        reach += f" ({Basis(tier['basis']).label})"
    if start := tier.get("month_from"):
        reach += f", mois {start} à {tier.get('month_to') or '…'}"
    value = money_or_percent(tier["value"], tier["value_type"], currency)
    by_sale = " par vente" if tier["value_type"] == ValueType.AMOUNT else ""
    return f"{reach} : {value}{by_sale}"


def case_told(case: Mapping[str, Any], currency: str) -> str:
    """Return « 150 ventes : 150 ventes, assiette 1 237,50 € → 148,50 € (Société 89,10 €) »."""
    facts = [f"{number_in_words(case['volume'])} ventes"]
    facts += [
        f"{word} {money(case[part], currency)}"
        for part, word in (("revenue", "assiette"), ("margin", "marge"))
        if part in case
    ]
    facts += [f"mois {case['month_rank']}"] if "month_rank" in case else []
    shares = ", ".join(
        f"{key.label} {money(case[key.value], currency)}" for key in SplitKey if key.value in case
    )
    told = f"{case['name']} : {', '.join(facts)} → {money(case['expected'], currency)}"
    return f"{told} ({shares})" if shares else told
