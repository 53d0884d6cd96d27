"""`make test`: services of its own around pytest, whatever runs beside and whatever happens."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from deploy.local import databases, memory, postgres, valkey
from deploy.local.errors import SetupError, explained
from deploy.local.layout import (
    MARKER,
    PRIVATE,
    PYTHON,
    ROOT,
    Instance,
    create_directories,
    create_sockets,
    data_directory,
    instance,
)
from deploy.local.locking import only_one, stopped_by_signals
from deploy.local.output import say
from deploy.local.processes import stop_leftovers

# -n 2: the machines that this must pass on have two cores. loadgroup keeps browser tests together.
PYTEST = ("-m", "pytest", "-n", "2", "--dist", "loadgroup")
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "WINVEST_SECRET_KEY", "WINVEST_URL")


def run(environment: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run pytest with `arguments` after the usual ones; return its exit code."""
    with (
        own_services(environment, "test") as settings,
        memory.tablespace(settings["DATABASE_URL"], settings[MARKER]) as in_memory,
    ):
        test_settings = {
            **settings,
            **in_memory,
            "DJANGO_SETTINGS_MODULE": "winvest.settings.test",
        }
        command = [PYTHON, *PYTEST, *arguments]
        return subprocess.run(command, cwd=ROOT, env=test_settings, check=False).returncode


@contextmanager
def own_services(environment: Mapping[str, str], name: str) -> Iterator[dict[str, str]]:
    """Start a PostgreSQL and a Valkey with data in `var/<name>`, and stop them at the end.

    PostgreSQL keeps its data for the next time: the template of the test databases is in there.
    What a killed run left is made again: nobody's data are in it, unlike those of `make run`.
    Yields the environment for the commands that use them: it knows nothing of other services.
    """
    os.umask(0o077)
    data = data_directory(environment)
    where = instance(data / name)
    with explained(data):
        data.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    create_directories(where)
    with only_one(where), stopped_by_signals(), explained(where.var):
        create_sockets(where)
        stop_leftovers(where)
        shutil.rmtree(where.valkey_data, ignore_errors=True)
        if where.postgres_data.exists() and not postgres.was_shut_down(where):
            # Without fsync, what is in there cannot be believed.
            _throw_away(where, "n'a pas été arrêtée proprement")
        kept = {key: value for key, value in environment.items() if key not in OUTSIDE}
        settings = {
            **kept,
            "DATABASE_URL": postgres.url(where),
            "REDIS_URL": valkey.url(where),
            "WINVEST_VAR": str(where.var),
            MARKER: where.name,
        }
        started: list[subprocess.Popen[bytes]] = []
        try:
            _start_again_if_need_be(where, settings, started)
            yield settings
        finally:
            _stop(where, started)
            shutil.rmtree(where.sockets, ignore_errors=True)


def _start_again_if_need_be(
    where: Instance, environment: Mapping[str, str], started: list[subprocess.Popen[bytes]]
) -> None:
    """Start the services; a cluster of before that does not start is made again, once."""
    of_before = where.postgres_data.exists()
    try:
        _start(where, environment, started)
    except SetupError:
        if not of_before:
            raise
        _stop(where, started)
        _throw_away(where, "ne démarre plus")
        _start(where, environment, started)


def _stop(where: Instance, started: list[subprocess.Popen[bytes]]) -> None:
    """Stop what runs, and let the system forget what was started."""
    stop_leftovers(where)
    while started:
        started.pop().wait()


def _throw_away(where: Instance, reason: str) -> None:
    """Delete the cluster, which holds nothing but what tests make again; say so."""
    say(f"La base temporaire de {where.var} {reason} : elle est refaite.")
    shutil.rmtree(where.postgres_data)


def _start(
    where: Instance, environment: Mapping[str, str], started: list[subprocess.Popen[bytes]]
) -> None:
    postgres.prepare(where)
    valkey.prepare(where)
    commands = {
        "postgres": (postgres.command(where, safe=False), where.postgres_data),
        "valkey": (valkey.command(where), ROOT),
    }
    for name, (command, folder) in commands.items():
        with (where.log / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for pytest; the services stop after it
            )
        started.append(process)
    server = started[0]
    databases.wait_for_database(postgres.url(where), ended=lambda: server.poll() is not None)
    databases.wait_for_redis(valkey.url(where))
