"""The report of an import: one line per row, one more per error, in the order of the file."""

import csv
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winvest.core.domain.tables import TableError, shielded
from winvest.core.readers.csv import Table
from winvest.core.services.row_checks import Fate, Verdict

HEADINGS = ("Ligne", "Fiche", "Résultat", "Colonne", "Valeur", "Code", "Message")
SHOWN_ERRORS = 200
TO_DO = {
    Fate.CREATE: "À créer",
    Fate.CHANGE: "À modifier",
    Fate.SAME: "Inchangée",
    Fate.REFUSED: "Refusée",
}
DONE = TO_DO | {Fate.CREATE: "Créée", Fate.CHANGE: "Modifiée"}
_Line = tuple[int, str, str, str, str, str, str]


@dataclass(slots=True)
class Report:
    """What was found: counts of rows by fate, and the lines of the file to download."""

    rows: int = 0
    lines: list[_Line] = field(default_factory=list)
    errors: list[TableError] = field(default_factory=list)
    _fates: dict[int, tuple[Fate, str, list[str]]] = field(default_factory=dict)

    def keep(self, verdict: Verdict) -> None:
        """Take the verdict on one row."""
        self.rows += 1
        self._fates[verdict.line] = (verdict.fate, verdict.label, verdict.changed)
        self.errors += verdict.errors

    def refuse(self, errors: Iterable[TableError]) -> None:
        """Take errors found after the rows were judged."""
        self.errors += errors

    def counts(self) -> dict[str, int]:
        """Return how many rows are created, changed, left and refused."""
        refused = {found.line for found in self.errors}
        fates = Counter(fate for line, (fate, *_) in self._fates.items() if line not in refused)
        return {
            "rows": self.rows,
            "to_create": fates[Fate.CREATE],
            "to_change": fates[Fate.CHANGE],
            "unchanged": fates[Fate.SAME],
            "refused": self.rows - fates[Fate.CREATE] - fates[Fate.CHANGE] - fates[Fate.SAME],
        }

    def shown(self) -> list[dict[str, Any]]:
        """Return the first errors, for the page."""
        return [
            {
                "line": found.line,
                "column": found.column,
                "value": found.value,
                "code": found.code,
                "message": found.message,
            }
            for found in self.sorted_errors()[:SHOWN_ERRORS]
        ]

    def shown_changes(self) -> list[dict[str, Any]]:
        """Return the first changes, for the page of an import that tells them one by one."""
        return []

    def change_count(self) -> int:
        """Return how many changes there are to tell."""
        return 0

    def sorted_errors(self) -> list[TableError]:
        """Return the errors in the order of the file."""
        return sorted(self.errors, key=lambda found: found.line)

    def write(self, path: Path, *, imported: bool) -> None:
        """Write the report as CSV, on the disk when it returns; `imported`: it is done."""
        refused = {found.line for found in self.errors}
        rows: list[_Line] = [
            (
                found.line,
                self._label(found.line),
                TO_DO[Fate.REFUSED],
                found.column,
                found.value,
                found.code,
                found.message,
            )
            for found in self.errors
        ]
        rows += [
            (line, label, DONE[fate] if imported else TO_DO[fate], ", ".join(changed), "", "", "")
            for line, (fate, label, changed) in self._fates.items()
            if line not in refused
        ]
        rows.sort(key=lambda row: row[0])
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADINGS)
            writer.writerows([line, *map(shielded, cells)] for line, *cells in rows)
            file.flush()
            os.fsync(file.fileno())

    def _label(self, line: int) -> str:
        _, label, _ = self._fates.get(line, (Fate.REFUSED, "", []))
        return label


def with_values(errors: list[TableError], table: Table) -> list[TableError]:
    """Return the errors with the cells of their line, read again from the file."""
    wanted = {found.line for found in errors}
    cells = {
        number: dict(zip(table.headings, row, strict=False))
        for number, row in table
        if number in wanted
    }
    return [
        TableError(
            found.line,
            found.column,
            ", ".join(
                cell[:200]
                for heading in found.column.split(", ")
                if (cell := cells.get(found.line, {}).get(heading, ""))
            ),
            found.code,
            found.message,
        )
        for found in errors
    ]
