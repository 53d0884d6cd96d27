"""Cells of the CSV files that people open in a spreadsheet (Annexe F)."""

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff"
LINE_END = "\r\n"
DELIMITER = ";"
# What a spreadsheet would run as a formula, and the mark that makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
TEXT_MARK = "'"


def text_cell(text: str) -> str:
    """Return a text that no spreadsheet runs: what begins like a formula gets a leading `'`."""
    return TEXT_MARK + text if text.startswith(FORMULA_STARTS) else text


def csv_line(values: Iterable[str]) -> str:
    """Join cells with `;`, quoted only where needed, ended by CRLF."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=DELIMITER, lineterminator=LINE_END).writerow(values)
    return buffer.getvalue()
