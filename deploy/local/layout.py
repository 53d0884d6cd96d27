"""Where things are: the checkout, its data folder and its sockets."""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import SetupError, explained

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = ".venv/bin/python"  # relative: supervisor and the kernel take any length and any character

MARKER = "WINVEST_INSTANCE"  # in the environment of every process that an instance starts
SOCKET_PATH_LIMIT = 107  # bytes of sun_path on Linux, the final NUL taken off
LONGEST_SOCKET = "pg/.s.PGSQL.5432"
PRIVATE = 0o700
TRAVERSABLE = 0o711  # for the sockets of PostgreSQL, which runs as nobody where one is root


@dataclass(frozen=True, slots=True)
class Instance:
    """One set of running services: a data folder and the sockets that go with it."""

    var: Path
    temporary: Path

    @property
    def name(self) -> str:
        """Name that no other user and no other data folder of the machine has."""
        digest = hashlib.sha256(os.fsencode(self.var)).hexdigest()
        return f"winvest-{os.getuid()}-{digest[:12]}"

    @property
    def sockets(self) -> Path:
        """Short folder of the sockets: a Unix socket's path is limited to 107 bytes."""
        return self.temporary / self.name

    @property
    def postgres_sockets(self) -> Path:
        """Folder of PostgreSQL's socket, of the account PostgreSQL runs as."""
        return self.sockets / "pg"

    @property
    def programs(self) -> Path:
        """PostgreSQL's programs under a path that its account can reach."""
        return self.sockets / "programs"

    @property
    def postgres_data(self) -> Path:
        """PostgreSQL's cluster."""
        return self.var / "postgres"

    @property
    def valkey_data(self) -> Path:
        """Valkey's append-only file."""
        return self.var / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"

    @property
    def supervisor_socket(self) -> Path:
        """Socket through which supervisor takes orders."""
        return self.sockets / "supervisor.sock"

    @property
    def log(self) -> Path:
        """Log files, one a process."""
        return self.var / "log"

    @property
    def run(self) -> Path:
        """Generated configuration, lock and pid files: of no value once everything stopped."""
        return self.var / "run"

    @property
    def environment_file(self) -> Path:
        """KEY=VALUE lines by which a hand-typed manage.py finds the running services."""
        return self.var / "environment"


def instance(var: Path) -> Instance:
    """Return the instance whose data are in `var`."""
    return Instance(var=var, temporary=temporary_directory(tempfile.gettempdir()))


def data_directory(environment: Mapping[str, str]) -> Path:
    """Return the data folder: WINVEST_VAR, else `var` in the checkout."""
    return ROOT / environment.get("WINVEST_VAR", "var")


def from_root(path: Path) -> str:
    """Return the path as seen from the checkout when it is inside.

    Commands run there, so that its own path, of any length and with any character, is not in them.
    """
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def temporary_directory(candidate: str) -> Path:
    """Return `candidate`, or /tmp where it is too long for sockets or hard to quote."""
    longest = f"{candidate}/winvest-4294967295-000000000000/{LONGEST_SOCKET}"
    plain = re.fullmatch(r"[\w./+-]+", candidate, re.ASCII)
    return Path(candidate if plain and len(longest) <= SOCKET_PATH_LIMIT else "/tmp")  # noqa: S108


def create_directories(where: Instance) -> None:
    """Create the instance's folders, closed to the other accounts."""
    with explained(where.var):
        for folder in (where.var, where.log, where.run):
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied", str(folder))


def create_sockets(where: Instance) -> None:
    """Create the folder of the sockets, closed until the services open it to their own account.

    It is in a place where everyone may write: one that is not ours is refused. Only the holder of
    the lock calls this: a second launcher would close the door of the running services.
    """
    with explained(where.sockets):
        where.sockets.mkdir(mode=PRIVATE, exist_ok=True)
        found = where.sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SetupError(
            f"{where.sockets} appartient à un autre compte ; supprimez ce dossier puis relancez."
        )
    with explained(where.sockets):
        where.sockets.chmod(PRIVATE)
