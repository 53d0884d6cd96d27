"""One launcher at a time for a data folder, and signals that let it stop what it started."""

import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from deploy.local.errors import SetupError, explained
from deploy.local.layout import Instance

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def only_one(where: Instance) -> Iterator[None]:
    """Hold the instance's lock; a second launcher is told where the first one is.

    The kernel drops the lock with the process that holds it, killed or not.
    """
    with explained(where.run):
        lock = (where.run / "lock").open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"déjà en marche ici{_known_address(where)}.") from None
        yield


def is_held(where: Instance) -> bool:
    """Whether a launcher is at work with the instance's data."""
    with explained(where.run):
        lock = (where.run / "lock").open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP do what Ctrl-C does; what follows the first signal is ignored."""
    previous = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _known_address(where: Instance) -> str:
    if not where.environment_file.exists():
        return ""
    lines = where.environment_file.read_text().splitlines()
    found = [line.partition("=")[2] for line in lines if line.startswith("WINVEST_URL=")]
    return f", à l'adresse {found[0]}" if found else ""
