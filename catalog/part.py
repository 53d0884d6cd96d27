"""The catalogue's own part of a version: plans and prices."""

from typing import Any

from catalog.models.plan import PricingRule
from catalog.models.version import ProductVersion
from catalog.parts import VersionPart
from winvest.core import json


def plans_content(version: ProductVersion) -> dict[str, Any]:
    """Return the plans in their order with their prices, then the prices of the whole version."""
    prices: dict[Any, list[dict[str, Any]]] = {}
    for rule in version.pricing_rules.all():
        prices.setdefault(rule.plan_id, []).append(_price(rule))
    for rules in prices.values():
        rules.sort(key=lambda price: json.dumps(price, canonical=True))
    return {
        "plans": [
            {
                "code": plan.code,
                "name": plan.name,
                "recurrence": plan.recurrence,
                "billing_cycle_days": plan.billing_cycle_days,
                "prices": prices.get(plan.pk),
            }
            for plan in version.plans.order_by("position", "code")
        ],
        "prices": prices.get(None),
    }


def _price(rule: PricingRule) -> dict[str, Any]:
    return {
        "type": rule.type,
        "currency": rule.currency,
        "payload": rule.payload,
        "tax_code": rule.tax_code,
        "tax_rate": rule.tax_rate,
        "tax_included": rule.tax_included,
    }


PLANS = VersionPart("plans", plans_content)
