"""What the sheet of a product reads besides its versions and their parts (E.2.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.models import (
    BundleComponent,
    ExternalMapping,
    IndexValue,
    PricingRule,
    Product,
    ProductPlan,
    ProductTransition,
    ProductVersion,
    Promotion,
    VersionBilling,
)
from catalog.selectors.badges import with_badge_facts
from catalog.selectors.visibility import visible_products
from winvest.core.models import User
from winvest.core.permissions import Access

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class LastChange:
    """When something of the product last changed, and by whom (nobody: the system)."""

    at: datetime
    by: str = ""


def sheet_product(access: Access, product_id: UUID, *, at: datetime) -> Product | None:
    """Return the product with what its sheet says of it, None where the user does not see it."""
    seen = with_badge_facts(visible_products(access, at=at), access, at=at)
    above = ("company", "brand", "partner", "created_by", "risk__parent__parent__parent")
    return seen.select_related(*above).filter(pk=product_id).first()


def last_change(product: Product, versions: list[UUID]) -> LastChange:
    """Return the last change of the product, of its versions, or of what they sell.

    Two statements: the histories are read by their keys, and only their last lines.
    """
    below = (ProductPlan, PricingRule, BundleComponent, VersionBilling)
    states: list[Rows] = [
        Product.history.filter(id=product.pk),
        ProductVersion.history.filter(product=product.pk),
        *(model.history.filter(product_version__in=versions) for model in below),
    ]
    first, *others = (
        one.order_by("-history_date").values_list("history_date", "history_user")[:1]
        for one in states
    )
    found = first.union(*others, all=True).order_by("-history_date").first()
    if found is None:
        return LastChange(product.updated_at)
    at, by = found
    name = User.objects.filter(pk=by).values_list("name", flat=True).first() if by else None
    return LastChange(at, name or "")


def promotions_of(product: Product, *, at: datetime) -> Rows:
    """Return the promotions of the product, and those of every product of its company, not over."""
    rows: Rows = Promotion._base_manager.filter(
        Q(product=product.pk) | Q(product=None),
        Q(end_at=None) | Q(end_at__gt=at),
        company=product.company_id,
    )
    return rows.order_by("start_at", "code")


def last_index_values(indices: set[str], *, at: datetime) -> Rows:
    """Return the value of each index on the day of `at`."""
    rows: Rows = IndexValue.objects.filter(index__in=indices, valid_on__lte=at.date())
    return rows.order_by("index", "-valid_on").distinct("index")


def codes_of(product_id: UUID) -> Rows:
    """Return the external codes of a product that the caller was found to see."""
    rows: Rows = ExternalMapping._base_manager.filter(product=product_id)
    return rows.select_related("plan__product_version", "sandbox_passed_by").order_by(
        "system", "external_code"
    )


def moves_of(product_id: UUID) -> Rows:
    """Return the changes of status of a product, the last first."""
    rows: Rows = ProductTransition.objects.filter(product=product_id)
    return rows.select_related("decided_by").order_by("-due_at", "-id")
