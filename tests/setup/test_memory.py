"""The copies of the test databases stand in memory where the machine has room."""

import psycopg

from deploy.local import databases, memory, postgres


def test_an_interrupted_run_leaves_nothing_in_the_way(where, start):
    postgres.prepare(where)
    place = where.sockets / "memory"  # PostgreSQL's account reaches it
    place.mkdir()
    place.chmod(0o711)  # whatever the mask is
    start(postgres.command(where, safe=False), where.postgres_data)
    url = postgres.url(where)
    databases.wait_for_database(url)

    def copies():
        with psycopg.connect(postgres.maintenance(url), autocommit=True) as server:
            rows = server.execute("SELECT datname FROM pg_database WHERE datname = 'copy'")
            return rows.fetchall()

    with memory.tablespace(url, "first", place) as told:
        name = told["WINVEST_TEST_TABLESPACE"]
        with psycopg.connect(postgres.maintenance(url), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "copy" TABLESPACE "{name}"')
        assert (place / "first").is_dir()
        with memory.tablespace(url, "second", place):
            assert copies() == []
    assert not (place / "first").exists()
    assert not (place / "second").exists()


def test_a_machine_without_room_does_without(tmp_path):
    with memory.tablespace("postgresql://x", "x", tmp_path / "absent") as told:
        assert told == {}
