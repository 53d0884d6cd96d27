"""Exports in a real Celery worker: run, cancelled in the middle, killed -9 and redone."""

import hashlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from python_calamine import CalamineWorkbook

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.models import ExportRun
from accounting.services.exports import cancel_export, request_export
from tests.factories import CompanyFactory
from tests.support.ledger import book_many
from winvest.core.choices import JobState
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]

ROOT = Path(__file__).parents[3]
SECONDS = 120  # to give up: the machine may be busy


class Worker:
    """A worker with its own beat, which sweeps every second, on the database of the test."""

    def __init__(self, place: Path, media: Path) -> None:
        self.log = place / "worker.log"
        database = connection.settings_dict
        query = f"host={database['HOST']}&port={database['PORT'] or 5432}&user={database['USER']}"
        self.environment = os.environ | {
            "DATABASE_URL": f"postgresql:///{database['NAME']}?{query}",
            "REDIS_URL": str(settings.REDIS_URL),
            "DJANGO_SETTINGS_MODULE": "winvest.settings.test",
            "WINVEST_TEST_KEYS": str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]),
            "WINVEST_TEST_MEDIA": str(media),
            "WINVEST_JOB_LEASE_SECONDS": "3",
            "WINVEST_JOB_SWEEP_SECONDS": "1",
        }
        self.command = [sys.executable, "-m", "celery", "-A", "winvest", "worker"]
        self.command += ["-Q", "default,exports", "-c", "1", "-l", "info"]
        self.command += ["-B", "-s", str(place / "beat")]
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)

    def kill(self) -> None:
        """End the worker and its children at once, as a machine that dies."""
        os.killpg(self.started[-1].pid, signal.SIGKILL)
        self.started[-1].wait(SECONDS)

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    self.kill()

    def peak_memory(self) -> int:
        """Return the highest resident memory of the worker's processes so far, in kB."""
        session = self.started[-1].pid
        mine = [path for path in Path("/proc").glob("[0-9]*") if session_of(path) == session]
        peaks = [re.search(r"VmHWM:\s+(\d+)", (path / "status").read_text()) for path in mine]
        return max(int(found[1]) for found in peaks if found)


def session_of(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[3])
    except OSError:
        return 0


@pytest.fixture
def worker(tmp_path, settings):
    made = Worker(tmp_path, settings.MEDIA_ROOT)
    yield made
    made.stop()


@pytest.fixture
def wait(worker):
    """Return a function that waits until an export's job has a state, and some progress."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION tell_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM"
            " pg_notify('job', concat_ws(' ', NEW.object_id, NEW.state, NEW.progress));"
            " RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER tell_job AFTER UPDATE ON job FOR EACH ROW EXECUTE FUNCTION tell_job()"
        )
    listener = connection.copy()
    listener.ensure_connection()
    listener.connection.execute("LISTEN job")

    def until(export: ExportRun, state: JobState, progress: int = 0) -> ExportRun:
        seen = []
        for change in listener.connection.notifies(timeout=SECONDS):
            key, at, percent = change.payload.split()
            seen.append((at, percent))
            if key == str(export.pk) and at == state and int(percent) >= progress:
                return ExportRun.objects.select_related("job").get(pk=export.pk)
        raise AssertionError(f"{seen}\n{worker.log.read_text()[-4000:]}")

    yield until
    listener.close()


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
    assert len(files_of(settings)) == 3
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
