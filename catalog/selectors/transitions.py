"""Read model of the moves of a product: plain values."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from catalog.models import ProductTransition

Rows = QuerySet[Any, Any]

TRANSITION = (
    *("id", "product_id", "from_status", "to_status", "due_at", "reason", "state"),
    *("settled_at", "problems", "replacement_id", "renewals_allowed", "exit_note", "created_at"),
)


def transition_rows(product_id: UUID) -> Rows:
    """Return the moves of a product in scope, made and to come, by their date."""
    rows: Rows = ProductTransition.objects.filter(product=product_id).annotate(
        decided_by_email=F("decided_by__email"), cancelled_by_email=F("cancelled_by__email")
    )
    return rows.order_by().values(*TRANSITION, "decided_by_email", "cancelled_by_email")
