"""The price of a product, internal for now; partners' quotes pass through here (§4)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog.choices import Recurrence
from catalog.domain.eligibility import (
    SellableProblem,
    Subject,
    priced_by_partner,
    reasons_not_eligible,
    reasons_not_to_price,
    reasons_not_to_sell,
    tell_stop,
)
from catalog.domain.inforce import Holding, RunningContract, holding, refused_from
from catalog.domain.pricing import Price, price_plan
from catalog.domain.rules import Asked
from catalog.selectors.publication import api_mappings
from catalog.selectors.quote import Offer, read_offer, read_releases
from catalog.selectors.transitions import stop_of
from catalog.services.quote_token import SignedQuote, sign_quote
from integrations.selectors.quote import read_called_offer
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.periods import local_midnight
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, NotFound, Problem, Reason
from winvest.core.models import Company, User
from winvest.core.permissions import Access
from winvest.core.selectors.callers import Caller

VALIDITY = timedelta(hours=24)
NOBODY = Subject()


class QuoteProblem(Problem):
    """Why a quote is refused."""

    UNKNOWN_SKU = "product.unknown", "Cette société ne vend aucun produit de ce code."


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What is told of a contract: `started_on` is a day in the company's time zone."""

    ref: UUID | None = None
    started_on: date | None = None
    version: int | None = None
    next_billing_at: datetime | None = None
    renewal_at: datetime | None = None


