"""Exports in a real Celery worker: run, cancelled in the middle, killed -9 and redone."""

import hashlib
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.models import ExportRun
from accounting.services.exports import cancel_export, request_export
from tests.factories import CompanyFactory
from tests.support.ledger import book_many
from tests.support.worker import Worker, following
from winvest.core.choices import JobState
from winvest.core.domain.roles import Role
from winvest.core.files import sha256_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]


@pytest.fixture
def worker(tmp_path, settings):
    made = Worker(tmp_path, settings.MEDIA_ROOT)
    yield made
    made.stop()


@pytest.fixture
def wait(worker):
    """Return a function that waits until an export's job has a state, and some progress."""
    with following(worker.log) as until:

        def until_export(export: ExportRun, state: JobState, progress: int = 0) -> ExportRun:
            until(export.pk, state, progress)
            return ExportRun.objects.select_related("job").get(pk=export.pk)

        yield until_export


@pytest.fixture
def company(db):
    return CompanyFactory(code="FT", legal_name="France Téléphone")


@pytest.fixture
def accountant(user_with, company):
    return user_with(Role.ACCOUNTING, company)


@pytest.fixture
def ask(accountant, company):
    def ask_for(file_format: str, period: str = "2025-09") -> ExportRun:
        return request_export(
            actor=accountant,
            company_id=company.pk,
            kind=ExportKind.ACCOUNTING,
            period=period,
            profile=ExportProfile.F4,
            format=ExportFormat(file_format),
        )

    return ask_for


def files_of(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.requirement("3.6-03", "F.2-01", "F.6-03")
def test_exports_run_and_are_cancelled_in_the_worker(
    worker, wait, ask, company, accountant, settings
):
    book_many(company, 20_000)
    worker.start()
    empty = ask("xlsx", period="2024-01")
    wait(empty, JobState.DONE)
    before = worker.peak_memory()

    grid = request_export(
        actor=accountant,
        company_id=company.pk,
        kind=ExportKind.PRICE_GRID,
        period="2025-09-01",
        profile=ExportProfile.STANDARD,
        format=ExportFormat.CSV,
    )
    grid = wait(grid, JobState.DONE)
    assert (grid.rows, grid.sha256) == (0, sha256_of(Path(grid.file.path)))

    export = wait(ask("csv"), JobState.DONE)
    content = Path(export.file.path).read_bytes()
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert content.count(b"\r\n") == 20_001 == export.rows + 1

    export = ask("xlsx")
    wait(export, JobState.RUNNING, progress=1)
    cancel_export(actor=accountant, export=export)
    wait(ask("csv"), JobState.DONE)  # after the cancelled one, in the same process

    export.refresh_from_db()
    assert (export.job.state, bool(export.file)) == (JobState.CANCELLED, False)
    assert {path.suffix for path in files_of(settings)} == {".csv", ".xlsx"}
    assert len(files_of(settings)) == 4
    # Far below what 20,000 rows held at once would take.
    assert worker.peak_memory() - before < 40_000


@pytest.mark.requirement("3.6-03", "F.6-03")
def test_killed_in_the_middle_it_is_redone_and_never_half_offered(
    worker, wait, ask, company, settings
):
    book_many(company, 20_000)
    worker.start()
    export = ask("xlsx")
    wait(export, JobState.RUNNING, progress=5)
    worker.kill()

    export.refresh_from_db()
    assert (export.file.name, export.sha256, export.finished_at) == ("", "", None)
    assert not (Path(settings.MEDIA_ROOT) / "exports").exists()
    assert files_of(settings), "the killed attempt had begun its file"

    worker.start()
    export = wait(export, JobState.DONE)

    assert export.job.attempts == 2
    assert files_of(settings) == [Path(export.file.path)]
    assert export.sha256 == hashlib.sha256(Path(export.file.path).read_bytes()).hexdigest()
    sheet = CalamineWorkbook.from_path(export.file.path).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 20_001
