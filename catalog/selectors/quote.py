"""What a quote needs to know of a product, in one statement (`design/performance.md`)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row

from catalog.choices import Recurrence
from catalog.domain.eligibility import Conditions, SaleFacts
from catalog.domain.extras import Due, Kind, read_discounts, read_options, read_surcharges
from catalog.domain.family import customers_of
from catalog.domain.geography import Area
from catalog.domain.lifecycle import LifecycleStatus
from catalog.domain.negotiated import NegotiatedProblem
from catalog.domain.pricing import PlanPrice
from catalog.domain.promotions import Planned, Promotion, Sale, reasons_of_code, running
from catalog.domain.rules import IndexValue, Rule, RuleType, Terms, read_rule
from winvest.core import json
from winvest.core.errors import Reason

# One row per price of the plan (of the version, when the plan has none), at least one row when
# the company knows the product: it owns it, or it has, or has had, a publication of it.
SQL = """
SELECT c.timezone, p.id AS product_id, p.sku, p.name AS product_name, p.lifecycle_status,
  p.partner_id IS NULL OR (partner.status = 'active' AND
    coalesce(activation.status = 'active', partner.company_id = c.id)) AS partner_active,
  (SELECT min(first.effective_from) FROM product_version first
    WHERE first.product_id = p.id AND first.state = 'released') AS first_effective,
  v.id AS version_id, v.version, v.effective_to, v.geography, v.eligibility,
  risk.scope AS risk_scope,
  published.end_at AS published_until, published.id IS NOT NULL AS published,
  published.availability IS DISTINCT FROM 'unavailable' AS available,
  plan.code AS plan_code, plan.name AS plan_name, plan.recurrence,
  plan.valid_from, plan.valid_to, plan.parameters, plan.options, plan.surcharges, plan.discounts,
  EXISTS (SELECT 1 FROM product_plan any_plan WHERE any_plan.product_version_id = v.id)
    AS has_plans,
  rule.type AS rule_type, rule.payload, rule.tier_mode, rule.currency, rule.tax_code,
  rule.tax_included, rate.rate, rate.valid_to::timestamp AT TIME ZONE c.timezone AS rate_until,
  negotiated.type AS negotiated_type, negotiated.payload AS negotiated_payload,
  negotiated.tier_mode AS negotiated_mode, negotiated.tax_included AS negotiated_included,
  negotiated.end_at AS negotiated_until, negotiated.contract_ref AS negotiated_contract,
  index.valid_on AS index_on, index.value AS index_value,
  (SELECT min(later.valid_on) FROM index_value later
    WHERE later.index = coalesce(negotiated.payload, rule.payload)->>'index'
    AND later.valid_on > (%(at)s AT TIME ZONE c.timezone)::date)::timestamp
    AT TIME ZONE c.timezone AS index_until,
  planned.promotions
FROM company c
JOIN product p ON p.sku = %(sku)s AND (p.company_id = c.id OR EXISTS (
  SELECT 1 FROM product_version sold JOIN publication ON publication.product_version_id = sold.id
  WHERE sold.product_id = p.id AND publication.company_id = c.id))
JOIN risk ON risk.id = p.risk_id
LEFT JOIN LATERAL (SELECT jsonb_agg(promotion ORDER BY promotion.id) AS promotions
  FROM promotion WHERE promotion.company_id = p.company_id
    AND (upper(promotion.code) = upper(%(promo_code)s::text) OR (NOT promotion.on_code
      AND (promotion.product_id IS NULL OR promotion.product_id = p.id)
      AND promotion.start_at <= %(at)s
      AND (promotion.end_at IS NULL OR promotion.end_at > %(at)s)))) planned ON true
LEFT JOIN partner ON partner.id = p.partner_id
LEFT JOIN partner_company activation
  ON activation.partner_id = p.partner_id AND activation.company_id = c.id
LEFT JOIN product_version v ON v.product_id = p.id AND v.state = 'released'
  AND v.effective_from <= %(at)s AND (v.effective_to IS NULL OR v.effective_to > %(at)s)
LEFT JOIN publication published ON published.product_version_id = v.id
  AND published.company_id = c.id AND published.channels @> jsonb_build_array(%(channel)s::text)
  AND published.start_at <= %(at)s AND (published.end_at IS NULL OR published.end_at > %(at)s)
LEFT JOIN product_plan plan ON plan.product_version_id = v.id AND plan.code = %(plan)s::text
LEFT JOIN pricing_rule rule ON rule.product_version_id = v.id
  AND rule.plan_id IS NOT DISTINCT FROM (
    SELECT own.plan_id FROM pricing_rule own
    WHERE own.product_version_id = v.id AND own.plan_id = plan.id LIMIT 1)
LEFT JOIN vat_rate rate ON rate.code = rule.tax_code AND rate.country = c.country
  AND rate.valid_from <= (%(at)s AT TIME ZONE c.timezone)::date
  AND (rate.valid_to IS NULL OR rate.valid_to > (%(at)s AT TIME ZONE c.timezone)::date)
LEFT JOIN LATERAL (SELECT * FROM negotiated_price WHERE negotiated_price.product_id = p.id
    AND negotiated_price.plan_code = coalesce(%(plan)s::text, '')
    AND (negotiated_price.contract_ref = %(contract_ref)s::uuid
      OR negotiated_price.client_ref = %(client_ref)s::uuid)
    AND negotiated_price.start_at <= %(at)s
    AND (negotiated_price.end_at IS NULL OR negotiated_price.end_at > %(at)s)
  ORDER BY negotiated_price.contract_ref LIMIT 1) negotiated ON true
