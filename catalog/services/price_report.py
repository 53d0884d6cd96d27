"""The report of a price grid that came back: old and new price of each line that changes."""

import csv
import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalog.domain.price_changes import Change
from winvest.core.domain.tables import shielded
from winvest.core.services.import_report import SHOWN_ERRORS, TO_DO, Report
from winvest.core.services.row_checks import Fate

HEADINGS = (
    *("Ligne", "Tarif", "Résultat", "Colonne", "Ancien", "Nouveau", "Écart", "Écart (%)"),
    *("Version", "Valeur", "Code", "Message"),
)
TENTH = Decimal("0.1")
PREPARED, WAITING = "Préparée", "À préparer"


@dataclass(frozen=True, slots=True)
class Told:
    """What a line changes, what is said of the version that takes it, and what is doubtful."""

    changes: list[Change]
    version: str
    warning: str = ""


@dataclass(slots=True)
class PriceReport(Report):
    """The fates of the lines, what each changes, and how many versions are made."""

    versions: int = 0
    told: dict[int, Told] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Return how many lines change, stay and are refused, and how many versions are made."""
        return {**Report.counts(self), "to_create": self.versions}

    def shown_changes(self) -> list[dict[str, Any]]:
        """Return the first changes, for the page."""
        return [
            {
                "line": line,
                "label": self._label(line),
                "column": change.column.value,
                "before": _with_unit(in_words(change.before), change.unit),
                "after": _with_unit(in_words(change.after), change.unit),
                "gap": _with_unit(gap(change), change.unit),
                "percent": percent(change),
                "version": self.told[line].version,
                # Once for a line, whatever it changes.
                "warning": self.told[line].warning if change is self.told[line].changes[0] else "",
            }
            for line, change in self._changes()[:SHOWN_ERRORS]
        ]

    def change_count(self) -> int:
        """Return how many values change."""
        return len(self._changes())

    def write(self, path: Path, *, imported: bool) -> None:
        """Write the report as CSV, on the disk when it returns; `imported`: it is done."""
        refused = {found.line for found in self.errors}
        rows: list[tuple[Any, ...]] = [
            (
                *(found.line, self._label(found.line), TO_DO[Fate.REFUSED], found.column),
                *("", "", "", "", "", found.value, found.code, found.message),
            )
            for found in self.errors
        ]
        for line, (fate, label, _) in self._fates.items():
            if line in refused:
                continue
            told = self.told.get(line, Told([], ""))
            done = PREPARED if imported else WAITING
            fate_told = done if fate is Fate.CHANGE else TO_DO[fate]
            rows += [
                (
                    *(line, label, fate_told, change.column.value, in_words(change.before)),
                    *(in_words(change.after), gap(change), percent(change), told.version),
                    *("", "", told.warning if rank == 0 else ""),
                )
                for rank, change in enumerate(told.changes)
            ] or [(line, label, fate_told, *[""] * 9)]
        rows.sort(key=lambda row: row[0])
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADINGS)
            for line, *cells in rows:
                # A gap is a number with its sign, not a formula.
                writer.writerow(
                    [
                        line,
                        *(cell if n in (5, 6) else shielded(cell) for n, cell in enumerate(cells)),
                    ]
                )
            file.flush()
            os.fsync(file.fileno())

    def _changes(self) -> list[tuple[int, Change]]:
        refused = {found.line for found in self.errors}
        return [
            (line, change)
            for line in sorted(self.told)
            if line not in refused
            for change in self.told[line].changes
        ]


def in_words(value: Decimal | None) -> str:
    """Write a value with all its decimals, two at least."""
    if value is None:
        return ""
    plain = value.normalize()
    places = max(2, -int(plain.as_tuple().exponent))
    return f"{plain:.{places}f}".replace(".", ",")


def _with_unit(text: str, unit: str) -> str:
    sign = "€" if unit == "EUR" else unit
    return f"{text} {sign}".strip() if text else ""


def gap(change: Change) -> str:
    """Return the difference with its sign, nothing where one side is empty."""
    if change.before is None or change.after is None:
        return ""
    difference = change.after - change.before
    return ("+" if difference > 0 else "") + in_words(difference)


def percent(change: Change) -> str:
    """Return the difference in percent of the old value, to a tenth."""
    if change.after is None or not change.before:
        return ""
    share = ((change.after - change.before) * 100 / change.before).quantize(TENTH)
    return f"{share:+f} %".replace(".", ",")
