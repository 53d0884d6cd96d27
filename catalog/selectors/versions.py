"""Read models of versions and of what they hold: plain values (`design/performance.md`).

The rows below belong to versions that the caller was found to see, where the seller may not be the
owner: the scope of the rows themselves is the owner's (`_base_manager`).
"""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet

from catalog.choices import VersionState, Visibility
from catalog.models import (
    BundleComponent,
    CqRule,
    PricingRule,
    ProductPlan,
    ProductVersion,
    Publication,
    VersionApproval,
    VersionBilling,
    VersionLogistics,
)
from catalog.selectors.visibility import there_is, visible_versions
from winvest.core import scoping
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

Rows = QuerySet[Any, Any]

VERSION = (
    "id",
    "product_id",
    "company_id",
    "version",
    "state",
    "effective_from",
    "effective_to",
    "applies_to_inforce",
    "breaking_changes",
    "channels",
    "geography",
    "eligibility",
    "content_hash",
    "released_at",
    "withdrawn_at",
    "notes",
)
PLAN = (
    "product_version_id",
    "id",
    "code",
    "name",
    "recurrence",
    "billing_cycle_days",
    "position",
    "valid_from",
    "valid_to",
    "parameters",
    "options",
    "surcharges",
    "discounts",
    "bundle_kind",
    "bundle_value",
    "bundle_tax_included",
)
COMPONENT = (
    "product_version_id",
    "id",
    "plan_id",
    "product_id",
    "plan_code",
    "quantity",
    "position",
)
PRICE = (
    "product_version_id",
    "id",
    "plan_id",
    "type",
    "tier_mode",
    "currency",
    "payload",
    "tax_code",
    "tax_rate",
    "tax_included",
)
PUBLICATION = (
    "product_version_id",
    "id",
    "company_id",
    "channels",
    "visibility",
    "availability",
    "is_pilot",
    "reason",
    "price_visible",
    "conditions",
    "start_at",
    "end_at",
)
BILLING = (
    *("product_version_id", "id", "plan_id", "payment_method", "collection_cycle"),
    *("collection_day", "invoice_template", "mandate_template"),
    *("fee_amount", "fee_label", "fee_tax_code", "fee_tax_included"),
)
LOGISTICS = (
    *("product_version_id", "id", "delivery", "delivery_days", "stock_managed"),
    *("stock_reference", "ticket_title", "ticket_body"),
)
CQ_RULE = ("product_version_id", "id", "required_fields", "rule_sets", "call_script_id", "notes")


def list_versions(access: Access, *, product_id: UUID, at: datetime) -> Rows:
    """Return the versions of a product that the user sees at `at`, by number."""
    return version_rows(visible_versions(access, at=at).filter(product_id=product_id))


def version_before(version: ProductVersion, *, at: datetime) -> ProductVersion | None:
    """Return what a version is read against: the one in force at `at`, else the last released.

    None for the first version of a product.
    """
    rows = ProductVersion._base_manager.filter(
        product=version.product_id, state=VersionState.RELEASED
    ).exclude(pk=version.pk)
    over = Q(effective_to__isnull=False, effective_to__lte=at)
    running = rows.exclude(over).filter(effective_from__lte=at).first()
    return running or rows.order_by("-effective_from", "-version").first()


def version_rows(versions: QuerySet[Any, Any]) -> Rows:
    """Return the columns of versions.

    A version is never applied once it was released and withdrawn: only before its effect can it be.
    """
    never_applied = ExpressionWrapper(Q(withdrawn_at__isnull=False), output_field=BooleanField())
    return versions.values(*VERSION, never_applied=never_applied)


def with_parts(access: Access, versions: list[dict[str, Any]], *, at: datetime) -> None:
    """Give each version its plans, prices and publications; three statements."""
    ids = [version["id"] for version in versions]
    plans, prices = _by_version(plan_rows(ids)), _by_version(price_rows(ids))
    publications = _by_version(publication_rows(ids))
    for version in versions:
        key = version["id"]
        version["plans"] = plans[key]
        version["publications"] = publications[key]
        shown = shows_prices(access, version, publications[key], at=at)
        version["pricing_rules"] = prices[key] if shown else []
        if not shown:
            hide_amounts(plans[key])


