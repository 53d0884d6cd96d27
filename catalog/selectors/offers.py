"""What client portals show: published `public` on the web, and for sale now (C.3)."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from catalog.choices import (
    Availability,
    Channel,
    LifecycleStatus,
    TransitionState,
    VersionState,
    Visibility,
)
from catalog.models import ProductTransition, Publication, SalesBan
from catalog.selectors.versions import plan_rows, price_rows
from partners.choices import PartnerStatus
from partners.models import PartnerActivation
from winvest.core.models import Company

Rows = QuerySet[Any, Any]

PLAN = ("code", "name", "recurrence")
PRICE = ("type", "tier_mode", "currency", "payload", "tax_code", "tax_rate", "tax_included")


def company_of(code: str) -> UUID | None:
    """Return the company that offers are asked of by its code."""
    keys: Any = Company._base_manager.filter(code=code).values_list("pk", flat=True)
    found: UUID | None = keys.first()
    return found


def public_offers(*, at: datetime, company: UUID | None = None) -> Rows:
    """Return the offers that anybody may see at `at`, whoever sells them.

    Hidden and internal publications are not among them (C.3), nor what no quote would be given for:
    another product than an active one, a version or a publication that does not run, a partner closed
    to the seller, what the seller has banned, what is not to be had.
    """
    until = Q(end_at__isnull=True) | Q(end_at__gt=at)
    version = Q(product_version__effective_to__isnull=True) | Q(
        product_version__effective_to__gt=at
    )
    rows = Publication._base_manager.filter(
        until,
        version,
        _partner_open(),
        ~Q(_banned(at)),
        _not_stopped(at),
        visibility=Visibility.PUBLIC,
        channels__contains=[Channel.WEB],
        start_at__lte=at,
        product_version__state=VersionState.RELEASED,
        product_version__effective_from__lte=at,
        product__lifecycle_status=LifecycleStatus.ACTIVE,
    ).exclude(availability=Availability.UNAVAILABLE)
    if company is not None:
        rows = rows.filter(company=company)
    offers: Rows = rows.order_by().values(
        *("id", "product_version_id", "availability", "price_visible", "start_at", "end_at"),
        company_code=F("company__code"),
        company_name=F("company__brand_name"),
        sku=F("product__sku"),
        name=F("product__name"),
        short_name=F("product__short_name"),
        brand_name=F("product__brand__name"),
        risk_code=F("product__risk__code"),
        risk_label=F("product__risk__label"),
        version=F("product_version__version"),
    )
    return offers


def with_plans(offers: list[dict[str, Any]], *, at: datetime) -> list[dict[str, Any]]:
    """Return the offers with the plans of the day and, where they are shown, their prices (E-07)."""
    versions = [offer["product_version_id"] for offer in offers]
    plans, prices = defaultdict(list), defaultdict(list)
    for plan in plan_rows(versions):
        plans[plan["product_version_id"]].append(plan)
    for price in price_rows(versions):
        prices[price["product_version_id"]].append(price)
    shown = []
    for offer in offers:
        version = offer["product_version_id"]
        rules = prices[version] if offer["price_visible"] else []
        sold = [
            {
                **{name: plan[name] for name in PLAN},
                "prices": [
                    {name: rule[name] for name in PRICE}
                    for rule in rules
                    if rule["plan_id"] in (None, plan["id"])
                ],
            }
            for plan in plans[version]
            if _runs(plan, at)
        ]
        kept = {name: value for name, value in offer.items() if name != "product_version_id"}
        shown.append({**kept, "plans": sold})
    return shown


def _runs(plan: dict[str, Any], at: datetime) -> bool:
    start, end = plan["valid_from"], plan["valid_to"]
    return (start is None or start <= at) and (end is None or at < end)


def _partner_open() -> Q:
    """Whether the partner, if any, is active for the seller: as the quote asks it (`quote_sql`)."""
    activations = PartnerActivation._base_manager.filter(
        partner=OuterRef("product__partner"), company=OuterRef("company")
    )
    opened = Exists(activations.filter(status=PartnerStatus.ACTIVE)) | (
        Q(product__partner__company=F("company")) & ~Exists(activations)
    )
    return Q(product__partner__isnull=True) | (
        Q(product__partner__status=PartnerStatus.ACTIVE) & opened
    )


def _not_stopped(at: datetime) -> Q:
    """Whether no freeze or retirement that is due waits for the sweeper: as the quote asks it."""
    due = ProductTransition._base_manager.filter(
        product=OuterRef("product"), state=TransitionState.PLANNED, due_at__lte=at
    )
    stops = ExpressionWrapper(~Q(to_status=LifecycleStatus.ACTIVE), BooleanField())
    last = due.order_by("-due_at").values(stops=stops)[:1]
    # A yes or no: of an equality the planner would think that hardly an offer keeps it, and sort
    # them all rather than read the first ones in their order.
    return ~Q(Coalesce(Subquery(last), Value(value=False), output_field=BooleanField()))


def _banned(at: datetime) -> Exists:
    """Whether the seller's black list names the product, the web, or both (8-05)."""
    return Exists(
        SalesBan._base_manager.filter(
            Q(product=None) | Q(product=OuterRef("product")),
            Q(channel=None) | Q(channel=Channel.WEB),
            Q(end_at__isnull=True) | Q(end_at__gt=at),
            company=OuterRef("company"),
            start_at__lte=at,
        )
    )
