"""The services of `make test`: what a killed run leaves behind is made again."""

import os
import shutil
import signal

import psycopg
import pytest
from django.conf import settings

from deploy.local import postgres
from deploy.local.layout import instance
from deploy.local.processes import running, wait_until
from deploy.local.testing import own_services

AGAIN = "La base temporaire de"


@pytest.fixture
def place(worker_id):
    """A data folder for the services, taken away after the test; they change the umask."""
    mask = os.umask(0o077)
    made = settings.VAR_DIR / f"killed {worker_id}"
    yield made
    shutil.rmtree(made)
    os.umask(mask)


def test_a_cluster_that_a_killed_run_left_is_made_again(place, capsys):
    where = instance(place / "test")
    environment = os.environ | {"WINVEST_VAR": str(place)}

    def served(statement):
        with (
            own_services(environment, "test") as given,
            psycopg.connect(given["DATABASE_URL"], autocommit=True) as connection,
        ):
            answer = connection.execute(statement)
            return answer.fetchone() if answer.description else None

    served("CREATE TABLE kept AS SELECT 1")
    assert served("SELECT to_regclass('kept')::text") == ("kept",)
    assert AGAIN not in capsys.readouterr().out

    with own_services(environment, "test"):
        for pid in running(where):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not running(where), 10)
    # A server that fails to shut down takes its pid file away as one that succeeds.
    (where.postgres_data / "postmaster.pid").unlink()
    assert served("SELECT to_regclass('kept')") == (None,)
    assert f"{AGAIN} {where.var} n'a pas été arrêtée proprement" in capsys.readouterr().out

    shutil.rmtree(where.postgres_data / "pg_wal")
    assert postgres.was_shut_down(where)
    assert served("SELECT 1") == (1,)
    assert f"{AGAIN} {where.var} ne démarre plus" in capsys.readouterr().out
