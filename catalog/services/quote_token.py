"""The signed quote: what was priced, for whom, until when (`design/domain.md` §4).

Nothing is written to quote: Contracts and operations hand the token back, and it proves the price.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing

from winvest.core.errors import Invalid, Problem

SALT = "winvest.quote"


class QuoteTokenProblem(Problem):
    """Why a token proves nothing."""

    INVALID = "quote_token.invalid", "Ce jeton de devis n'est pas de nous, ou il a été modifié."
    EXPIRED = "quote_token.expired", "Ce devis n'était plus valable à cette date."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedQuote:
    """What a token proves: totals in `currency`, `plan` None for a product without plans.

    It holds for a sale that happens before `valid_until`.
    """

    product_version_id: UUID
    sku: str
    version: int
    plan: str | None
    company_id: UUID
    channel: str
    quantity: Decimal
    currency: str
    excl_tax: Decimal
    tax: Decimal
    incl_tax: Decimal
    at: datetime
    valid_until: datetime


def sign_quote(quote: SignedQuote) -> str:
    """Return the token of a quote."""
    content = [
        str(quote.product_version_id),
        quote.sku,
        quote.version,
        quote.plan,
        str(quote.company_id),
        quote.channel,
        str(quote.quantity),
        quote.currency,
        str(quote.excl_tax),
        str(quote.tax),
        str(quote.incl_tax),
        quote.at.isoformat(),
        quote.valid_until.isoformat(),
    ]
    return signing.dumps(content, salt=SALT)


def read_quote(token: str, *, at: datetime) -> SignedQuote:
    """Return what `token` proves for a sale at the instant `at`; `Invalid` otherwise.

    The caller compares it with the sale: company, version, plan, quantity, amount.
    """
    try:
        content = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Invalid(QuoteTokenProblem.INVALID, path="quote_token") from error
    quote = _read(content)
    if at >= quote.valid_until:
        raise Invalid(QuoteTokenProblem.EXPIRED, path="quote_token")
    return quote


def _read(content: list[Any]) -> SignedQuote:
    return SignedQuote(
        product_version_id=UUID(content[0]),
        sku=content[1],
        version=content[2],
        plan=content[3],
        company_id=UUID(content[4]),
        channel=content[5],
        quantity=Decimal(content[6]),
        currency=content[7],
        excl_tax=Decimal(content[8]),
        tax=Decimal(content[9]),
        incl_tax=Decimal(content[10]),
        at=datetime.fromisoformat(content[11]),
        valid_until=datetime.fromisoformat(content[12]),
    )
