"""Turns the first sheet of a workbook into CSV, alone in a process that has limits.

Run by its path, without Django: `python -I xlsx_child.py SOURCE TARGET MAX_CELLS`. The exit code
says what was found; whatever it does not name (killed, out of memory, broken) is an unreadable file.
"""

import csv
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

DONE, TOO_LARGE, FORMULAS, ERRORS = 0, 3, 4, 5
CPU_SECONDS = 60
MEMORY = 1536 * 1024 * 1024
OUTPUT = 256 * 1024 * 1024
BLOCK = 1024 * 1024
_TAGS = re.compile(rb"<(?:\w+:)?([cf])[\s>/]")
# « #N/A » and the like: the library reads them as empty cells, which would empty the fields.
_ERRORS = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt=["']e["']""")


def main(source: str, target: str, max_cells: int) -> int:
    """Check the sheets, then write the first visible one."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cells, formulas, errors = _count(source, max_cells)
    if cells > max_cells:
        return TOO_LARGE
    if formulas or errors:
        return FORMULAS if formulas else ERRORS
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    with CalamineWorkbook.from_path(source) as workbook:
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        ]
        sheet = workbook.get_sheet_by_name(names[0])
        if sheet.total_height * sheet.total_width > max_cells:
            return TOO_LARGE
        _write(sheet.to_python(skip_empty_area=False), target)
    return DONE


def _count(source: str, max_cells: int) -> tuple[int, int, int]:
    """Count cells, formulas and errors by reading the sheets as bytes, and stop at the limit."""
    cells = formulas = errors = 0
    with zipfile.ZipFile(source) as archive:
        for entry in archive.infolist():
            if not entry.filename.startswith("xl/worksheets/"):
                continue
            with archive.open(entry) as sheet:
                for text in _whole_tags(sheet):
                    found = _TAGS.findall(text)
                    cells += found.count(b"c")
                    formulas += found.count(b"f")
                    errors += len(_ERRORS.findall(text))
                    if cells > max_cells:
                        return cells, formulas, errors
    return cells, formulas, errors


def _whole_tags(sheet: IO[bytes]) -> Iterator[bytes]:
    """Give the sheet by blocks; a tag cut in two comes whole with the next one."""
    rest = b""
    while block := sheet.read(BLOCK):
        text = rest + block
        cut = text.rfind(b"<")
        if cut < 0 or b">" in text[cut:]:
            cut = len(text)
        rest = text[cut:]
        yield text[:cut]


def _write(rows: list[list[Any]], target: str) -> None:
    width = 0
    with open(target, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - no import to spare
        writer = csv.writer(file, delimiter=";")
        for row in rows:
            cells = [_text(value) for value in row]
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            writer.writerow(cells)


def _text(value: Any) -> str:
    """Return a cell as the CSV of the same table has it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    except MemoryError:
        sys.exit(TOO_LARGE)
