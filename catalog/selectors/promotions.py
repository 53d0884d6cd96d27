"""Read model of the promotions: plain values."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.models import Promotion
from catalog.selectors.moments import states_known
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

Rows = QuerySet[Any, Any]

PROMOTION = (
    "id",
    "company_id",
    "code",
    "name",
    "on_code",
    "kind",
    "value",
    "priority",
    "cumulative",
    "product_id",
    "plan_code",
    "channels",
    "start_at",
    "end_at",
)


def list_promotions(
    access: Access,
    *,
    company: UUID | None = None,
    product: UUID | None = None,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> Rows:
    """Return the promotions in scope where the user sees the whole catalogue, filtered.

    `product` keeps those that name it, `at` those that run at the instant; `known_at` answers with
    what the database knew then.
    """
    known: Any = states_known(Promotion.history, known_at) if known_at else Promotion.objects
    rows: Rows = known.filter(company__in=access.companies(Action.CATALOG_VIEW_ALL))
    if company is not None:
        rows = rows.filter(company=company)
    if product is not None:
        rows = rows.filter(product=product)
    if at is not None:
        rows = rows.filter(Q(end_at__isnull=True) | Q(end_at__gt=at), start_at__lte=at)
    return rows.order_by().values(*PROMOTION)