NEW = Contract()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """What is asked: `quantity` of a plan (None: no plan) at an aware instant, told in `unit` (None:
    the unit of the price).

    `base_amount` is what a price in percent bears on, `options` the codes of the chosen ones,
    `promo_code` the code of a promotion; a client or a contract may have its own price. A contract
    that says under which version it runs, or since when, is priced by what its releases say of it.
    """

    company_id: UUID
    sku: str
    plan: str | None
    channel: str
    quantity: Decimal
    at: datetime
    unit: str | None = None
    base_amount: Decimal | None = None
    options: tuple[str, ...] = ()
    promo_code: str | None = None
    client_ref: UUID | None = None
    contract: Contract = NEW
    subject: Subject = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price, its token, and the instant from which it no longer holds."""

    offer: Offer
    price: Price
    valid_until: datetime
    token: str

    @property
    def recurrence(self) -> str:
        """How often the price is due; once for a product without plans."""
        return self.offer.recurrence or Recurrence.ONE_SHOT


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualQuote:
    """A product that can be sold, whose price a person has to give (§4 of `domain.md`).

    He asks the partner; or the price is « sur devis », hidden from who asks (E-07). Nothing is signed: an indication never becomes a contract.
    """

    offer: Offer
    currency: str

    @property
    def recurrence(self) -> str:
        """How often the price is due, as the plan says."""
        return self.offer.recurrence or Recurrence.ONE_SHOT


def quote_price(*, actor: User, asked: QuoteRequest) -> Quote | ManualQuote:
    """Price a product in the currency of its rules: right `quote` in the company.

    `NotFound` when the company does not know the product, `Conflict` with every reason when it
    cannot be sold, `Invalid` when what is asked gives no price, with the reasons not to sell too. The price holds for 24 hours from
    the instant asked for (from now, for a past one), or until the version, the publication, the
    VAT rate, the index or a promotion ends. A contract in force keeps its price until another
    release applies to it; what is asked of a new sale only is not asked of it. What a publication
    hides from who does not see the whole catalogue is not sold to him (C.3), nor priced (E-07).
    """
    permissions.require(actor, Action.QUOTE, asked.company_id)
    held = _held(asked)
    offer = read_offer(
        **_key(asked),
        contract_ref=asked.contract.ref,
        version=None if held is None else held.release.number,
    )
    return _quote(asked, _seen(permissions.access_of(actor), asked, offer), held)


@dataclass(frozen=True, slots=True)
class Call:
    """A quote asked with a token, once its right is checked: who asks, and what was read for it."""

    caller: Caller
    asked: QuoteRequest
    offer: Offer | None


def read_call(*, digest: str, asked: QuoteRequest) -> Call | None:
    """Read a new sale and, by the hash of his token, who asks for it, in one statement.

    None when the token, or the right `quote` in the company, opens nothing.
    """
    contract = asked.contract.ref
    caller, offer = read_called_offer(digest=digest, contract_ref=contract, **_key(asked))
    if caller is None or not caller.access.allowed(Action.QUOTE, asked.company_id):
        return None
    return Call(caller, asked, offer)


def quote_call(call: Call) -> Quote | ManualQuote:
    """Price what was read, with the refusals of `quote_price`."""
    return _quote(call.asked, _seen(call.caller.access, call.asked, call.offer), None)


def _key(asked: QuoteRequest) -> dict[str, Any]:
    return {
        "companies": [asked.company_id],
        "company_id": asked.company_id,
        "sku": asked.sku,
        "plan": asked.plan,
        "channel": asked.channel,
        "at": asked.at,
        "promo_code": asked.promo_code,
        "client_ref": asked.client_ref,
    }


def _quote(asked: QuoteRequest, offer: Offer | None, held: Holding | None) -> Quote | ManualQuote:
    if offer is None:
        raise NotFound(QuoteProblem.UNKNOWN_SKU, path="sku")
    reasons = [*_reasons(offer, asked, held), *offer.refused]
    number = offer.facts.version
    if offer.price is None and (codes := api_mappings(offer.product_id)):
        # No connector asks the partner yet: a person does.
        by_hand = True
        reasons = priced_by_partner(reasons, tried=all(code.sandbox_passed_at for code in codes))
    else:
        by_hand = offer.price_hidden
    if by_hand and not reasons:
        return _manual(asked.company_id, offer)
    price = None if by_hand else _priced(offer, asked, reasons)
    if reasons or offer.version_id is None or number is None or price is None:
        raise Conflict.several(SellableProblem.NOT_SELLABLE, reasons)
    ends = [*offer.ends, *([held.until] if held is not None and held.until else [])]
    valid_until = min([max(asked.at, now()) + VALIDITY, *ends])
    return Quote(
        offer=offer,
        price=price,
        valid_until=valid_until,
        token=sign_quote(_signed(asked, offer.version_id, number, price, valid_until)),
    )


def _seen(access: Access, asked: QuoteRequest, offer: Offer | None) -> Offer | None:
    """Return the offer as the caller meets it in the company that sells (§11)."""
    if offer is None or not access.allowed(Action.CATALOG_VIEW_ALL, asked.company_id):
        return offer
    return offer.seen_whole()


def _manual(company_id: UUID, offer: Offer) -> ManualQuote:
    currencies = Company._base_manager.filter(pk=company_id).values_list("currency", flat=True)
    return ManualQuote(offer=offer, currency=currencies.get())


def _priced(offer: Offer, asked: QuoteRequest, reasons: list[Reason]) -> Price | None:
    """Return the price, None when there is none to compute; a refusal tells `reasons` as well."""
    if offer.price is None:
        return None
    try:
        return price_plan(
            offer.price, Asked(asked.quantity, asked.base_amount, asked.unit), options=asked.options
        )
    except Invalid as error:
        error.reasons += reasons
        raise


def _held(asked: QuoteRequest) -> Holding | None:
    """Return the release that the contract runs under, None for a new sale.

    `Conflict` for a contract that names no version that was released, or started before the first;
    `Invalid` for one that starts after the instant asked for.
    """
    contract = asked.contract
    if contract.version is None and contract.started_on is None:
        return None
    known = read_releases(
        companies=[asked.company_id], company_id=asked.company_id, sku=asked.sku, at=asked.at
    )
    if known is None:
        return None
    started = contract.started_on
    said = RunningContract(
        started_at=None if started is None else local_midnight(started, known.timezone),
        version=contract.version,
        next_billing_at=contract.next_billing_at,
        renewal_at=contract.renewal_at,
    )
    if said.started_at is not None and said.started_at > asked.at:
        raise Invalid(SellableProblem.NOT_STARTED, path="contract.started_on")
    held = holding(known.releases, said, at=asked.at)
    if held is None:
        raise Conflict(SellableProblem.CONTRACT, path="contract")
    end = refused_from(known.retirement, said)
    return held if end is None else held.ending(end)


def _reasons(offer: Offer, asked: QuoteRequest, held: Holding | None) -> list[Reason]:
    if held is not None:
        return reasons_not_to_price(offer.facts, renewed=not held.ended(asked.at))
    reasons = reasons_not_to_sell(offer.facts)
    if reasons and (stop := stop_of(offer.product_id, offer.facts.status, at=asked.at)):
        reasons = tell_stop(reasons, stop)
    if offer.version_id is not None:
        reasons += reasons_not_eligible(offer.conditions, asked.subject)
    return reasons


def _signed(
    asked: QuoteRequest, version_id: UUID, number: int, price: Price, valid_until: datetime
) -> SignedQuote:
    total = price.total()
    return SignedQuote(
        product_version_id=version_id,
        sku=asked.sku,
        version=number,
        plan=asked.plan,
        company_id=asked.company_id,
        channel=asked.channel,
        quantity=price.quantity,
        currency=price.currency,
        excl_tax=total.excl,
        tax=total.tax,
        incl_tax=total.incl,
        at=asked.at,
        valid_until=valid_until,
    )
