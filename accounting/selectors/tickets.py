"""The tickets that sales ask of logistics (§3.6, 3.6-10), as the logistics module reads them.

A sale never changes, nor does the version that it sold: the ticket is worked out of both, and is
the same each time it is read.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounting.choices import OperationKind
from accounting.models import Operation
from catalog.choices import Channel
from catalog.domain.tickets import fill
from catalog.models import VersionLogistics

LOGISTICS = (
    *("delivery", "delivery_days", "stock_managed", "stock_reference"),
    *("ticket_title", "ticket_body"),
)
SALE = (
    *("id", "company_id", "sku", "quantity", "channel", "contract_ref", "client_ref"),
    *("occurred_at", "created_at", "product_version_id"),
)


def list_tickets(
    *, company: UUID | None = None, sku: str = "", since: datetime | None = None
) -> QuerySet[Any, Any]:
    """Return the sales in scope whose version asks for a ticket; `since` they were received.

    A sale of which no version is known yet asks for none until it is.
    """
    asking = VersionLogistics._base_manager.filter(
        ~Q(ticket_title=""), product_version=OuterRef("product_version")
    )
    cancelled = Operation._base_manager.filter(
        reverses=OuterRef("pk"), kind=OperationKind.CANCELLATION
    )
    rows = Operation.objects.filter(Exists(asking), kind=OperationKind.SALE)
    if company:
        rows = rows.filter(company_id=company)
    if sku:
        rows = rows.filter(sku=sku)
    if since:
        rows = rows.filter(created_at__gte=since)
    version = "product_version"
    return rows.values(
        *SALE,
        cancelled=Exists(cancelled),
        product_name=F(f"{version}__product__name"),
        plan_name=F("plan__name"),
        company_name=F("company__brand_name"),
        **{name: F(f"{version}__logistics__{name}") for name in LOGISTICS},
    )


def ticket_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return the ticket of a sale: its words in the template, and what is to deliver."""
    quantity = f"{row['quantity'].normalize():f}"
    channel = row["channel"]
    words = {
        "produit": row["product_name"],
        "sku": row["sku"],
        "formule": row["plan_name"] or "",
        "quantite": quantity.replace(".", ","),
        "societe": row["company_name"] or "",
        "canal": str(Channel(channel).label) if channel else "",
        "contrat": str(row["contract_ref"] or ""),
        "client": str(row["client_ref"] or ""),
    }
    kept = ("id", "company_id", "sku", "channel", "contract_ref", "client_ref", "occurred_at")
    return {
        **{name: row[name] for name in kept},
        "received_at": row["created_at"],
        "version_id": row["product_version_id"],
        "quantity": quantity,
        "title": fill(row["ticket_title"], words),
        "body": fill(row["ticket_body"], words),
        **{name: row[name] for name in LOGISTICS[:4]},
        "cancelled": row["cancelled"],
    }
