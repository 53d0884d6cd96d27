"""What every import begins and ends with: its file, its rights, its report (§9)."""

from collections.abc import Collection
from pathlib import Path

from winvest.core import files, permissions
from winvest.core.choices import ImportState
from winvest.core.domain.tables import ImportProblem
from winvest.core.errors import Conflict, Forbidden
from winvest.core.jobs import Attempt, JobProblem, JobStopped
from winvest.core.models.imports import ImportRun
from winvest.core.readers.csv import Table, read_csv
from winvest.core.readers.xlsx import is_xlsx, to_csv
from winvest.core.services.import_report import Report


def open_table(run: ImportRun, place: Path, known: Collection[str]) -> Table:
    """Copy the stored file aside and open it as a table; `Unreadable` for what is none.

    `known` are the headings that decide of the separator of a CSV.
    """
    source = place / "source"
    try:
        with run.file.storage.open(str(run.file)) as stored, source.open("wb") as copy:
            for block in stored.chunks():
                copy.write(block)
    except FileNotFoundError as found:
        raise Conflict(ImportProblem.FILE_MISSING) from found
    if files.sha256_of(source) != run.sha256:
        raise Conflict(ImportProblem.FILE_CHANGED)
    if is_xlsx(source):
        to_csv(source, place / "table.csv")
        source = place / "table.csv"
    return read_csv(source, known)


def check_rights(attempt: Attempt) -> None:
    """Refuse to write under other rights than those that each row was judged by."""
    if attempt.actor is None:
        raise JobStopped
    judged, held = permissions.access_of(attempt.actor), permissions.read_again(attempt.actor)
    company = attempt.company_id
    if (judged.roles(company), judged.limits.get(company)) != (
        held.roles(company),
        held.limits.get(company),
    ):
        raise Forbidden(JobProblem.RIGHTS_CHANGED)


def conclude(run: ImportRun, report: Report, place: Path, attempt: Attempt) -> None:
    """Store the report, then write what was found and the job's end together."""
    path = place / "rapport.csv"
    report.write(path, imported=run.state == ImportState.IMPORTED and not report.errors)
    before = str(run.report)
    stored = files.store(run.file.storage, f"imports/{run.pk}/rapport.csv", path)
    try:
        with attempt.completing():
            if report.errors:
                run.state, run.imported_at = ImportState.REFUSED, None
            elif run.state != ImportState.IMPORTED:
                run.state = ImportState.READY
            for name, value in report.counts().items():
                setattr(run, name, value)
            run.problems, run.error_count = report.shown(), len(report.errors)
            run.changes, run.change_count = report.shown_changes(), report.change_count()
            run.report.name = stored
            run.save()
    except BaseException:
        run.file.storage.delete(stored)
        raise
    if before:
        run.file.storage.delete(before)
