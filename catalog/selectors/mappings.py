"""External codes, and what they say of a product's integration (C.2, reading M-08)."""

from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from catalog.choices import IntegrationStatus, LifecycleStatus
from catalog.models import ExternalMapping, Product

# The best one tells the product's status.
BEST_FIRST = (
    IntegrationStatus.API,
    IntegrationStatus.IMPORT,
    IntegrationStatus.REQUESTED,
    IntegrationStatus.INACTIVE,
    IntegrationStatus.NONE,
)
INTEGRATED = (IntegrationStatus.API, IntegrationStatus.IMPORT)


def integration_of_product() -> Coalesce:
    """Return the expression of a product's integration status: its best mapping's, else none."""
    ranks = [
        When(integration_status=status, then=Value(rank)) for rank, status in enumerate(BEST_FIRST)
    ]
    best = (
        ExternalMapping._base_manager.filter(product=OuterRef("pk"))
        .order_by(Case(*ranks), "id")
        .values("integration_status")[:1]
    )
    return Coalesce(Subquery(best), Value(IntegrationStatus.NONE.value))


def count_sold_by_api(partner_id: UUID) -> int:
    """Return how many active products in scope are linked to the partner's API."""
    linked = ExternalMapping._base_manager.filter(
        product=OuterRef("pk"), integration_status=IntegrationStatus.API
    )
    sold = Product.objects.filter(partner=partner_id, lifecycle_status=LifecycleStatus.ACTIVE)
    return sold.filter(Exists(linked)).count()


def list_mappings(product_id: UUID) -> QuerySet[Any, Any]:
    """Return the external codes of a product that the caller was found to see."""
    return ExternalMapping._base_manager.filter(product_id=product_id).values(
        "id",
        "product_id",
        "plan_id",
        "system",
        "external_code",
        "integration_status",
        "sandbox_passed_at",
    )
