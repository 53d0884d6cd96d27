"""How the history of a scheme and its pages word its JSON columns and its amounts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from commissions.choices import ValueType
from commissions.selectors.wording import case_told, split_told
from winvest.core.admin.formatting import amount_text, rate_text
from winvest.core.admin.history import Wording
from winvest.core.selectors.wording import in_words


def value_told(kind: str, value: Decimal, currency: str) -> str:
    """Return what a tier pays: « 15 % », « 12,00 € »."""
    return rate_text(value) if kind == ValueType.PERCENT else amount_text(value, currency)


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
