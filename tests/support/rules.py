"""Read the worked tables of `docs/rules/`, so that the documents are the tests."""

import re
from decimal import Decimal
from pathlib import Path

RULES = Path(__file__).parents[2] / "docs" / "rules"

Row = dict[str, str]


def rows(document: str, heading: str) -> list[Row]:
    """Return the rows of the one table below `## heading` of `docs/rules/<document>.md`.

    A missing heading, no row, or a row with another number of cells is an error: a table that
    checks nothing must not pass.
    """
    text = (RULES / f"{document}.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if section is None:
        raise LookupError(f"{document}.md has no « {heading} »")
    table = [_cells(line) for line in section[1].splitlines() if line.startswith("|")]
    names, body = table[0], table[2:]
    if not body:
        raise LookupError(f"« {heading} » has no row")
    return [dict(zip(names, cells, strict=True)) for cells in body]


def case_id(row: Row) -> str:
    """Name a row in the test report."""
    return " ".join(cell for cell in row.values() if cell)


def number(text: str) -> Decimal:
    """Read a number written with a decimal comma."""
    return Decimal(text.replace(",", "."))


def numbers(text: str) -> list[Decimal]:
    """Read numbers separated by ` / `."""
    return [number(part) for part in text.split(" / ")]


def optional(text: str) -> Decimal | None:
    """Read a number that may be absent."""
    return number(text) if text else None


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
