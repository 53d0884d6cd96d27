"""Find and stop the processes that an instance started."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.local.layout import MARKER, Instance

PROC = Path("/proc")
GRACE = 5.0  # seconds between the polite signal and SIGKILL
STEP = 0.05


def stop_leftovers(where: Instance, *, grace: float = GRACE) -> list[int]:
    """Stop what an instance left running when its launcher was killed; return their ids.

    No pid file is believed: after a crash it may name a process that is not ours.
    """
    found = running(where)
    for pid in found:
        # PostgreSQL takes SIGTERM as "wait for the clients to leave", which can last for ever.
        _send(pid, signal.SIGINT if _is_postgres(pid) else signal.SIGTERM)
    if not wait_until(lambda: not running(where), grace):
        for pid in running(where):
            _send(pid, signal.SIGKILL)
        wait_until(lambda: not running(where), grace)
    return found


def running(where: Instance) -> list[int]:
    """Return the ids of the live processes that belong to an instance.

    They carry its name in their environment, or, PostgreSQL's own processes overwriting theirs
    to show what they do, have its cluster as working directory.
    """
    wanted = f"{MARKER}={where.name}".encode()
    cluster = where.postgres_data.resolve()
    return [
        pid
        for pid in _pids()
        if pid != os.getpid()
        and (wanted in _environment(pid) or (_is_postgres(pid) and _works_in(pid, cluster)))
    ]


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask `condition` every few hundredths of a second; False when `seconds` passed in vain."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def tied_to_parent(command: Iterable[str], *, stop: str = "TERM") -> list[str]:
    """Return `command`, sent the signal `stop` by the kernel when its parent dies."""
    return ["setpriv", "--pdeathsig", stop, "--", *command]


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another account's
        return []


def _is_postgres(pid: int) -> bool:
    try:
        return (PROC / str(pid) / "comm").read_text().strip() == "postgres"
    except OSError:
        return False


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return (PROC / str(pid) / "cwd").readlink() == folder
    except OSError:
        return False


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
