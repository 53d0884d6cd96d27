"""The work of an import: check the stored file, then write its rows whole or not at all (§9).

The real import checks the same file again and writes everything in one transaction; what changed
meanwhile and makes a row wrong refuses the file.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.core.files.storage import Storage
from django.db import IntegrityError

from winvest.core import files, permissions
from winvest.core.choices import ImportState
from winvest.core.clock import now
from winvest.core.domain.tables import ImportProblem, TableError, check_headings, error
from winvest.core.jobs import Attempt, JobStopped
from winvest.core.models.imports import ImportRun
from winvest.core.readers.csv import Table, Unreadable
from winvest.core.resources import RowResource, resource_of
from winvest.core.services.import_end import check_rights, conclude, open_table
from winvest.core.services.import_report import Report, with_values
from winvest.core.services.row_checks import Fate, RowChecker
from winvest.core.services.staging import Staging, Violation
from winvest.core.transaction import transaction

BATCH = 2_000
# The checks take about half of the time, the writing the other half.
CHECKED = 50


def run_import(attempt: Attempt) -> None:
    """Check the file of a run; when the job is its import, write the rows too.

    A killed attempt leaves nothing: the rows and the end of the job are one transaction.
    """
    run = ImportRun.objects.select_related("company", "check_job", "import_job").get(
        pk=attempt.object_id
    )
    is_import = run.import_job_id == attempt.job_id
    storage: Storage = run.file.storage
    resource = resource_of(run.target)(run.company, attempt.actor)
    staging = Staging(resource.model)
    with files.staging(storage, str(run.pk), attempt.number) as place:
        staging.open()
        try:
            report = Report()
            table = _check(run, resource, staging, report, place, attempt)
            if is_import and table is not None and not report.errors:
                _write(run, resource, staging, report, table, place, attempt)
            else:
                conclude(run, report, place, attempt)
        finally:
            staging.close()


def _check(
    run: ImportRun,
    resource: RowResource,
    staging: Staging,
    report: Report,
    place: Path,
    attempt: Attempt,
) -> Table | None:
    """Judge every row and fill the staging table; return None for a file that is no table."""
    try:
        table = open_table(run, place, {column.heading for column in resource.columns})
    except Unreadable as found:
        report.refuse([found.reason])
        return None
    headings = [column.heading for column in resource.columns]
    keys = {column.heading for column in resource.columns if column.key}
    report.refuse(check_headings(table.headings, known=headings, compulsory=keys))
    if report.errors:
        return None
    resource.load()
    access = permissions.access_of(attempt.actor) if attempt.actor else None
    if access is None:
        raise JobStopped
    checker = RowChecker(resource, table.headings, access)
    for lines in _batches(table):
        verdicts = list(checker.judge(lines))
        for verdict in verdicts:
            report.keep(verdict)
        staging.add([found for found in verdicts if found.fate in (Fate.CREATE, Fate.CHANGE)])
        attempt.advance(report.rows * CHECKED, table.rows * 100)
    report.refuse(_broken_rules(staging, resource, table))
    return table


def _batches(table: Table) -> Iterator[list[tuple[int, list[str]]]]:
    rows = iter(table)
    while lines := list(islice(rows, BATCH)):
        yield lines


def _broken_rules(staging: Staging, resource: RowResource, table: Table) -> list[TableError]:
    """Return what the database refuses, in the words of the model."""
    errors = [_in_words(found, resource) for found in staging.violations()]
    return with_values(errors, table) if errors else []


def _in_words(found: Violation, resource: RowResource) -> TableError:
    meta = resource.model._meta
    by_column = {item.column: item for item in meta.concrete_fields}
    headings = {column.attribute: column.heading for column in resource.columns}
    names = [by_column[column].name for column in found.columns if column in by_column]
    place = ", ".join(heading for name, heading in headings.items() if name in names)
    for constraint in meta.constraints:
        if constraint.name == found.rule:
            code = constraint.violation_error_code or f"constraint.{found.rule}"
            message = str(constraint.get_violation_error_message())
            return TableError(found.line, place, "", code, message)
    if len(names) == 1 and meta.get_field(names[0]).unique:
        message = str(meta.get_field(names[0]).error_messages["unique"])
        return TableError(found.line, place, "", "unique", message)
    message = f"La base refuse cette ligne : règle « {found.rule} »."
    return TableError(found.line, place, "", f"constraint.{found.rule}", message)


def _write(
    run: ImportRun,
    resource: RowResource,
    staging: Staging,
    report: Report,
    table: Table,
    place: Path,
    attempt: Attempt,
) -> None:
    """Write the rows, their history, the run and the job's end in one transaction."""
    author = attempt.actor.pk if attempt.actor else None
    try:
        with attempt.reporting_apart(), transaction(attempt.actor, run.company_id):
            check_rights(attempt)
            stale = staging.stale_lines()
            if stale:
                raise _Stale(stale)
            staging.write(
                reason=f"Import {run.file_name}",
                author=author,
                advance=lambda done: attempt.advance(
                    CHECKED * report.rows + done * (100 - CHECKED), 100 * report.rows
                ),
            )
            run.state, run.imported_at = ImportState.IMPORTED, now()
            conclude(run, report, place, attempt)
    except _Stale as found:
        report.refuse([error(ImportProblem.STALE, line=line) for line in found.lines])
        conclude(run, report, place, attempt)
    except IntegrityError:
        # Somebody wrote a twin, or took away what a row names, since the check.
        report.refuse(_broken_rules(staging, resource, table) or [error(ImportProblem.RACE)])
        conclude(run, report, place, attempt)


class _Stale(Exception):
    """Rows changed between the check and the writing."""

    def __init__(self, lines: list[int]) -> None:
        super().__init__(lines)
        self.lines = lines
