"""The embedded services: real processes, also after they were killed."""

import os
import signal

import psycopg
import pytest

from deploy.local import databases, postgres, valkey
from deploy.local.processes import running, stop_leftovers, wait_until


@pytest.fixture
def server(where, start):
    """A running PostgreSQL with the application's database."""
    postgres.prepare(where)
    process = start(postgres.command(where, safe=False), where.postgres_data)
    databases.wait_for_database(postgres.url(where))
    return process


def test_the_application_can_install_its_extensions(where, server):
    with psycopg.connect(postgres.url(where)) as connection:
        for name in ("btree_gist", "pg_trgm", "unaccent", "pg_stat_statements"):
            connection.execute(f"CREATE EXTENSION {name}")
        assert connection.execute("SELECT lower('ÉNERGIE')").fetchone() == ("énergie",)


def test_no_port_is_opened(where, server):
    with psycopg.connect(postgres.url(where)) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_killed_server_starts_again_with_its_data(where, start):
    postgres.prepare(where)
    server = start(postgres.command(where), where.postgres_data)
    databases.wait_for_database(postgres.url(where))
    with psycopg.connect(postgres.url(where)) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    for pid in running(where):
        os.kill(pid, signal.SIGKILL)
    server.wait(10)
    assert wait_until(lambda: not running(where), 5)
    assert (where.postgres_data / "postmaster.pid").exists()
    postgres.prepare(where)
    start(postgres.command(where), where.postgres_data)
    databases.wait_for_database(postgres.url(where))
    with psycopg.connect(postgres.url(where)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_server_that_nobody_watches_any_more_is_stopped(where, server):
    with psycopg.connect(postgres.url(where)):  # a client does not keep it alive
        assert server.pid in stop_leftovers(where)
    server.wait(10)
    assert running(where) == []


def test_half_a_cluster_is_never_used(where, start):
    draft = where.var / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18")
    postgres.prepare(where)
    assert not draft.exists()
    start(postgres.command(where, safe=False), where.postgres_data)
    databases.wait_for_database(postgres.url(where))


def test_valkey_keeps_what_it_was_given(where, start):
    import redis

    valkey.prepare(where)
    first = start(valkey.command(where))
    databases.wait_for_redis(valkey.url(where))
    with redis.Redis.from_url(valkey.url(where)) as client:
        client.set("kept", "yes")
    stop_leftovers(where)
    first.wait(10)
    valkey.prepare(where)
    start(valkey.command(where))
    databases.wait_for_redis(valkey.url(where))
    with redis.Redis.from_url(valkey.url(where)) as client:
        assert client.get("kept") == b"yes"
    databases.check_redis(valkey.url(where))


def test_only_the_instances_own_processes_are_found(where, start):
    own = start(["sleep", "60"])
    assert wait_until(lambda: running(where) == [own.pid], 5)
    assert os.getpid() not in running(where)
