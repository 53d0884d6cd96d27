"""The legal log as a CSV file, streamed, in constant memory (3.8-08)."""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from django.utils import timezone

from winvest.core import scoping
from winvest.core.domain.cells import BOM, csv_line, text_cell
from winvest.core.models.access import User
from winvest.core.models.audit import AuditEntry
from winvest.core.models.base import new_id
from winvest.core.selectors import audit
from winvest.core.selectors.keyset import read_page
from winvest.core.services.audit import record_export
from winvest.core.transaction import transaction

BLOCK = 1_000
FILE_NAME = "journal-audit.csv"
HEADER = (
    "N°",
    "Date",
    "Action",
    "Objet",
    "Désignation",
    "Enregistrement",
    "Société",
    "Auteur",
    "Rôles",
    "Requête",
    "Changements",
)


def export_audit(
    *,
    actor: User,
    rows: audit.Rows,
    companies: Collection[UUID],
    filters: Mapping[str, str],
) -> Iterator[bytes]:
    """Journalise the export in each of its companies, and return the blocks of the file.

    The caller has asked for the right `audit.export` in `companies`, of which `rows` are.
    """
    export = new_id()
    with transaction(actor):
        for company_id in sorted(companies):
            record_export(
                table=AuditEntry._meta.db_table,
                record_id=export,
                company_id=company_id,
                details={"event": "journal d'audit", "filters": dict(filters)},
            )
    return csv_blocks(rows, companies)


def csv_blocks(rows: audit.Rows, companies: Collection[UUID]) -> Iterator[bytes]:
    """Give the file block by block, newest entry first; each block is one statement by key.

    The names of rows are read in the scope of `companies`, opened for each block: what streams a
    response runs after the request's own scope has closed.
    """
    yield (BOM + csv_line(HEADER)).encode()
    cursor: str | None = None
    words = audit.Words()
    while True:
        with scoping.scope(companies):
            page = read_page(rows, audit.ORDERING, cursor=cursor, size=BLOCK, key=getattr)
            words.learn(page.rows)
            block = "".join(csv_line(_cells(entry, words)) for entry in page.rows)
        yield block.encode()
        cursor = page.next
        if cursor is None:
            return


def _cells(entry: AuditEntry, words: audit.Words) -> Iterator[str]:
    """Give the cells of an entry; texts that a spreadsheet would run are neutralised."""
    yield str(entry.id)
    yield timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M:%S")
    for text in (
        entry.get_action_display(),
        audit.table_name(entry.table),
        words.title(entry),
        str(entry.record_id),
        getattr(entry, "company_code", None) or "Groupe",
        audit.author(entry),
        audit.roles(entry),
        entry.request_id,
        words.sentence(entry),
    ):
        yield text_cell(text)
