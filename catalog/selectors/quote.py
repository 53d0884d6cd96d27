"""What a quote needs to know of a product: one statement, two for a bundle (`performance.md`)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from catalog.domain.eligibility import Conditions, SaleFacts
from catalog.domain.extras import Kind
from catalog.domain.family import customers_of
from catalog.domain.geography import Area
from catalog.domain.inforce import Policy, Release, Retirement
from catalog.domain.lifecycle import LifecycleStatus
from catalog.domain.negotiated import NegotiatedProblem
from catalog.domain.offers import PlanPrice
from catalog.domain.promotions import Planned, Promotion, Sale, reasons_of_code, running
from catalog.models import ProductPlan
from catalog.selectors import quote_sql
from catalog.selectors.quote_bundle import ReadBundle, read_bundle
from catalog.selectors.quote_rows import ends_of, fee_of, listed, plan_price
from winvest.core import json
from winvest.core.errors import Reason
from winvest.core.prepared import Statement

_OFFER, _OFFER_OF_CONTRACT = Statement(quote_sql.OFFER), Statement(quote_sql.OFFER_OF_CONTRACT)
_OFFER_OF_TRIAL = Statement(quote_sql.OFFER_OF_TRIAL)
_COMPONENTS, _RELEASES = Statement(quote_sql.COMPONENTS), Statement(quote_sql.RELEASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product as a company offers it on a channel at an instant.

    `facts` say whether it can be sold, `conditions` to whom; `price` is the plan's (None: nothing
    is entered), or the client's own, with the VAT rate of the company's country, the indices on its
    local date, and the promotions that run; `refused` are the reasons why a promotion's code opens none; `ends` are
    the instants at which something ends. `price_hidden` is « sur devis » (E-07), as `facts.hidden` is
    C.3: who sees the whole catalogue is kept from neither.
    """

    facts: SaleFacts
    conditions: Conditions
    product_id: UUID
    sku: str
    product_name: str
    version_id: UUID | None
    plan_name: str | None
    recurrence: str | None
    price: PlanPrice | None
    refused: tuple[Reason, ...]
    ends: tuple[datetime, ...]
    price_hidden: bool

    def seen_whole(self) -> "Offer":
        """Return the offer as who sees the whole catalogue meets it: nothing of it is hidden."""
        if not self.price_hidden and not self.facts.hidden:
            return self
        return replace(self, price_hidden=False, facts=replace(self.facts, hidden=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """What contracts of a product may run under, in the company's time zone, and its retirement."""

    releases: tuple[Release, ...]
    timezone: str
    retirement: Retirement | None


def read_offer(
    *,
    companies: Collection[UUID],
    company_id: UUID,
    sku: str,
    plan: str | None,
    channel: str,
    at: datetime,
    promo_code: str | None = None,
    client_ref: UUID | None = None,
    contract_ref: UUID | None = None,
    version: int | None = None,
) -> Offer | None:
    """Return the offer of `company_id`, None when it does not know the product.

    `version` is the number that a contract in force runs under: the ends of what is sold to
    others then end nothing.

    `companies` bounds the read like the scope does: the statement is written by hand, on a plain
    psycopg cursor, because Django's own cursor never prepares it (twice to three times slower).
    """
    asked: dict[str, Any] = {
        "companies": list(companies),
        "company": company_id,
        "sku": sku,
        "plan": plan,
        "channel": channel,
        "at": at,
        "promo_code": promo_code,
        "client_ref": client_ref,
        "contract_ref": contract_ref,
        "version": version,
    }
    if version is None:
        return offer_of(_OFFER.rows(asked), asked)
    return offer_of([_of_contract(row) for row in _OFFER_OF_CONTRACT.rows(asked)], asked)


def read_trial(
    *,
    company_id: UUID,
    sku: str,
    version: int,
    plan: str | None,
    channel: str,
    at: datetime,
    promo_code: str | None = None,
) -> Offer | None:
    """Return what the company's product would be under a version that is on sale nowhere yet.

    For a trial alone: nothing of it is on sale, whatever its facts say.
    """
    asked: dict[str, Any] = {
        "companies": [company_id],
        "company": company_id,
        "sku": sku,
        "version": version,
        "plan": plan,
        "channel": channel,
        "at": at,
        "promo_code": promo_code,
        "client_ref": None,
        "contract_ref": None,
    }
    return offer_of(_OFFER_OF_TRIAL.rows(asked), asked)


def reasons_of_bundle(plan: ProductPlan, *, company_id: UUID, at: datetime) -> list[Reason]:
    """Return why a bundle would have no price at `at` in a company, component by component."""
    asked = {"company": company_id, "at": at, "plan_id": plan.pk}
    priced = SimpleNamespace(
        plan_code=plan.code,
        bundle_kind=plan.bundle_kind,
        bundle_value=plan.bundle_value,
        bundle_tax_included=plan.bundle_tax_included,
        negotiated_type=None,
        version=plan.product_version.version,
    )
    return list(read_bundle(priced, _COMPONENTS.rows(asked), at).reasons)


def offer_of(rows: list[Any], asked: dict[str, Any]) -> Offer | None:
    """Return the offer that the rows of `quote_sql.OFFER` tell; what a bundle holds is read."""
    if not rows:
        return None
    first, plan, at = rows[0], asked["plan"], asked["at"]
    bundle = None
    if first.bundle_kind:
        inside = _COMPONENTS.rows(asked | {"plan_id": first.plan_id})
        bundle = read_bundle(first, inside, at)
    offer = _offer(rows, plan, at, bundle)
    if first.promotions is None and asked["promo_code"] is None and not first.negotiated_type:
        return offer
    sale = Sale(at=at, product=first.product_id, plan=plan, channel=asked["channel"])
    return _with_promotions(offer, first, sale, asked["promo_code"])


def read_releases(
    *, companies: Collection[UUID], company_id: UUID, sku: str, at: datetime
) -> Releases | None:
    """Return the releases of a product, None for one that the company does not know or sell yet.

    And its retirement, made or planned for `at` at the latest.
    """
    asked = {"companies": list(companies), "company": company_id, "sku": sku, "at": at}
    rows = _RELEASES.rows(asked)
    if not rows:
        return None
    first = rows[0]
    retired = Retirement(first.retired_at, bool(first.renewals_allowed)) if first.retired else None
    releases = tuple(
        Release(
            number=row.version,
            effective_from=row.effective_from,
            policy=Policy(row.applies_to_inforce),
        )
        for row in rows
    )
    return Releases(releases=releases, timezone=first.timezone, retirement=retired)


def _of_contract(row: Any) -> Any:
    """A contract in force paid its initial fees when it was sold."""
    ends = dict.fromkeys(("effective_to", "published_until", "stops_at", "valid_from", "valid_to"))
    return row._replace(**ends, fee_amount=None)


def _with_promotions(offer: Offer, row: Any, sale: Sale, code: str | None) -> Offer:
    """Add what runs for the sale; a price holds until the first of its promotions ends."""
    planned = [_planned(one) for one in listed(row.promotions)]
    found = running(planned, sale, code)
    promotions = tuple(one.promotion for one in found)
    reasons = reasons_of_code(planned, sale, code)
    included = row.bundle_tax_included if row.bundle_kind else row.tax_included
    if row.negotiated_included not in (None, included):
        problem = NegotiatedProblem.TERMS
        reasons.append(Reason(problem.value, problem.message, "plan"))
    return replace(
        offer,
        price=offer.price and replace(offer.price, promotions=promotions),
        refused=(*offer.refused, *reasons),
        ends=(*offer.ends, *(one.end for one in found if one.end is not None)),
    )


def _planned(row: dict[str, Any]) -> Planned:
    return Planned(
        promotion=Promotion(
            code=row["code"],
            name=row["name"],
            kind=Kind(row["kind"]),
            value=Decimal(row["value"]),
            priority=row["priority"],
            cumulative=row["cumulative"],
        ),
        start=datetime.fromisoformat(row["start_at"]),
        end=None if row["end_at"] is None else datetime.fromisoformat(row["end_at"]),
        on_code=row["on_code"],
        product=None if row["product_id"] is None else UUID(row["product_id"]),
        plan=row["plan_code"],
        channels=tuple(row["channels"]),
    )


def _offer(rows: list[Any], plan: str | None, at: datetime, bundle: ReadBundle | None) -> Offer:
    first = rows[0]
    prices = [row for row in rows if row.rule_type is not None]
    inside = None if bundle is None else bundle.bundle
    fee = fee_of(first)
    ends = (first.published_until, first.stops_at, None if fee is None else first.fee_rate_until)
    until = [end for end in ends if end is not None]
    return Offer(
        conditions=_conditions(first),
        facts=SaleFacts(
            at=at,
            status=LifecycleStatus(first.stopped or first.lifecycle_status),
            partner_active=bool(first.partner_active),
            first_effective=first.first_effective,
            version=first.version,
            published=first.published,
            available=first.available,
            hidden=bool(first.hidden),
            banned=bool(first.banned),
            plan=plan,
            plan_known=first.plan_code is not None,
            has_plans=first.has_plans,
            plan_in_dates=(first.valid_from is None or first.valid_from <= at)
            and (first.valid_to is None or at < first.valid_to),
            priced=bool(prices) or bundle is not None,
            tax_codes_without_rate=_without_rate(first, prices),
        ),
        product_id=first.product_id,
        sku=first.sku,
        product_name=first.product_name,
        version_id=first.version_id,
        plan_name=first.plan_name,
        recurrence=first.recurrence,
        price=plan_price(first, prices, inside, fee) if prices or inside else None,
        refused=() if bundle is None else bundle.reasons,
        ends=(*ends_of(first, prices), *until, *(() if bundle is None else bundle.ends)),
        price_hidden=first.price_visible is False,
    )


def _without_rate(first: Any, prices: list[Any]) -> tuple[str, ...]:
    """Return the VAT codes of the prices, and of the fees, that have no rate that day."""
    codes = [row.tax_code for row in prices if row.rate is None]
    if first.fee_amount is not None and first.fee_rate is None:
        codes.append(first.fee_tax_code)
    return tuple(codes)


def _conditions(row: Any) -> Conditions:
    # Django has its own loader of JSON: on its connection, psycopg gives the text.
    return _read_conditions(row.eligibility, row.geography, row.risk_scope)


@lru_cache(maxsize=1024)  # most versions are sold to the same few kinds of people
def _read_conditions(
    eligibility_text: str | None, geography_text: str | None, risk_scope: str
) -> Conditions:
    eligibility, geography = (
        json.loads(eligibility_text or "{}"),
        json.loads(geography_text or "{}"),
    )
    return Conditions(
        age_min=eligibility.get("age_min"),
        age_max=eligibility.get("age_max"),
        customers=frozenset(eligibility.get("customer_types", ())),
        risk_customers=customers_of(risk_scope),
        zone=_area(eligibility),
        geography=_area(geography),
    )


def _area(value: dict[str, Any]) -> Area:
    return Area(
        zones=tuple(value.get("zones", ())),
        departments=tuple(value.get("departments", ())),
        excluded=tuple(value.get("excluded_departments", ())),
    )
