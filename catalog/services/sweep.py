"""Applying the moves of products whose date has come, missed runs included (M-06)."""

import logging
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.db import DatabaseError
from django.db import transaction as django_transaction

from catalog.choices import TransitionState
from catalog.models import Product, ProductTransition
from catalog.services.life_tellings import tell_failed, tell_move
from catalog.services.lifecycle import apply_move
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.errors import DomainError
from winvest.core.transaction import transaction

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Swept:
    """What a run did: one line of words for each move."""

    applied: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def apply_due_moves() -> Swept:
    """Apply every planned move whose date has come, each product's in the order of their dates.

    Each move is a transaction, audited under whoever decided it. One that the graph or the rules
    refuse by then fails with its reasons, is told, and never tried again; the moves after it are.
    Where the database does not answer, the product waits whole for the next run.
    """
    swept = Swept()
    waiting: set[UUID] = set()
    with scoping.everything():
        due = ProductTransition.objects.filter(state=TransitionState.PLANNED, due_at__lte=now())
        for pk, product_id in list(due.order_by("due_at", "id").values_list("pk", "product_id")):
            if product_id in waiting:
                continue
            try:
                _settle(pk, swept)
            except DatabaseError:
                logger.exception("transition %s: the database refused it", pk)
                waiting.add(product_id)
                swept.failed.append(f"{pk} : la base de données n'a pas répondu, à reprendre.")
    return swept


def _settle(pk: UUID, swept: Swept) -> None:
    """Apply one move, or keep why it failed; one that another run has settled is left."""
    found = ProductTransition.objects.select_related("decided_by").get(pk=pk)
    with transaction(found.decided_by, found.company_id):
        product = Product.objects.select_for_update(of=("self",)).get(pk=found.product_id)
        move = ProductTransition.objects.select_for_update(of=("self",)).get(pk=pk)
        if move.state != TransitionState.PLANNED:
            return
        move.product = product
        try:
            with django_transaction.atomic():
                apply_move(product, move)
        except DomainError as error:
            tell_failed(product=product, move=_fail(pk, error))
            swept.failed.append(f"{move} : {' '.join(one.message for one in error.reasons)}")
            logger.warning("transition %s failed: %s", pk, error.code)
        else:
            tell_move(product=product, move=move)
            swept.applied.append(f"{move}, prévue le {move.due_at:%Y-%m-%dT%H:%M:%SZ}")


def _fail(pk: UUID, error: DomainError) -> ProductTransition:
    move: ProductTransition = ProductTransition.objects.get(pk=pk)
    move.state, move.settled_at = TransitionState.FAILED, now()
    move.problems = [asdict(reason) for reason in error.reasons]
    move.save()
    return move
