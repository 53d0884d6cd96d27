"""Lists written as files that can be imported again: the same columns, the same words (3.7-08)."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg import sql

from winvest.core.domain.tables import TEXT_MARK
from winvest.core.files import sha256_of
from winvest.core.models.access import User
from winvest.core.models.base import new_id
from winvest.core.resources import TEXT, RowResource
from winvest.core.services.audit import record_export
from winvest.core.transaction import transaction
from winvest.core.writers.csv import write_csv
from winvest.core.writers.xlsx import xlsx_file

BOM = "\ufeff"
WIDTH = 22
BLOCK = 2_000


def write_rows(resource: RowResource, rows: models.QuerySet[Any], path: Path, *, xlsx: bool) -> str:
    """Write the rows to `path`, in their order; return the file's SHA-256.

    A text that a spreadsheet would run as a formula has the mark before it, in both formats.
    """
    headings = [column.heading for column in resource.columns]
    cells = {
        f"cell_{number}": column.expression() if column.widget.signed else _shielded(column)
        for number, column in enumerate(resource.columns)
    }
    shown = rows.annotate(**cells).values_list(*cells)
    if xlsx:
        title = str(resource.target.label)
        widths = [WIDTH] * len(headings)
        with xlsx_file(path, title=title, headings=headings, widths=widths) as sheet:
            for row in shown.iterator(chunk_size=BLOCK):
                sheet.write(row)
        return sha256_of(path)
    text, params = shown.query.sql_with_params()
    connection.ensure_connection()
    return write_csv(
        path,
        connection.connection,
        sql.SQL(text),
        params,
        header=(BOM + ";".join(headings) + "\r\n").encode(),
        advance=lambda _: None,
    )


def journalise_list(
    *, actor: User, companies: frozenset[UUID], table: str, details: dict[str, object]
) -> None:
    """Write in the log of each company that its rows have left as a file."""
    record = new_id()
    for company_id in sorted(companies):
        with transaction(actor, company_id):
            record_export(
                table=table,
                record_id=record,
                company_id=company_id,
                details={"event": "list_exported", **details},
            )


def _shielded(column: Any) -> models.Func:
    return models.Func(
        column.expression(),
        models.Value(r"^([=+@\t\r-])"),
        models.Value(rf"{TEXT_MARK}\1"),
        function="regexp_replace",
        output_field=TEXT,
    )
