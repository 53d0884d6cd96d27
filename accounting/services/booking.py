"""Booking: a batch's look-ups, the fields an operation takes, and the taking up of parked ones."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from accounting.choices import OperationState
from accounting.domain.booking import plan_booking
from accounting.domain.books import CompanyBook, EarlierOperation, KnownProduct
from accounting.domain.operation_body import Told, read_operation
from accounting.domain.outcome import Booking
from accounting.models import Operation
from accounting.selectors.accounts import read_book
from accounting.selectors.earlier import Bearing, read_earlier
from accounting.selectors.products import read_products
from accounting.services.entries import write_entries
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.errors import Invalid, Reason
from winvest.core.models import User
from winvest.core.transaction import transaction

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Desk:
    """What a company's operations are booked with, read once for a batch."""

    book: CompanyBook
    products: dict[str, KnownProduct]

    def plan(self, told: Told, earlier: EarlierOperation | None = None) -> Booking:
        """Return what becomes of an operation."""
        product = self.products.get(told.sku)
        return plan_booking(told, self.book, product=product, earlier=earlier)


def open_desk(company_id: UUID, batch: Iterable[Told]) -> Desk:
    """Read what the operations of a batch need; the scope must be that company alone."""
    return Desk(read_book(company_id), read_products(company_id, (told.sku for told in batch)))


def settle(operation: Operation, booking: Booking, at: datetime) -> None:
    """Set on `operation`, unsaved, what its booking found."""
    operation.state = OperationState.PARKED if booking.reasons else OperationState.BOOKED
    operation.reasons = plain_reasons(booking.reasons)
    operation.flags = plain_reasons(booking.flags)
    operation.product_version_id = booking.version_id
    operation.plan_id = booking.plan_id
    operation.tax_code = booking.shown.tax_code
    operation.vat_regime = booking.facts.vat_regime.value if booking.facts else ""
    operation.booked_at = None if booking.reasons else at
    operation.entry_count = len(booking.entries)


def plain_reasons(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """Return reasons as they are kept: code, French message, path."""
    return [asdict(reason) for reason in reasons]


def book_parked_operations(
    *, actor: User | None = None, company_id: UUID, sku: str = "", limit: int | None = None
) -> int:
    """Book the parked operations of a company (of one product) that lack nothing any more.

    Returns how many were booked. Each chunk is a transaction; what still waits keeps its reasons
    up to date. `limit` bounds how many are looked at: the sweeper takes the rest.
    """
    parked = Operation.objects.filter(company=company_id, state=OperationState.PARKED)
    if sku:
        parked = parked.filter(sku=sku)
    booked = 0
    with scoping.scope({company_id}):
        # As they were told: keys made in the same millisecond have no order.
        told = parked.order_by("created_at", "pk")
        keys = list(told.values_list("pk", flat=True)[:limit])
        for start in range(0, len(keys), CHUNK):
            with transaction(actor, company_id):
                booked += _book_rows(company_id, keys[start : start + CHUNK])
    return booked


def book_all_parked() -> int:
    """Sweep the parked operations of every company; returns how many were booked."""
    with scoping.everything():
        companies = list(
            Operation.objects.filter(state=OperationState.PARKED)
            .order_by("company")
            .values_list("company", flat=True)
            .distinct()
        )
    return sum(book_parked_operations(company_id=company_id) for company_id in companies)


def _book_rows(company_id: UUID, keys: list[UUID]) -> int:
    rows = _lock_with_originals(keys)
    waiting = [row for key in keys if (row := rows[key]).state == OperationState.PARKED]
    told = {row.pk: read_operation(row.body, at=row.occurred_at) for row in waiting}
    desk = open_desk(company_id, told.values())
    return sum(_book_row(desk, row, told[row.pk], rows) for row in waiting)


def _lock_with_originals(keys: list[UUID]) -> dict[UUID, Operation]:
    """Lock operations and what they bear on, by key, before any counter is taken."""
    bearing = Operation.objects.filter(pk__in=keys).values_list("reverses_id", "collects_id")
    wanted = {*keys, *chain.from_iterable(bearing)} - {None}
    rows = Operation.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    return {row.pk: row for row in rows}


def _book_row(desk: Desk, row: Operation, told: Told, rows: dict[UUID, Operation]) -> bool:
    original_id = row.reverses_id or row.collects_id
    earlier = None
    if original_id is not None:
        bearing = Bearing(
            row=rows[original_id], collects=row.collects_id is not None, before=row.created_at
        )
        earlier = read_earlier([bearing])[original_id]
    try:
        booking = desk.plan(told, earlier)
    except Invalid as error:
        # It was sound when it came; what changed since is told instead of its first reasons.
        booking = Booking(sku=row.sku, reasons=list(error.reasons))
    if booking.reasons and plain_reasons(booking.reasons) == row.reasons:
        return False
    settle(row, booking, now())
    row.save()
    write_entries(row.company_id, [(row, booking)])
    return row.state == OperationState.BOOKED
