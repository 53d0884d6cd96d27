"""A real Celery worker with its own beat, on the database of the test; jobs followed by NOTIFY."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from winvest.core.choices import JobState

ROOT = Path(__file__).parents[2]
SECONDS = 120  # to give up: the machine may be busy


def on_this_database(media: Path) -> dict[str, str]:
    """Return the environment of a process that shares the test's database, keys and files."""
    database = connection.settings_dict
    query = f"host={database['HOST']}&port={database['PORT'] or 5432}&user={database['USER']}"
    return os.environ | {
        "DATABASE_URL": f"postgresql:///{database['NAME']}?{query}",
        "REDIS_URL": str(settings.REDIS_URL),
        "DJANGO_SETTINGS_MODULE": "winvest.settings.test",
        "WINVEST_TEST_KEYS": str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]),
        "WINVEST_TEST_MEDIA": str(media),
    }


def peak_memory(session: int) -> int:
    """Return the highest resident memory of the processes of a session so far, in kB."""
    mine = [path for path in Path("/proc").glob("[0-9]*") if session_of(path) == session]
    peaks = [re.search(r"VmHWM:\s+(\d+)", (path / "status").read_text()) for path in mine]
    return max(int(found[1]) for found in peaks if found)


class Worker:
    """A worker with its own beat, which sweeps every second, on the database of the test."""

    def __init__(self, place: Path, media: Path) -> None:
        self.log = place / "worker.log"
        self.environment = on_this_database(media) | {
            "WINVEST_JOB_LEASE_SECONDS": "3",
            "WINVEST_JOB_SWEEP_SECONDS": "1",
        }
        self.command = [sys.executable, "-m", "celery", "-A", "winvest", "worker"]
        self.command += ["-Q", "default,exports", "-c", "1", "-l", "info"]
        self.command += ["-B", "-s", str(place / "beat")]
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start it; its messages go to the log."""
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
        """End what was started."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    self.kill()

    def peak_memory(self) -> int:
        """Return the highest resident memory of the worker's processes so far, in kB."""
        return peak_memory(self.started[-1].pid)


def session_of(process: Path) -> int:
    """Return the session of a process, 0 when it has ended."""
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[3])
    except OSError:
        return 0


@contextmanager
def following(log: Path) -> Iterator[Callable[..., None]]:
    """Give a function that waits until the job of an object has a state, and some progress."""
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

    def until(key: Any, state: JobState, progress: int = 0) -> None:
        seen = []
        for change in listener.connection.notifies(timeout=SECONDS):
            found, at, percent = change.payload.split()
            seen.append((at, percent))
            if found == str(key) and at == state and int(percent) >= progress:
                return
        raise AssertionError(f"{seen}\n{log.read_text()[-4000:]}")

    yield until
    listener.close()
