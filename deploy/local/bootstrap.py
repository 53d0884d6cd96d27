"""From a bare machine to a virtual environment that holds exactly the lock. Standard library only.

Everything here may be interrupted and started again: what is finished is recorded last.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.local import system
from deploy.local.errors import NO_SPACE, SetupError, explained
from deploy.local.layout import PYTHON, ROOT, VENV
from deploy.local.output import say

REQUIREMENTS = ROOT / "deploy" / "requirements"
STAMPS = VENV / "winvest-locks"  # one file a lock, with its hash, written when pip has finished
LOG = VENV / "winvest-install.log"

# The locks that are installed once the lock in the key is: develop.lock repeats run.lock's pins.
COVERED = {"run": ("run",), "develop": ("run", "develop")}

LEAST_SPACE = 10_000_000  # bytes

NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError"
    r"|Temporary failure in name resolution|Network is unreachable|Connection refused"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an installation failed, and whether the folder itself may be at fault."""

    text: str
    damaged: bool


def ensure_environment(lock: str, *, browser: bool) -> None:
    """Install what is missing for `lock` ("run" or "develop"): packages, environment, pins."""
    with explained(ROOT):
        system.install_packages(system.missing_packages(browser=browser))
        if _is_installed(lock):
            return
        if not os.access(ROOT, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied", str(ROOT))
        with (REQUIREMENTS / f"{lock}.lock").open() as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)  # another command may be installing
            if not _is_installed(lock):
                _install_environment(lock)


def lock_digest(lock: str) -> str:
    """Return the hash under which an installed lock is recorded, with the Python it is for."""
    content = (REQUIREMENTS / f"{lock}.lock").read_bytes()
    return hashlib.sha256(content).hexdigest()


def _is_installed(lock: str) -> bool:
    stamp = STAMPS / lock
    return stamp.is_file() and stamp.read_text() == lock_digest(lock) and _python_works()


def _python_works() -> bool:
    """Tell whether the environment's Python starts: its base may have been removed since."""
    return _call([PYTHON, "-c", "import pip"]) == 0


def _install_environment(lock: str) -> None:
    # PostgreSQL runs as nobody where the person is root: its programs must stay readable.
    os.umask(0o022)
    resumed = _python_works()
    if not resumed:
        _create_virtual_environment()
    say("Installation des dépendances (une à deux minutes la première fois)…")
    problem = _install(lock)
    if problem and problem.damaged and resumed:
        # What an interrupted installation left can confuse pip: start from an empty folder.
        _create_virtual_environment()
        problem = _install(lock)
    if problem:
        raise SetupError(problem.text)
    STAMPS.mkdir(exist_ok=True)
    for covered in COVERED[lock]:
        (STAMPS / covered).write_text(lock_digest(covered))


def _create_virtual_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV.name],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        problem = problem_of("\n".join(lines))
        raise SetupError(problem.text if lines else "l'environnement virtuel ne se crée pas.")


def _install(lock: str) -> Problem | None:
    """Run pip on a lock; return what went wrong."""
    path = REQUIREMENTS / f"{lock}.lock"
    # The lock is complete, so --no-deps only spares pip the resolution.
    options = ["--require-hashes", "--no-deps", "--no-input", "--quiet", "--progress-bar", "off"]
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", *options]
    with LOG.open("w") as log:
        status = _call([*command, "-r", str(path.relative_to(ROOT))], log.fileno())
    return problem_of(LOG.read_text(errors="replace")) if status != 0 else None


def problem_of(output: str) -> Problem:
    """Say in French what made pip or venv fail, from what they wrote."""
    full = shutil.disk_usage(ROOT).free < LEAST_SPACE  # then pip may not even have said so
    if full or "No space left on device" in output:
        return Problem(NO_SPACE.format(where=ROOT), damaged=False)
    if NETWORK.search(output):
        return Problem(
            "le dépôt de paquets Python est injoignable ; vérifiez le réseau (ou la configuration "
            "de pip) puis relancez : l'installation reprendra.",
            damaged=False,
        )
    return Problem(
        f"l'installation des dépendances a échoué ; le détail est dans {LOG}.", damaged=True
    )


def _call(command: Sequence[str], output: int = subprocess.DEVNULL) -> int:
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    except FileNotFoundError:
        return -1