LEFT JOIN LATERAL (SELECT valid_on, value FROM index_value
  WHERE index_value.index = coalesce(negotiated.payload, rule.payload)->>'index'
    AND valid_on <= (%(at)s AT TIME ZONE c.timezone)::date
  ORDER BY valid_on DESC LIMIT 1) index ON coalesce(negotiated.type, rule.type) = 'indexed'
WHERE c.id = %(company)s AND c.id = ANY(%(companies)s)
ORDER BY rule.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product as a company offers it on a channel at an instant.

    `facts` say whether it can be sold, `conditions` to whom; `price` is the plan's (None: nothing
    is entered), or the client's own, with the VAT rate of the company's country, the indices on its
    local date, and the promotions that run; `refused` are the reasons why a promotion's code opens none; `ends` are
    the instants at which something ends.
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
) -> Offer | None:
    """Return the offer of `company_id`, None when it does not know the product.

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
    }
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0
    with connection.wrap_database_errors, psycopg.Cursor(raw, row_factory=namedtuple_row) as cursor:
        rows: list[Any] = cursor.execute(SQL, asked).fetchall()
    if not rows:
        return None
    sale = Sale(at=at, product=rows[0].product_id, plan=plan, channel=channel)
    return _with_promotions(_offer(rows, plan, at), rows[0], sale, promo_code)


def _with_promotions(offer: Offer, row: Any, sale: Sale, code: str | None) -> Offer:
    """Add what runs for the sale; a price holds until the first of its promotions ends."""
    planned = [_planned(one) for one in _listed(row.promotions)]
    found = running(planned, sale, code)
    promotions = tuple(one.promotion for one in found)
    reasons = reasons_of_code(planned, sale, code)
    if row.negotiated_included not in (None, row.tax_included):
        problem = NegotiatedProblem.TERMS
        reasons.append(Reason(problem.value, problem.message, "plan"))
    return replace(
        offer,
        price=offer.price and replace(offer.price, promotions=promotions),
        refused=tuple(reasons),
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


def _offer(rows: list[Any], plan: str | None, at: datetime) -> Offer:
    first = rows[0]
    prices = [row for row in rows if row.rule_type is not None]
    ends = (
        first.effective_to,
        first.published_until,
        first.valid_to,
        first.negotiated_until,
        *(row.rate_until for row in prices),
        *(row.index_until for row in prices),
    )
    return Offer(
        conditions=_conditions(first),
        facts=SaleFacts(
            at=at,
            status=LifecycleStatus(first.lifecycle_status),
            partner_active=bool(first.partner_active),
            first_effective=first.first_effective,
            version=first.version,
            published=first.published,
            available=first.available,
            plan=plan,
            plan_known=first.plan_code is not None,
            has_plans=first.has_plans,
            plan_in_dates=(first.valid_from is None or first.valid_from <= at)
            and (first.valid_to is None or at < first.valid_to),
            priced=bool(prices),
            tax_codes_without_rate=tuple(row.tax_code for row in prices if row.rate is None),
        ),
        product_id=first.product_id,
        sku=first.sku,
        product_name=first.product_name,
        version_id=first.version_id,
        plan_name=first.plan_name,
        recurrence=first.recurrence,
        price=_plan_price(first, prices) if prices else None,
        refused=(),
        ends=tuple(end for end in ends if end is not None),
    )


def _plan_price(first: Any, prices: list[Any]) -> PlanPrice:
    recurring = first.recurrence not in (None, Recurrence.ONE_SHOT)
    base = _parameters(first.parameters).get("base")
    return PlanPrice(
        code=first.plan_code or first.sku,
        label=first.plan_name or first.product_name,
        due=Due.RECURRING if recurring else Due.ONCE,
        rules=_rules(first, prices, base),
        negotiated=first.negotiated_type is not None,
        options=read_options(_listed(first.options)),
        surcharges=read_surcharges(_listed(first.surcharges)),
        discounts=read_discounts(_listed(first.discounts)),
    )


def _parameters(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def _listed(text: str | None) -> list[dict[str, Any]]:
    return json.loads(text) if text else []


def _conditions(row: Any) -> Conditions:
    # Django has its own loader of JSON: on its connection, psycopg gives the text.
    eligibility, geography = json.loads(row.eligibility or "{}"), json.loads(row.geography or "{}")
    return Conditions(
        age_min=eligibility.get("age_min"),
        age_max=eligibility.get("age_max"),
        customers=frozenset(eligibility.get("customer_types", ())),
        risk_customers=customers_of(row.risk_scope),
        zone=_area(eligibility),
        geography=_area(geography),
    )


def _area(value: dict[str, Any]) -> Area:
    return Area(
        zones=tuple(value.get("zones", ())),
        departments=tuple(value.get("departments", ())),
        excluded=tuple(value.get("excluded_departments", ())),
    )


def _rules(first: Any, prices: list[Any], base: Decimal | int | None) -> tuple[Rule, ...]:
    """Return the plan's rules, or the client's own price, which takes the plan's VAT and currency."""
    if first.negotiated_type is None:
        return tuple(_rule(row, base) for row in prices)
    own = first._replace(
        rule_type=first.negotiated_type,
        payload=first.negotiated_payload,
        tier_mode=first.negotiated_mode,
        tax_included=first.negotiated_included,
    )
    return (_rule(own, base),)


def _rule(row: Any, base: Decimal | int | None) -> Rule:
    terms = Terms(
        version=row.version,
        currency=row.currency,
        tax_rate=Decimal(0) if row.rate is None else row.rate,
        tax_included=row.tax_included,
    )
    value = (
        None
        if row.index_on is None
        else IndexValue(row.index_on, Decimal(f"{row.index_value.normalize():f}"))
    )
    return read_rule(
        RuleType(row.rule_type),
        json.loads(row.payload),
        terms,
        mode=row.tier_mode,
        base=base,
        value=value,
    )
