"""What the catalogue's rules of a publication read, whatever the scope of the person who asks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from catalog.choices import IntegrationStatus, PricingType, TransitionState, VersionState
from catalog.domain.lifecycle import LifecycleStatus
from catalog.domain.transitions import PlannedMove, status_at
from catalog.models import (
    ExternalMapping,
    IndexValue,
    PricingRule,
    Product,
    ProductPlan,
    ProductTransition,
    ProductVersion,
    Publication,
    VersionBilling,
)
from partners.choices import PartnerStatus
from partners.models import Partner, PartnerActivation
from winvest.core.models import Company
from winvest.core.models.vat import VatRate


def status_then(product: Product, at: datetime) -> LifecycleStatus:
    """Return what the product's status will be at `at`, if all goes as planned."""
    rows = ProductTransition._base_manager.filter(product=product, state=TransitionState.PLANNED)
    moves = [
        PlannedMove(due, LifecycleStatus(to)) for due, to in rows.values_list("due_at", "to_status")
    ]
    return status_at(LifecycleStatus(product.lifecycle_status), moves, at)


def plans_of(version: ProductVersion) -> list[ProductPlan]:
    """Return the plans of a version, each told whether it has a price of its own (`priced`)."""
    prices = set(
        PricingRule._base_manager.filter(product_version=version).values_list("plan", flat=True)
    )
    plans = list(ProductPlan._base_manager.filter(product_version=version).order_by("position"))
    for plan in plans:
        plan.priced = bool(plan.bundle_kind) or bool({plan.pk, None} & prices)  # type: ignore[attr-defined]
    return plans


def tax_codes_of(version: ProductVersion) -> set[str]:
    """Return the VAT codes of the prices of a version."""
    rows = PricingRule._base_manager.filter(product_version=version)
    return set(rows.values_list("tax_code", flat=True))


def sales_that_stop(version: ProductVersion, at: datetime) -> dict[UUID, set[str]]:
    """Return the channels by company on which the version before this one is published at `at`, or
    is to be later, and this one is not at `at`: sales stop, or do not begin, once it takes effect.
    """
    before = (
        ProductVersion._base_manager.filter(
            product=version.product_id, state=VersionState.RELEASED, effective_from__lt=at
        )
        .exclude(pk=version.pk)
        .order_by("-effective_from")
        .first()
    )
    if before is None:
        return {}
    stopped = _sold(before, Q(end_at=None) | Q(end_at__gt=at))
    for company, channels in _sold(
        version, Q(Q(end_at=None) | Q(end_at__gt=at), start_at__lte=at)
    ).items():
        stopped.get(company, set()).difference_update(channels)
    return {company: channels for company, channels in stopped.items() if channels}


def _sold(version: ProductVersion, lasting: Q) -> dict[UUID, set[str]]:
    rows = Publication._base_manager.filter(lasting, product_version=version)
    found: dict[UUID, set[str]] = {}
    for company, channels in rows.values_list("company_id", "channels"):
        found.setdefault(company, set()).update(channels)
    return found


def indexed_prices(version: ProductVersion) -> list[PricingRule]:
    """Return the prices of a version that a formula gives, with their plans."""
    rows = PricingRule._base_manager.filter(product_version=version, type=PricingType.INDEXED)
    return list(rows.select_related("plan").order_by("plan__position", "pk"))


def values_of_index(index: str, on: date) -> list[IndexValue]:
    """Return the value of an index on a local day, if there is one, and those known to follow."""
    rows = list(IndexValue._base_manager.filter(index=index).order_by("valid_on"))
    before = [row for row in rows if row.valid_on <= on]
    return [*before[-1:], *(row for row in rows if row.valid_on > on)]


def fee_codes_of(version: ProductVersion) -> set[str]:
    """Return the VAT codes of the initial fees of a version."""
    rows = VersionBilling._base_manager.filter(product_version=version, fee_amount__isnull=False)
    return set(rows.values_list("fee_tax_code", flat=True))


def codes_without_rate(codes: set[str], company: Company, on: date) -> list[str]:
    """Return the VAT codes that have no rate in the company's country on a local day."""
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    known = VatRate.objects.filter(
        running, country=company.country, valid_from__lte=on, code__in=codes
    )
    return sorted(codes - set(known.values_list("code", flat=True)))


def api_mappings(product_id: UUID) -> list[ExternalMapping]:
    """Return the external codes by which a partner's API prices the product."""
    rows = ExternalMapping._base_manager.filter(
        product=product_id, integration_status=IntegrationStatus.API
    )
    return list(rows.order_by("system", "external_code"))


def partner_is_active(partner: Partner, company_id: UUID) -> bool:
    """Whether a company may sell for a partner: as the quote asks it (`quote_sql`)."""
    if partner.status != PartnerStatus.ACTIVE:
        return False
    status: Any = (
        PartnerActivation._base_manager.filter(partner=partner, company=company_id)
        .values_list("status", flat=True)
        .first()
    )
    if status is None:
        return bool(partner.company_id == company_id)
    return bool(status == PartnerStatus.ACTIVE)
