"""Writing the file of an export from a frozen view: the ledger (Annexe F), or the prices (5-05)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from accounting.choices import ExportFormat, ExportKind
from accounting.domain import columns, vat_breakdown
from accounting.domain.columns import Column
from accounting.models.export import ExportRun
from accounting.selectors import export_rows as selectors
from catalog.exports.price_grid import write_price_grid
from winvest.core.domain.cells import BOM, csv_line
from winvest.core.files import sha256_of
from winvest.core.snapshot import snapshot
from winvest.core.writers.csv import write_csv
from winvest.core.writers.xlsx import xlsx_file

XLSX_BLOCK = 2000

VAT_HEADINGS = ("Société", "Période", "Sens", "Compte", "Taux TVA", "Base HT", "TVA")

_WIDTHS = {
    Column.DATE: 12,
    Column.COMPANY: 22,
    Column.PRODUCT: 22,
    Column.PARTNER: 22,
    Column.ENTRY_TYPE: 14,
    Column.ACCOUNT: 12,
    Column.JOURNAL: 10,
    Column.COST_CENTER: 16,
    Column.DEBIT: 14,
    Column.CREDIT: 14,
    Column.VAT: 14,
    Column.VAT_RATE: 10,
    Column.CONTRACT_REF: 38,
    Column.CLIENT_REF: 38,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file shows: its rows, its headings in both formats, its sheet."""

    rows: selectors.Rows
    csv_header: tuple[str, ...]
    xlsx_headings: tuple[str, ...]
    widths: tuple[int, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: its hash, its rows under the headings, the sums of its Debit and Credit."""

    sha256: str
    rows: int
    debit: Decimal | None = None
    credit: Decimal | None = None


def layout_of(export: ExportRun) -> Layout:
    """Return what the export's file shows; the `_TVA` file has no profile."""
    if export.kind == ExportKind.VAT:
        return Layout(
            selectors.vat_rows(company_id=export.company_id, month=export.period),
            vat_breakdown.HEADER,
            VAT_HEADINGS,
            (14,) * len(VAT_HEADINGS),
            "TVA",
        )
    profile = columns.PROFILES[export.profile]
    return Layout(
        selectors.entry_rows(company_id=export.company_id, month=export.period, profile=profile),
        profile.columns,
        profile.xlsx_headings,
        tuple(_WIDTHS[column] for column in profile.columns),
        "Écritures",
    )


def write_export(export: ExportRun, path: Path, advance: Callable[[int, int], None]) -> Written:
    """Write the whole file to `path` from one instant of the database.

    `advance(done, total)` is told how far it is and may raise to stop.
    """
    if export.priced_at is None:
        return _write_ledger(export, path, advance)
    grid = write_price_grid(
        path,
        company_id=export.company_id,
        at=export.priced_at,
        channel=export.channel,
        xlsx=export.format == ExportFormat.XLSX,
        advance=advance,
    )
    return Written(grid.sha256, grid.rows)


def _write_ledger(export: ExportRun, path: Path, advance: Callable[[int, int], None]) -> Written:
    layout = layout_of(export)
    with snapshot() as reader:
        totals = selectors.totals(reader, layout.rows)
        if export.format == ExportFormat.CSV:
            digest = write_csv(
                path,
                reader,
                layout.rows.text,
                layout.rows.params,
                header=(BOM + csv_line(layout.csv_header)).encode(),
                advance=lambda done: advance(done, totals.rows),
            )
        else:
            with (
                xlsx_file(
                    path, title=layout.title, headings=layout.xlsx_headings, widths=layout.widths
                ) as sheet,
                reader.cursor(name="export_rows") as cursor,
            ):
                cursor.itersize = XLSX_BLOCK
                for cells in cursor.execute(layout.rows.typed, layout.rows.params):
                    sheet.write(cells)
                    if sheet.rows % XLSX_BLOCK == 0:
                        advance(sheet.rows, totals.rows)
            digest = sha256_of(path)
    return Written(digest, totals.rows, totals.debit, totals.credit)
