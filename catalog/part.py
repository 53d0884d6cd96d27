"""The catalogue's own parts of a version: its offer, plans and prices, and quality rules."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from catalog.choices import (
    BundleKind,
    Channel,
    DiscountKind,
    PriceIndex,
    PricingType,
    TierBase,
)
from catalog.domain.diff import Listing
from catalog.domain.extras import Due, Per
from catalog.models.billing import VersionBilling
from catalog.models.bundle import BundleComponent
from catalog.models.logistics import VersionLogistics
from catalog.models.plan import EXTRAS, ProductPlan
from catalog.models.pricing import PricingRule
from catalog.models.quality import CqRule
from catalog.models.version import ProductVersion
from catalog.parts import Pair, VersionPart, copied, insert_all
from catalog.selectors import wording
from winvest.core import json

OFFER_COLUMNS = ("channels", "geography", "eligibility")
# What says nothing where there are no fees.
FEES = ("fee_amount", "fee_label", "fee_tax_code", "fee_tax_included")
LOGISTICS_COLUMNS = (
    *("delivery", "delivery_days", "stock_managed", "stock_reference"),
    *("ticket_title", "ticket_body"),
)


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


def billing_content(version: ProductVersion) -> list[dict[str, Any]]:
    """Return how each plan is invoiced and collected, the whole version first."""
    rows = [
        {
            "plan": billing.plan.code if billing.plan else None,
            "payment_method": billing.payment_method,
            "collection_cycle": billing.collection_cycle,
            "collection_day": billing.collection_day,
            "invoice_template": billing.invoice_template,
            "mandate_template": billing.mandate_template,
            **{name: getattr(billing, name) for name in FEES if billing.fee_amount is not None},
        }
        for billing in version.billings.select_related("plan")
    ]
    return sorted(rows, key=lambda row: str(row["plan"] or ""))


def logistics_content(version: ProductVersion) -> dict[str, Any]:
    """Return what a sale asks of logistics; nothing where nothing is asked."""
    found = version.logistics.first()
    if found is None:
        return {}
    # Neither a stock nor a delivery says nothing, as an absent row does.
    return {name: getattr(found, name) or None for name in LOGISTICS_COLUMNS}


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
        "bundle": _bundle(plan),
    }


def _bundle(plan: ProductPlan) -> dict[str, Any] | None:
    if not plan.bundle_kind:
        return None
    return {
        "kind": plan.bundle_kind,
        "value": plan.bundle_value,
        "tax_included": plan.bundle_tax_included,
        "components": [
            {
                "sku": component.product.sku,
                "plan": component.plan_code,
                "quantity": component.quantity,
            }
            for component in plan.components.select_related("product").order_by("position", "pk")
        ],
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


def _extra(row: Mapping[str, Any], currency: str) -> str:
    return f"{row['code']}, {wording.extra_in_words(row, currency)}"


def _nature(kind: str, row: Mapping[str, Any], _currency: str) -> str:
    """A bundle and an extra both have a `kind`; an extra alone has a code."""
    return str(DiscountKind(kind).label if "code" in row else BundleKind(kind).label)


def clone_offer(pairs: Sequence[Pair]) -> None:
    """Sell each draft where and to whom its source is."""
    for source, target in pairs:
        if any(getattr(target, name) != getattr(source, name) for name in OFFER_COLUMNS):
            for name in OFFER_COLUMNS:
                setattr(target, name, getattr(source, name))
            target.save()


def clone_plans(pairs: Sequence[Pair]) -> None:
    """Copy the plans, then the prices; external codes stay with the plan that they name (M-13)."""
    targets = {source.pk: target.pk for source, target in pairs}
    sold = {"product_version__in": targets}
    plans: dict[Any, Any] = {None: None}
    copies: list[Any] = []
    for plan in ProductPlan.objects.filter(**sold).order_by("product_version", "position", "code"):
        copy = copied(plan, product_version_id=targets[plan.product_version_id])
        copies.append(copy)
        plans[plan.pk] = copy.pk
    insert_all(copies)
    for rows in (
        PricingRule.objects.filter(**sold).order_by("pk"),
        BundleComponent.objects.filter(**sold).order_by("position", "pk"),
    ):
        insert_all(
            [
                copied(
                    row,
                    product_version_id=targets[row.product_version_id],
                    plan_id=plans[row.plan_id],
                )
                for row in rows
            ]
        )


def clone_quality(pairs: Sequence[Pair]) -> None:
    """Copy the quality rules; the documents name the copy of the script."""
    targets = {source.pk: target.pk for source, target in pairs}
    rows = CqRule.objects.filter(product_version__in=targets).order_by("pk")
    insert_all([copied(row, product_version_id=targets[row.product_version_id]) for row in rows])


def erase_quality(version: ProductVersion) -> None:
    """Delete the quality rules, which name the version's script."""
    CqRule.objects.filter(product_version=version).delete()


