"""Read model of the negotiated prices: plain values."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog.models import NegotiatedPrice
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

Rows = QuerySet[Any, Any]

NEGOTIATED = (
    "id",
    "company_id",
    "product_id",
    "plan_code",
    "client_ref",
    "contract_ref",
    "type",
    "tier_mode",
    "payload",
    "tax_included",
    "start_at",
    "end_at",
    "note",
)


def list_negotiated(access: Access, **filters: UUID) -> Rows:
    """Return the negotiated prices in scope where the user sees the whole catalogue.

    Filters: product, client_ref, contract_ref.
    """
    companies = access.companies(Action.CATALOG_VIEW_ALL)
    rows: Rows = NegotiatedPrice.objects.filter(company__in=companies, **filters)
    return rows.order_by().values(*NEGOTIATED)
