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
        _send(pid, signal.SIGINT if _name(pid) == "postgres" else signal.SIGTERM)
    if not wait_until(lambda: not running(where), grace):
        for pid in running(where):
            _send(pid, signal.SIGKILL)
        wait_until(lambda: not running(where), grace)
    return found


def running(where: Instance) -> list[int]:
    """Return the ids of the live processes that belong to an instance.

    They carry its name in their environment. PostgreSQL and Valkey overwrite theirs to show what
    they do: those have the instance's data as working directory.
    """
    wanted = f"{MARKER}={where.name}".encode()
    data = {"postgres": where.postgres_data.resolve(), "valkey-server": where.valkey_data.resolve()}
    return [
        pid
        for pid in _pids()
        if pid != os.getpid()
        and (wanted in _environment(pid) or _works_in(pid, data.get(_name(pid))))
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


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def _works_in(pid: int, folder: Path | None) -> bool:
    try:
        return folder is not None and (PROC / str(pid) / "cwd").readlink() == folder
    except OSError:
        return False


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
