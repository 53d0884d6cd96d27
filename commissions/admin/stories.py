"""How the history of a scheme and its pages word its JSON columns and its amounts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from commissions.choices import SplitKey, ValueType
from commissions.selectors.wording import split_told
from winvest.core.admin.formatting import amount_text, rate_text
from winvest.core.admin.history import Wording
from winvest.core.selectors.wording import in_words


def value_told(kind: str, value: Decimal, currency: str) -> str:
    """Return what a tier pays: « 15 % », « 12,00 € »."""
    return rate_text(value) if kind == ValueType.PERCENT else amount_text(value, currency)


def case_told(case: Mapping[str, Any], currency: str) -> str:
    """Return « 150 ventes : 150 ventes, assiette 1 237,50 € → 148,50 € (Société 89,10 €) »."""
    facts = [f"{in_words(None, Decimal(case['volume']))} ventes"]
    facts += [
        f"{word} {amount_text(Decimal(case[part]), currency)}"
        for part, word in (("revenue", "assiette"), ("margin", "marge"))
        if part in case
    ]
    facts += [f"mois {case['month_rank']}"] if "month_rank" in case else []
    shares = ", ".join(
        f"{key.label} {amount_text(Decimal(case[key.value]), currency)}"
        for key in SplitKey
        if key.value in case
    )
    told = (
        f"{case['name']} : {', '.join(facts)} → {amount_text(Decimal(case['expected']), currency)}"
    )
    return f"{told} ({shares})" if shares else told


def tier_name(state: Any) -> str:
    """Return the scheme of a tier and its reach: « Réseau, de 100 à 499 »."""
    reach = f"à partir de {in_words(None, state.min)}"
    if state.max is not None:
        reach = f"de {in_words(None, state.min)} à {in_words(None, state.max)}"
    return f"{_scheme_name(state.scheme)}, {reach}" if state.scheme else reach


def _scheme_name(scheme: Any) -> str:
    return scheme.name or str(scheme.get_direction_display())


def _amount(state: Any, value: Any) -> str:
    return amount_text(value, state.company.currency)


def _cases(state: Any, cases: Any) -> str:
    return " ; ".join(case_told(case, state.company.currency) for case in cases)


WORDS: Mapping[str, Wording] = {
    **{
        f"commissionscheme.{name}": _amount
        for name in ("min_amount", "max_amount", "bonus", "malus")
    },
    "commissionscheme.split": lambda _, split: split_told(split),
    "commissionscheme.test_cases": _cases,
    "commissiontier.scheme": lambda _, scheme: _scheme_name(scheme),
    "commissiontier.value": lambda state, value: value_told(
        state.value_type, value, state.company.currency
    ),
}
