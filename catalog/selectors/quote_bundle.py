"""A bundle as a quote reads it: its components' own prices, from the rows of `quote_sql`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from catalog.domain.bundles import BundleKind, BundlePrice, BundleProblem
from catalog.domain.eligibility import SaleFacts, reasons_not_to_sell
from catalog.domain.lifecycle import LifecycleStatus
from catalog.domain.offers import Bundle, Component
from catalog.domain.rules import RuleType
from catalog.selectors.quote_rows import ends_of, plan_price
from winvest.core import json
from winvest.core.errors import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBundle:
    """A bundle (None: a component has no price), why, and the instants at which something ends."""

    bundle: Bundle | None
    reasons: tuple[Reason, ...]
    ends: tuple[datetime, ...]


def read_bundle(first: Any, rows: list[Any], at: datetime) -> ReadBundle:
    """Return the bundle of the offer's row `first` from the rows of its components."""
    components: list[Component] = []
    reasons: list[Reason] = []
    ends: list[datetime] = []
    for rank, (_, found) in enumerate(groupby(rows, key=lambda row: row.component_id)):
        priced = list(found)
        refused = _reasons(priced, rank, at)
        reasons += refused
        ends += ends_of(priced[0], [row for row in priced if row.rule_type is not None])
        if not refused:
            components.append(
                Component(
                    sku=priced[0].sku,
                    quantity=priced[0].quantity,
                    price=plan_price(priced[0], priced),
                )
            )
    if not rows:
        message = BundleProblem.EMPTY.message.format(plan=first.plan_code)
        reasons.append(Reason(BundleProblem.EMPTY.value, message, "plan"))
    price, problem = _price(first)
    if problem is not None:
        reasons.append(Reason(problem.value, problem.message, "plan"))
    bundle = None
    if not reasons:
        bundle = Bundle(version=first.version, price=price, components=components)
    return ReadBundle(bundle=bundle, reasons=tuple(reasons), ends=tuple(ends))


def _price(first: Any) -> tuple[BundlePrice, BundleProblem | None]:
    """Return the price of the bundle, or the client's own, which is a fixed amount."""
    if first.negotiated_type is None:
        kind = BundleKind(first.bundle_kind)
        return BundlePrice(kind, first.bundle_value, first.bundle_tax_included), None
    own = json.loads(first.negotiated_payload)
    if first.negotiated_type != RuleType.FIXED:
        return BundlePrice(BundleKind.FIXED, Decimal(0)), BundleProblem.NEGOTIATED
    amount = Decimal(own["amount"])
    return BundlePrice(BundleKind.FIXED, amount, first.negotiated_included), None


def _reasons(rows: list[Any], rank: int, at: datetime) -> list[Reason]:
    """Return every reason why a component has no price; it is sold with the bundle, not alone."""
    first = rows[0]
    prices = [row for row in rows if row.rule_type is not None]
    facts = SaleFacts(
        at=at,
        status=LifecycleStatus(first.lifecycle_status),
        partner_active=True,
        first_effective=None,
        version=first.version,
        published=True,
        plan=first.asked_plan or None,
        plan_known=first.plan_code is not None,
        has_plans=first.has_plans,
        plan_in_dates=(first.valid_from is None or first.valid_from <= at)
        and (first.valid_to is None or at < first.valid_to),
        priced=bool(prices),
        tax_codes_without_rate=tuple(row.tax_code for row in prices if row.rate is None),
    )
    return [
        Reason(reason.code, f"Composant {first.sku} : {reason.message}", f"components.{rank}")
        for reason in reasons_not_to_sell(facts)
    ]
