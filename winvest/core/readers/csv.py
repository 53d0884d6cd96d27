"""CSV as people bring it: UTF-8, `;` or `,`, read twice without keeping it in memory.

The first reading finds what makes the file unreadable; the second gives its rows.
"""

import codecs
import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from winvest.core.domain.tables import (
    MAX_ROWS,
    TableError,
    TableProblem,
    choose_delimiter,
    error,
)
from winvest.core.errors import Invalid

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FIRST_LINE = 64 * 1024


class Unreadable(Invalid):
    """The whole file is refused; `reason` says where and why."""

    def __init__(self, reason: TableError) -> None:
        """Keep the place."""
        super().__init__(TableProblem.EMPTY)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Table:
    """A readable CSV file: its headings, and how many rows stand below them."""

    path: Path
    delimiter: str
    headings: list[str]
    rows: int

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row that is not empty with its number; the headings stand in row 1."""
        records = _records(self.path, self.delimiter)
        next(records)
        for number, cells in records:
            if any(cells):
                yield number, cells


def read_csv(path: Path, known: Collection[str]) -> Table:
    """Read the file once; raise `Unreadable` at what makes it no CSV of UTF-8.

    `known` are the headings that decide between `;` and `,`.
    """
    delimiter = choose_delimiter(_first_line(path), known)
    headings: list[str] | None = None
    rows = 0
    for _, cells in _records(path, delimiter):
        if headings is None:
            headings = [cell.strip() for cell in cells]
        else:
            rows += any(cells)
        if rows > MAX_ROWS:
            raise Unreadable(error(TableProblem.TOO_MANY_ROWS, line=rows, limit=MAX_ROWS))
    if not headings or not any(headings):
        raise Unreadable(error(TableProblem.EMPTY))
    return Table(path, delimiter, headings, rows)


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_FIRST_LINE)
    if start.startswith(_UTF_16):
        raise Unreadable(error(TableProblem.NOT_UTF8))
    return start.decode("utf-8-sig", "replace").partition("\n")[0]


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record with its row in a spreadsheet."""
    number = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader: Any = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for number, cells in enumerate(reader, start=1):
                yield number, cells
        except UnicodeDecodeError as found:
            raise Unreadable(error(TableProblem.NOT_UTF8, line=number + 1)) from found
        except csv.Error as found:
            reason = "une cellule est trop longue ou un guillemet n'est pas fermé"
            raise Unreadable(error(TableProblem.NOT_CSV, line=number + 1, reason=reason)) from found
