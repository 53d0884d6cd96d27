"""A quote and its caller in one statement: two cost a tenth more (`design/performance.md`)."""

from typing import Any
from uuid import UUID

from catalog.selectors import quote_sql
from catalog.selectors.quote import Offer, offer_of
from winvest.core.prepared import Statement
from winvest.core.selectors.callers import CALLER, Caller, caller_of

# No row without a token; else the caller in each row of the offer, or alone without an offer.
_CALLED = Statement(
    "".join(
        (
            "SELECT caller.*, offer.* FROM (",
            CALLER,
            ") caller LEFT JOIN (",
            quote_sql.OFFER_ROWS,
            ") offer ON true ORDER BY offer.rule_id",
        )
    )
)


def read_called_offer(*, digest: str, **asked: Any) -> tuple[Caller | None, Offer | None]:
    """Return who the token of this hash says he is, and the offer as `read_offer` returns it."""
    company_id: UUID = asked.pop("company_id")
    values = asked | {"company": company_id, "digest": digest}
    rows = _CALLED.rows(values)
    caller = caller_of(rows[0]) if rows else None
    if caller is None or rows[0].product_id is None:
        return caller, None
    return caller, offer_of(rows, values)
