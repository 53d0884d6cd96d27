"""`make test`: services of its own around pytest, whatever runs beside and whatever happens."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from deploy.local import databases, memory, postgres, valkey
from deploy.local.errors import explained
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
        if (where.postgres_data / "postmaster.pid").exists():
            # Not stopped properly, and without fsync: what is in there cannot be believed.
            shutil.rmtree(where.postgres_data)
        kept = {key: value for key, value in environment.items() if key not in OUTSIDE}
        settings = {
            **kept,
            "DATABASE_URL": postgres.url(where),
            "REDIS_URL": valkey.url(where),
            "WINVEST_VAR": str(where.var),
            MARKER: where.name,
        }
        try:
            _start(where, settings)
            yield settings
        finally:
            stop_leftovers(where)
            shutil.rmtree(where.sockets, ignore_errors=True)


def _start(where: Instance, environment: Mapping[str, str]) -> None:
    postgres.prepare(where)
    valkey.prepare(where)
    commands = {
        "postgres": (postgres.command(where, safe=False), where.postgres_data),
        "valkey": (valkey.command(where), ROOT),
    }
    for name, (command, folder) in commands.items():
        with (where.log / f"{name}.log").open("ab") as log:
            subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for pytest; the services stop after it
            )
    databases.wait_for_database(postgres.url(where))
    databases.wait_for_redis(valkey.url(where))
