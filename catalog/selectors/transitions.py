"""Read model of the moves of a product: plain values."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from catalog.choices import TransitionState
from catalog.domain.eligibility import STOPPED, Stop
from catalog.domain.lifecycle import LifecycleStatus
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


def stop_of(product_id: UUID, status: LifecycleStatus, *, at: datetime) -> Stop | None:
    """Return the move that stopped the sale of a product, None where it was not stopped by one.

    The product may be another company's: who may ask its price is told why he gets none.
    """
    if status not in STOPPED:
        return None
    moves = ProductTransition._base_manager.filter(
        product=product_id,
        to_status=status,
        due_at__lte=at,
        state__in=(TransitionState.APPLIED, TransitionState.PLANNED),
    )
    found = moves.order_by("-due_at").values_list("due_at", "reason", "company__timezone").first()
    if found is None:
        return None
    due_at, reason, zone = found
    return Stop(status, due_at.astimezone(ZoneInfo(zone)), reason)