def shows_prices(
    access: Access, version: dict[str, Any], publications: list[dict[str, Any]], *, at: datetime
) -> bool:
    """Whether the user reads the prices (E-07): all rights, or a running publication shows them."""
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    if version["company_id"] in everything:
        return True
    return any(
        publication["company_id"] in everything
        or (
            publication["price_visible"]
            and publication["visibility"] != Visibility.HIDDEN
            and publication["start_at"] <= at
            and (publication["end_at"] is None or at < publication["end_at"])
        )
        for publication in publications
    )


def shown_prices(access: Access, *, at: datetime) -> Q:
    """Return the condition on a version, among those that the user sees, of `shows_prices`."""
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    scope = scoping.current()
    if scope is not None and scope <= everything:
        return Q()
    running = Q(price_visible=True, start_at__lte=at) & (Q(end_at=None) | Q(end_at__gt=at))
    running &= ~Q(visibility=Visibility.HIDDEN)
    publications = Publication.objects.filter(
        Q(company_id__in=everything) | running, product_version=OuterRef("pk")
    )
    return Q(company_id__in=everything) | Q(there_is(publications))


def hide_amounts(plans: list[dict[str, Any]]) -> None:
    """Leave out what tells the price of a plan."""
    for plan in plans:
        plan["parameters"] = {}
        for name in ("options", "surcharges", "discounts"):
            plan[name] = []
        plan["bundle_value"] = None


def plan_rows(versions: list[UUID]) -> Rows:
    """Return the plans of versions in their order."""
    plans: Rows = ProductPlan._base_manager.filter(product_version_id__in=versions)
    return plans.order_by("position", "code").values(*PLAN)


def price_rows(versions: list[UUID]) -> Rows:
    """Return the prices of versions, in the order of their plans."""
    rules: Rows = PricingRule._base_manager.filter(product_version_id__in=versions)
    return rules.order_by("plan__position", "id").values(*PRICE)


def component_rows(versions: list[UUID]) -> Rows:
    """Return the components of the bundles of versions, in their order."""
    rows: Rows = BundleComponent._base_manager.filter(product_version_id__in=versions)
    return rows.order_by("plan", "position", "id").values(*COMPONENT, sku=F("product__sku"))


def publication_rows(versions: list[UUID]) -> Rows:
    """Return the publications of versions that the scope reads, by start."""
    publications: Rows = Publication.objects.filter(product_version_id__in=versions)
    return publications.order_by("start_at", "id").values(*PUBLICATION)


def cq_rows(versions: list[UUID]) -> Rows:
    """Return the quality rules of versions."""
    rules: Rows = CqRule._base_manager.filter(product_version_id__in=versions)
    return rules.order_by("id").values(*CQ_RULE)


def billing_rows(versions: list[UUID]) -> Rows:
    """Return how versions are invoiced and collected, in the order of their plans."""
    rows: Rows = VersionBilling._base_manager.filter(product_version_id__in=versions)
    return rows.order_by("plan__position", "id").values(*BILLING, plan_code=F("plan__code"))


def logistics_rows(versions: list[UUID]) -> Rows:
    """Return what versions ask of logistics."""
    rows: Rows = VersionLogistics._base_manager.filter(product_version_id__in=versions)
    return rows.order_by("id").values(*LOGISTICS)


def approval_rows(version: UUID) -> Rows:
    """Return what reviewers said of a version of the scope."""
    said: Rows = VersionApproval.objects.filter(product_version_id=version)
    return said.values(
        *("id", "domain", "decision", "comment", "content_hash", "created_at"),
        user_email=F("user__email"),
    )


def _by_version(rows: Rows) -> dict[UUID, list[dict[str, Any]]]:
    grouped: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.pop("product_version_id")].append(row)
    return grouped