def clone_billing(pairs: Sequence[Pair]) -> None:
    """Copy how the version and its plans are invoiced; each plan's copy has the same code."""
    targets = {source.pk: target.pk for source, target in pairs}
    plans: dict[Any, Any] = {
        (version, code): key
        for key, version, code in ProductPlan.objects.filter(
            product_version__in=[*targets.values()]
        ).values_list("pk", "product_version_id", "code")
    }
    copies = []
    rows = VersionBilling.objects.filter(product_version__in=targets).select_related("plan")
    for row in rows.order_by("pk"):
        target = targets[row.product_version_id]
        plan = plans[target, row.plan.code] if row.plan else None
        copies.append(copied(row, product_version_id=target, plan_id=plan))
    insert_all(copies)


def clone_logistics(pairs: Sequence[Pair]) -> None:
    """Copy what a sale asks of logistics."""
    targets = {source.pk: target.pk for source, target in pairs}
    rows = VersionLogistics.objects.filter(product_version__in=targets).order_by("pk")
    insert_all([copied(row, product_version_id=targets[row.product_version_id]) for row in rows])


OFFER = VersionPart(
    "offer", offer_content, clone_offer, label="Offre", models={"offer": ProductVersion}
)
PLANS = VersionPart(
    "plans",
    plans_content,
    clone_plans,
    label="Formules et prix",
    listings={
        "plans": Listing(("code",)),
        "prices": Listing(("type",), ordered=False),
        "payload": Listing(("min",)),
        "components": Listing(("sku", "plan")),
        **{name: Listing(("code",)) for name in EXTRAS},
    },
    models={"plans": ProductPlan, "prices": PricingRule},
    words={
        "type": lambda code: str(PricingType(code).label).lower(),
        "min": wording.number_in_words,
        "max": wording.number_in_words,
        "due": lambda code: wording.DUES[Due(code)],
        "per": lambda code: wording.PERS[Per(code)],
        "index": lambda code: PriceIndex(code).label,
        "unit": wording.unit_in_words,
        "base": lambda code: TierBase(code).label,
    },
    sentences={
        "prices": wording.rule_in_words,
        "payload": wording.tier_in_words,
        "components": wording.component_in_words,
        **dict.fromkeys(EXTRAS, _extra),
    },
    values={
        "payload": lambda value, rule, currency: wording.price_in_words(
            rule["type"], rule.get("tier_mode"), value, currency
        ),
        "amount": wording.tier_amount,
        "kind": _nature,
        "value": lambda value, row, currency: wording.money_or_percent(
            value, row.get("kind"), currency
        ),
        "bundle": lambda value, _, currency: wording.bundle_in_words(value, currency),
        "parameters": lambda value, _, __: wording.parameters_in_words(value),
    },
)
QUALITY = VersionPart(
    "quality",
    quality_content,
    clone_quality,
    label="Règles ADV et qualité",
    erase=erase_quality,
    listings={"quality": Listing((), ordered=False)},
    models={"quality": CqRule},
)
BILLING = VersionPart(
    "billing",
    billing_content,
    clone_billing,
    label="Facturation",
    listings={"billing": Listing(("plan",), ordered=False)},
    models={"billing": VersionBilling},
)
LOGISTICS = VersionPart(
    "logistics",
    logistics_content,
    clone_logistics,
    label="Logistique",
    models={"logistics": VersionLogistics},
)
