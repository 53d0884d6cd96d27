"""XLSX in constant memory: real dates and numbers, texts that nothing runs as a formula."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = date | Decimal | int | str

# Rows under the headings of one sheet: Excel has 1,048,576 in all.
ROWS_PER_SHEET = 1_048_575

# Codes are stored in the American notation: a French Excel shows 1 234,50 and, for zero, 0.
AMOUNT_FORMAT = "#,##0.00;-#,##0.00;0"
DATE_FORMAT = "dd/mm/yyyy"

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@dataclass(slots=True)
class SheetWriter:
    """Writes rows one after the other, on a new sheet whenever one is full."""

    workbook: Workbook
    title: str
    headings: Sequence[str]
    widths: Sequence[int]
    rows_per_sheet: int
    formats: Mapping[int, str]
    rows: int = 0
    _sheet: Worksheet = field(init=False)
    _heading: Format = field(init=False)
    _amount: Format = field(init=False)
    _own: dict[int, Format] = field(init=False)
    _date: Format = field(init=False)

    def __post_init__(self) -> None:
        """Declare the formats and open the first sheet, so that no row is still a file."""
        self._heading = self.workbook.add_format({"bold": True, "bottom": 1})
        self._amount = self.workbook.add_format({"num_format": AMOUNT_FORMAT})
        self._date = self.workbook.add_format({"num_format": DATE_FORMAT})
        self._own = {
            column: self.workbook.add_format({"num_format": code})
            for column, code in self.formats.items()
        }
        self._open_sheet(self.title)

    def write(self, cells: Iterable[Cell | None]) -> None:
        """Write one row: dates as dates, numbers as numbers, everything else as text."""
        if self.rows and self.rows % self.rows_per_sheet == 0:
            self._open_sheet(f"{self.title} {self.rows // self.rows_per_sheet + 1}")
        row = self.rows % self.rows_per_sheet + 1
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                form = self._own.get(column, self._amount)
                self._sheet.write_number(row, column, float(cell), form)
            elif isinstance(cell, int):
                self._sheet.write_number(row, column, cell)
            elif isinstance(cell, date):
                self._sheet.write_datetime(row, column, cell, self._date)
            elif cell:
                self._sheet.write_string(row, column, cell)
        self.rows += 1

    def _open_sheet(self, name: str) -> None:
        self._sheet = self.workbook.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        # Accounts and rates are texts on purpose: no green corner on each of them.
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for column, width in enumerate(self.widths):
            self._sheet.set_column(column, column, width)
        for column, heading in enumerate(self.headings):
            self._sheet.write_string(0, column, heading, self._heading)


@contextmanager
def xlsx_file(
    path: Path,
    *,
    title: str,
    headings: Sequence[str],
    widths: Sequence[int],
    rows_per_sheet: int = ROWS_PER_SHEET,
    formats: Mapping[int, str] | None = None,
) -> Iterator[SheetWriter]:
    """Open a workbook with a bold, frozen row of headings; it is complete after the block.

    `formats` gives the number format of the decimals of a column, by its place.
    Temporary files lie beside `path`. When the block raises, nothing is assembled.
    """
    workbook = Workbook(str(path), _OPTIONS | {"tmpdir": str(path.parent)})
    workbook.use_zip64()
    try:
        yield SheetWriter(workbook, title, headings, widths, rows_per_sheet, formats or {})
    except BaseException:
        for sheet in workbook.worksheets():
            sheet._opt_close()  # the library has no other way to let go of its temporary file
        raise
    workbook.close()
