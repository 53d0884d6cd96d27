"""Operations and entries in words, for their history and the log (3.8-07)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from winvest.core.selectors.wording import exact_amount

# The columns that hold an amount, by table.
AMOUNTS = {
    "operation": ("amount",),
    "accounting_line": ("debit", "credit", "tax_base", "tax_amount"),
}


def logged_amount(row: Mapping[str, Any], amount: Any) -> str:
    """Return an amount, with its currency where the row has one: « 29,90 € », « 4,98 »."""
    return exact_amount(Decimal(amount), str(row.get("currency", ""))).strip()


def logged_body(_row: Mapping[str, Any], body: Any) -> str:
    """Return how much a request held: its keys are the API's, and the columns tell what it said."""
    return f"{len(body)} valeurs, gardées comme reçues"
