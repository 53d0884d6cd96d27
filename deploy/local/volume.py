"""`make demo-large` and `make bench`: the catalogue at its full size, in the data of `make run`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout

from deploy.local import databases, launcher, supervision
from deploy.local.errors import SetupError
from deploy.local.layout import (
    MARKER,
    PYTHON,
    ROOT,
    Instance,
    create_directories,
    create_sockets,
    data_directory,
    instance,
)
from deploy.local.locking import is_held, only_one, stopped_by_signals
from deploy.local.output import say
from deploy.local.ports import FIRST, HOST
from deploy.local.processes import stop_leftovers, tied_to_parent

LEAST_SPACE = 8_000_000_000  # bytes: half of it the rows, half the journal and the indexes' sorts


def load(environment: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Add the large catalogue to the data of `make run`; return the exit code."""
    data = data_directory(environment)
    data.mkdir(parents=True, exist_ok=True)
    if not environment.get("DATABASE_URL") and shutil.disk_usage(data).free < LEAST_SPACE:
        raise SetupError(f"il faut {LEAST_SPACE // 10**9} Go libres dans {data}.")
    with installation(environment) as settings:
        say("Produits, versions, formules, prix, publications et mappings…")
        return _follow(["manage.py", "load_large", *arguments], settings)


def bench(environment: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Measure lists and searches on those data; print JSON and return the exit code.

    Only the JSON goes to standard output: the rest is told on standard error.
    """
    with redirect_stdout(sys.stderr), installation(environment) as settings:
        return _follow(["-m", "tests.perf", *arguments], settings)


@contextmanager
def installation(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Give the settings of `make run`: of the one that runs, else of services for this command."""
    where = instance(data_directory(environment))
    os.umask(0o077)
    create_directories(where)
    if is_held(where):
        with stopped_by_signals():
            yield {**environment, **_known_settings(where)}
        return
    launcher.check_given_services(environment)
    with only_one(where), stopped_by_signals():
        create_sockets(where)
        stop_leftovers(where)
        settings = launcher.settings_of(where, environment, f"http://{HOST}:{FIRST}")
        programs = launcher.services(where, environment)
        configuration = supervision.configuration(where, programs)
        launcher.write_private(where.run / "supervisor.conf", configuration)
        full = {**environment, **settings, MARKER: where.name}
        supervisor = supervision.start(where, full)
        try:
            launcher.prepare_data(where, full)
            yield full
        finally:
            launcher.stop(where, supervisor)


def _known_settings(where: Instance) -> dict[str, str]:
    """Return the settings of the `make run` that runs, once its database answers."""
    if not where.environment_file.exists():
        raise SetupError("« make run » démarre ; relancez cette commande quand il est prêt.")
    lines = where.environment_file.read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines)
    databases.check_database(settings["DATABASE_URL"])
    return settings


def _follow(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command of Python's, whose lines go to the terminal; it leaves with this process."""
    process = subprocess.Popen(
        tied_to_parent([PYTHON, *command]),
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for this process, which stops it
    )
    try:
        return process.wait()
    finally:
        process.kill()
        process.wait()
