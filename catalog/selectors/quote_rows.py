"""What prices a plan, read from the rows of a statement (`quote_sql`)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.choices import Recurrence
from catalog.domain.extras import Due, read_discounts, read_options, read_surcharges
from catalog.domain.offers import Bundle, Fee, PlanPrice
from catalog.domain.rules import IndexValue, Rule, RuleType, Terms, read_rule
from winvest.core import json


def plan_price(
    first: Any, prices: list[Any], bundle: Bundle | None = None, fee: Fee | None = None
) -> PlanPrice:
    """Return what prices the plan of the row `first`: its rules `prices`, or its `bundle`."""
    recurring = first.recurrence not in (None, Recurrence.ONE_SHOT)
    base = _parameters(first.parameters).get("base")
    return PlanPrice(
        code=first.plan_code or first.sku,
        label=first.plan_name or first.product_name,
        due=Due.RECURRING if recurring else Due.ONCE,
        rules=_rules(first, prices, base) if prices else (),
        bundle=bundle,
        unit=first.unit,
        negotiated=first.negotiated_type is not None,
        options=read_options(listed(first.options)),
        surcharges=read_surcharges(listed(first.surcharges)),
        discounts=read_discounts(listed(first.discounts)),
        fee=fee,
    )


def fee_of(row: Any) -> Fee | None:
    """Return the initial fees of a new sale; without a rate that day, the sale is refused."""
    if row.fee_amount is None or row.fee_rate is None:
        return None
    return Fee(row.fee_label, row.fee_amount, row.fee_rate, row.fee_tax_included)


def ends_of(first: Any, prices: list[Any]) -> list[datetime]:
    """Return the instants at which the version, the plan, a rate, an index or a price ends."""
    ends = (
        first.effective_to,
        first.valid_to,
        first.negotiated_until,
        *(row.rate_until for row in prices),
        *(row.index_until for row in prices),
    )
    return [end for end in ends if end is not None]


def _parameters(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text and text != "{}" else {}


def listed(text: str | None) -> list[dict[str, Any]]:
    """Return a JSON list, which psycopg gives as text: Django has its own loader."""
    return json.loads(text) if text and text != "[]" else []


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
