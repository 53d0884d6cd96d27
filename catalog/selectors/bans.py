"""Read model of the black lists, and what bans a sale (§8)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.domain.publication import Sale
from catalog.models import SalesBan
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

Rows = QuerySet[Any, Any]

BAN = ("id", "company_id", "product_id", "channel", "reason", "start_at", "end_at")


def list_bans(
    access: Access,
    *,
    company: UUID | None = None,
    product: UUID | None = None,
    at: datetime | None = None,
) -> Rows:
    """Return the bans in scope where the user sees the whole catalogue, filtered.

    `product` keeps those that name it, `at` those that run at the instant.
    """
    rows: Rows = SalesBan.objects.filter(company__in=access.companies(Action.CATALOG_VIEW_ALL))
    if company is not None:
        rows = rows.filter(company=company)
    if product is not None:
        rows = rows.filter(product=product)
    if at is not None:
        rows = rows.filter(Q(end_at__isnull=True) | Q(end_at__gt=at), start_at__lte=at)
    return rows.order_by().values(*BAN)


def bans_of(sale: Sale, product_id: UUID) -> list[SalesBan]:
    """Return the bans that a sale of the product meets, on one of its channels."""
    rows = SalesBan._base_manager.filter(
        Q(product=None) | Q(product=product_id),
        Q(channel=None) | Q(channel__in=sale.channels),
        Q(end_at__isnull=True) | Q(end_at__gt=sale.start),
        company=sale.seller,
    )
    if sale.end is not None:
        rows = rows.filter(start_at__lt=sale.end)
    return list(rows.select_related("product").order_by("start_at", "pk"))
