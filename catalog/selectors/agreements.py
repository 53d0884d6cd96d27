"""Read model of the sale agreements, and what of them a sale has (R-10)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.domain.publication import Sale
from catalog.models import Publication, SaleAgreement
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

Rows = QuerySet[Any, Any]

AGREEMENT = ("id", "company_id", "product_id", "seller_id", "terms", "start_at", "end_at")


def list_agreements(
    access: Access,
    *,
    company: UUID | None = None,
    seller: UUID | None = None,
    product: UUID | None = None,
    at: datetime | None = None,
) -> Rows:
    """Return the agreements that the user's companies gave or have, filtered.

    Where he sees the whole catalogue; `at` keeps those that run at the instant.
    """
    seen = access.companies(Action.CATALOG_VIEW_ALL)
    rows: Rows = SaleAgreement.objects.filter(Q(company__in=seen) | Q(seller__in=seen))
    wanted = {"company": company, "seller": seller, "product": product}
    rows = rows.filter(**{name: key for name, key in wanted.items() if key is not None})
    if at is not None:
        rows = rows.filter(Q(end_at__isnull=True) | Q(end_at__gt=at), start_at__lte=at)
    return rows.order_by().values(*AGREEMENT)


def is_agreed(sale: Sale, product_id: UUID) -> bool:
    """Whether an agreement runs during the whole of a sale by another company than the owner."""
    lasting = Q(end_at__isnull=True)
    if sale.end is not None:
        lasting |= Q(end_at__gte=sale.end)
    rows = SaleAgreement._base_manager.filter(
        lasting, product=product_id, seller=sale.seller, start_at__lte=sale.start
    )
    return rows.exists()


def sales_under(
    agreement: SaleAgreement, *, after: datetime | None = None
) -> QuerySet[Publication, Any]:
    """Return the publications that rest on the agreement, those that last beyond `after` if given.

    A sale rests on one agreement: those of a product and a seller never overlap.
    """
    rows = Publication._base_manager.filter(
        product=agreement.product_id,
        company=agreement.seller_id,
        start_at__gte=agreement.start_at,
    )
    if agreement.end_at is not None:
        rows = rows.filter(start_at__lt=agreement.end_at)
    if after is not None:
        rows = rows.filter(Q(end_at__isnull=True) | Q(end_at__gt=after))
    return rows
