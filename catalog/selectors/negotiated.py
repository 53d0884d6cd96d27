"""Read model of the negotiated prices: plain values."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.models import NegotiatedPrice
from catalog.selectors.moments import states_known
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


def list_negotiated(
    access: Access,
    *,
    at: datetime | None = None,
    known_at: datetime | None = None,
    **filters: UUID,
) -> Rows:
    """Return the negotiated prices in scope where the user sees the whole catalogue.

    Filters: product, client_ref, contract_ref. `at` keeps those that run then; `known_at` answers with what the database knew then.
    """
    companies = access.companies(Action.CATALOG_VIEW_ALL)
    known: Any = (
        states_known(NegotiatedPrice.history, known_at) if known_at else NegotiatedPrice.objects
    )
    rows: Rows = known.filter(company__in=companies, **filters)
    if at is not None:
        rows = rows.filter(Q(end_at__isnull=True) | Q(end_at__gt=at), start_at__lte=at)
    return rows.order_by().values(*NEGOTIATED)
