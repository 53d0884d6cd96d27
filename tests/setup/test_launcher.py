"""`make run`, from its first line to the last process."""

import json
import os
import signal
import stat
import subprocess
import time
import urllib.request

import pytest

from deploy.local import launcher
from deploy.local.layout import MARKER, PYTHON, ROOT, instance
from deploy.local.processes import running, wait_until

READY = "Ctrl-C arrête tout."
OWN = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", MARKER)


@pytest.fixture
def launch(where):
    """Return a function that starts a launcher on the instance's data folder."""
    started = []

    def run(*command, **variables):
        environment = {name: value for name, value in os.environ.items() if name not in OWN}
        process = subprocess.Popen(
            [PYTHON, "-m", "deploy.local", *(command or ("run",))],
            cwd=ROOT,
            env={**environment, "WINVEST_VAR": str(where.var), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def read_until_ready(process):
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith(READY):
            return lines
    raise AssertionError(process.stderr.read())


def test_run_serves_then_stops_everything(where, launch):
    first = launch()
    lines = read_until_ready(first)
    address = lines[-3].removeprefix("Winvest : ")
    assert urllib.request.urlopen(address).status == 200
    accounts = where.var / "demo-accounts.json"
    assert lines[-2].endswith("demo-accounts.json")
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert json.loads(accounts.read_text())["url"] == address
    assert stat.S_IMODE(where.environment_file.stat().st_mode) == 0o600

    second = launch()
    output, error = second.communicate(timeout=30)
    assert second.returncode == 1
    assert error == f"Winvest : déjà en marche ici, à l'adresse {address}.\n"
    assert output == ""

    large = launch("demo-large", "--products", "3")
    output, error = large.communicate(timeout=60)
    assert (large.returncode, error) == (0, "")
    assert "3 produits ajoutés" in output

    begin = time.monotonic()
    first.send_signal(signal.SIGINT)
    output, error = first.communicate(timeout=30)
    assert time.monotonic() - begin < 10
    assert first.returncode == 0
    assert output.endswith("Winvest est arrêté.\n")
    assert error == ""
    assert running(where) == []


def test_everything_leaves_with_a_killed_launcher(where, launch):
    killed = launch()
    assert wait_until(lambda: len(running(where)) > 2, 60)
    killed.kill()
    killed.wait()
    assert wait_until(lambda: not running(where), 30)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "postgresql://a@127.0.0.1:1/b", "aucun serveur PostgreSQL ne répond"),
        ("DATABASE_URL", "oracle://a@b/c", "n'est pas une adresse PostgreSQL"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "aucun serveur Redis ne répond"),
    ],
)
def test_a_wrong_address_is_one_line_and_starts_nothing(where, launch, name, value, words):
    process = launch(**{name: value})
    output, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert error.startswith("Winvest : ")
    assert words in error
    assert error.count("\n") == 1
    assert output == ""
    assert running(where) == []


def test_the_settings_of_the_environment_come_first(where):
    given = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": ""}
    settings = launcher.settings_of(where, given, "http://127.0.0.1:8001")
    assert settings["DATABASE_URL"] == "postgresql://a@b/c"
    assert settings["REDIS_URL"] == f"unix://{where.valkey_socket}"
    assert settings["WINVEST_URL"] == "http://127.0.0.1:8001"
    assert instance(where.var) == where


def test_the_secret_key_outlives_a_restart(where):
    key = launcher.secret_key(where)
    assert launcher.secret_key(where) == key
    assert stat.S_IMODE((where.var / "secret-key").stat().st_mode) == 0o600
