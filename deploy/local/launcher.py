"""`make run`: the services, then the data, then the product, until Ctrl-C."""

import http.client
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local import databases, logs, postgres, supervision, valkey
from deploy.local.errors import NO_SPACE, SetupError, explained
from deploy.local.layout import (
    MARKER,
    PYTHON,
    ROOT,
    Instance,
    create_directories,
    create_sockets,
    data_directory,
    from_root,
    instance,
)
from deploy.local.locking import only_one, stopped_by_signals
from deploy.local.output import say
from deploy.local.ports import FIRST, HOST, reserve_port
from deploy.local.processes import running, stop_leftovers, tied_to_parent, wait_until
from deploy.local.supervision import SERVICES, Program

STOP = 8.5  # seconds for supervisor to stop everything; then what is left is killed
FIRST_PAGE = 60.0  # seconds for the web server to answer
LEAST_SPACE = 100_000_000  # bytes: a new cluster, its journal and the logs
ACCOUNTS = "demo-accounts.json"
OWN_SETTINGS = (
    *("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"),
    *("WINVEST_SECRET_KEY", "WINVEST_MASTER_KEYS", "WINVEST_MASTER_KEY_FILE"),
)


def run(environment: Mapping[str, str]) -> int:
    """Start everything and stay until a signal; return the exit code."""
    where = instance(data_directory(environment))
    os.umask(0o077)
    create_directories(where)
    if shutil.disk_usage(where.var).free < LEAST_SPACE:
        raise SetupError(NO_SPACE.format(where=where.var))
    check_given_services(environment)
    with only_one(where), stopped_by_signals():
        create_sockets(where)
        stop_leftovers(where)
        port = reserve_port()
        if port.number != FIRST:
            say(f"Le port {FIRST} est pris ; ce sera le {port.number}.")
        address = f"http://{HOST}:{port.number}"
        with explained(where.var), port.guard:
            # WhiteNoise warns where no static file was gathered, which this machine needs not.
            (where.var / "static").mkdir(exist_ok=True)
            settings = settings_of(where, environment, address)
            programs = [*services(where, environment), *supervision.application(port.number)]
            write_private(where.environment_file, as_lines(settings))
            write_private(where.run / "supervisor.conf", supervision.configuration(where, programs))
            serve(where, programs, {**environment, **settings, MARKER: where.name})
    return 0


def serve(where: Instance, programs: list[Program], environment: Mapping[str, str]) -> None:
    """Keep supervisor and its processes running until a signal or a failure."""
    supervisor = supervision.start(where, environment)
    try:
        prepare_data(where, environment)
        address = environment["WINVEST_URL"]
        # The web server first, alone: the address is worth having before the worker is up.
        supervision.start_programs(where, environment, "front:web")
        if not wait_until(lambda: _answers(address), FIRST_PAGE):
            raise SetupError(
                f"le serveur web ne répond pas ; voyez {from_root(where.log)}/web.log."
            )
        say(f"Winvest : {address}")
        say(f"Comptes de démonstration : {from_root(where.var / ACCOUNTS)}")
        say("Ctrl-C arrête tout.")
        # What the processes said while they started stays in their files.
        following = logs.followers(where.log, [program.name for program in programs])
        supervision.start_programs(where, environment, "work:worker", "front:beat")
        while supervisor.poll() is None:
            for line in logs.prefixed(following):
                say(line)
            time.sleep(0.2)
        raise SetupError("le superviseur s'est arrêté ; relancez « make run ».")
    except KeyboardInterrupt:
        say("Arrêt…")
    finally:
        stop(where, supervisor)
    say("Winvest est arrêté.")


def stop(where: Instance, supervisor: subprocess.Popen[bytes]) -> None:
    """Stop supervisor and whatever it left, within ten seconds."""
    supervisor.terminate()
    try:
        supervisor.wait(STOP)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    if running(where):
        stop_leftovers(where, grace=0.5)
    shutil.rmtree(where.sockets, ignore_errors=True)


def prepare_data(where: Instance, environment: Mapping[str, str]) -> None:
    """Wait for the databases, then bring schema, reference data and demo data up to date."""
    if environment["DATABASE_URL"] == postgres.url(where):
        databases.wait_for_database(environment["DATABASE_URL"])
    if environment["REDIS_URL"] == valkey.url(where):
        databases.wait_for_redis(environment["REDIS_URL"])
    say("Préparation de la base…")
    log = where.log / "preparation.log"
    arguments = [str(where.var / ACCOUNTS), environment["WINVEST_URL"]]
    with log.open("ab") as output:
        process = subprocess.Popen(
            tied_to_parent([PYTHON, "-m", "deploy.local.preparation", *arguments]),
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the launcher, which stops it
        )
        try:
            status = process.wait()
        finally:
            process.kill()
    if status != 0:
        raise SetupError(
            f"la préparation de la base a échoué ; la raison est à la fin de {from_root(log)}."
        )


def check_given_services(environment: Mapping[str, str]) -> None:
    """Refuse the databases that the environment names when they do not suit."""
    if url := environment.get("DATABASE_URL"):
        databases.check_database(url)
    if url := environment.get("REDIS_URL"):
        databases.check_redis(url)


def services(where: Instance, environment: Mapping[str, str]) -> list[Program]:
    """Prepare the embedded services that no address of the environment replaces."""
    programs = []
    if not environment.get("DATABASE_URL"):
        postgres.prepare(where)
        server = postgres.command(where)
        programs.append(
            Program("postgres", server, SERVICES, "INT", at_once=True, folder="postgres")
        )
    if not environment.get("REDIS_URL"):
        valkey.prepare(where)
        programs.append(Program("valkey", valkey.command(where), SERVICES, at_once=True))
    return programs


def settings_of(where: Instance, environment: Mapping[str, str], address: str) -> dict[str, str]:
    """Return the settings that the processes get, those of the environment first."""
    chosen = {
        "DATABASE_URL": postgres.url(where),
        "REDIS_URL": valkey.url(where),
        "WINVEST_SECRET_KEY": secret_key(where),
        "DJANGO_SETTINGS_MODULE": "winvest.settings.development",
    }
    given = {name: environment[name] for name in OWN_SETTINGS if environment.get(name)}
    return {**chosen, **given, "WINVEST_VAR": str(where.var), "WINVEST_URL": address}


def secret_key(where: Instance) -> str:
    """Return the key of this checkout, made once, so that sessions outlive a restart."""
    path = where.var / "secret-key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(50))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def as_lines(settings: Mapping[str, str]) -> str:
    """Return KEY=VALUE lines; a value goes to the end of its line, unquoted."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _answers(address: str) -> bool:
    """Tell whether the web server gives any answer, a redirection to sign-in included."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
