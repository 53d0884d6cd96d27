"""Schemes in words, for their sheet, their history and the log."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from commissions.choices import SplitKey
from winvest.core.selectors.wording import percentage

HUNDRED = Decimal(100)


def split_told(split: Mapping[str, Any]) -> str:
    """Return the shares in percent: « Société 60 %, Commercial 30 % »."""
    shares = {key: Decimal(str(split[key])) for key in SplitKey if key in split}
    return ", ".join(f"{key.label} {percentage(share * HUNDRED)}" for key, share in shares.items())


def logged_split(_row: Mapping[str, Any], split: Any) -> str:
    """Return the shares that a row of the log holds."""
    return split_told(split)
