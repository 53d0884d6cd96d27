"""Writing entries to the ledger: numbered from counter rows, inserted at once.

The database refuses what is not balanced, and any later change (`accounting.models.entry`).
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db import connection

from accounting.domain.entry import Line as DraftLine
from accounting.domain.entry import LineRole
from accounting.domain.outcome import Booking, Shown
from accounting.models import Entry, Line, Operation
from winvest.core.models.base import new_id

# One statement reserves the numbers of a journal and keeps the row until the commit: a rollback
# gives them back, so that no number is ever missing.
RESERVE = """
INSERT INTO accounting_counter (id, company_id, journal, year, last)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (company_id, journal, year)
DO UPDATE SET last = accounting_counter.last + EXCLUDED.last, updated_at = now()
RETURNING last
"""


def write_entries(company_id: UUID, booked: Iterable[tuple[Operation, Booking]]) -> None:
    """Number and insert the entries of these operations, inside the caller's transaction."""
    entries: list[Entry] = []
    lines: list[Line] = []
    for operation, booking in booked:
        for draft in booking.entries:
            entry = Entry(
                company_id=company_id,
                operation=operation,
                journal=booking.shown.journal(draft.journal),
                year=operation.accounting_date.year,
                date=operation.accounting_date,
                type=draft.entry_type.value,
                label=draft.label,
                line_count=len(draft.lines),
            )
            entries.append(entry)
            lines += [
                _line(entry, position, line, booking.shown)
                for position, line in enumerate(draft.lines, start=1)
            ]
    _number(company_id, entries)
    Entry.objects.bulk_create(entries)
    Line.objects.bulk_create(lines)


def _number(company_id: UUID, entries: Iterable[Entry]) -> None:
    """Give each entry the next number of its journal and year, counters taken in one order."""
    wanted = Counter((entry.journal, entry.year) for entry in entries)
    following = {}
    with connection.cursor() as cursor:
        for (journal, year), count in sorted(wanted.items()):
            cursor.execute(RESERVE, [new_id(), company_id, journal, year, count])
            (last,) = cursor.fetchone()
            following[journal, year] = last - count + 1
    for entry in entries:
        entry.number = following[entry.journal, entry.year]
        following[entry.journal, entry.year] += 1


def _line(entry: Entry, position: int, draft: DraftLine, shown: Shown) -> Line:
    line = Line(
        company_id=entry.company_id,
        entry=entry,
        position=position,
        role=draft.role.value,
        account=draft.account,
        auxiliary=draft.auxiliary,
        debit=draft.debit,
        credit=draft.credit,
    )
    if draft.role in (LineRole.MAIN, LineRole.VAT):
        line.tax_code = shown.tax_code
        line.tax_rate = draft.vat_rate or Decimal(0)
        line.tax_base = draft.vat_base
    if draft.role is LineRole.MAIN:
        line.product_label = shown.product_label
        line.partner_label = shown.partner_label
        line.cost_center = shown.cost_center
        line.tax_amount = draft.vat_amount
        line.tax_base = draft.debit + draft.credit
    elif draft.role is LineRole.VAT:
        line.tax_amount = draft.debit + draft.credit
    return line
