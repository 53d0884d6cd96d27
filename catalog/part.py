"""The catalogue's own parts of a version: its offer, plans and prices, and quality rules."""

from datetime import UTC, datetime
from typing import Any

from catalog.choices import Channel
from catalog.models.plan import EXTRAS, ProductPlan
from catalog.models.pricing import PricingRule
from catalog.models.version import ProductVersion
from catalog.parts import VersionPart
from winvest.core import json


def offer_content(version: ProductVersion) -> dict[str, Any]:
    """Return where and to whom the version is sold; lists of codes in a fixed order."""
    return {
        "channels": [one for one in Channel.values if one in version.channels],
        "geography": _sorted_lists(version.geography),
        "eligibility": _sorted_lists(version.eligibility),
    }


def plans_content(version: ProductVersion) -> dict[str, Any]:
    """Return the plans in their order with their prices, then the prices of the whole version."""
    prices: dict[Any, list[dict[str, Any]]] = {}
    for rule in version.pricing_rules.all():
        prices.setdefault(rule.plan_id, []).append(_price(rule))
    for rules in prices.values():
        rules.sort(key=lambda price: json.dumps(price, canonical=True))
    return {
        "plans": [
            {**_plan(plan), "prices": prices.get(plan.pk)}
            for plan in version.plans.order_by("position", "code")
        ],
        "prices": prices.get(None),
    }


def quality_content(version: ProductVersion) -> list[dict[str, Any]]:
    """Return the quality rules; a script is named by its id, which is no content."""
    rules = [
        {
            "required_fields": sorted(rule.required_fields),
            "rule_sets": sorted(rule.rule_sets),
            "notes": rule.notes,
        }
        for rule in version.cq_rules.all()
    ]
    return sorted(rules, key=lambda rule: json.dumps(rule, canonical=True))


def _plan(plan: ProductPlan) -> dict[str, Any]:
    """A plan's own dates are what is sold, unlike the version's."""
    return {
        "code": plan.code,
        "name": plan.name,
        "recurrence": plan.recurrence,
        "billing_cycle_days": plan.billing_cycle_days,
        "valid_from": _instant(plan.valid_from),
        "valid_to": _instant(plan.valid_to),
        "parameters": plan.parameters,
        **{name: getattr(plan, name) for name in EXTRAS},
    }


def _price(rule: PricingRule) -> dict[str, Any]:
    return {
        "type": rule.type,
        "tier_mode": rule.tier_mode,
        "currency": rule.currency,
        "payload": rule.payload,
        "tax_code": rule.tax_code,
        "tax_rate": rule.tax_rate,
        "tax_included": rule.tax_included,
    }


def _sorted_lists(value: dict[str, Any]) -> dict[str, Any]:
    return {key: sorted(item) if isinstance(item, list) else item for key, item in value.items()}


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()


OFFER = VersionPart("offer", offer_content)
PLANS = VersionPart("plans", plans_content)
QUALITY = VersionPart("quality", quality_content)
