"""Databases of the tests in memory: each is a thousand files, copied dozens of times in a run."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local import postgres

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's file system in memory
ROOM = 1024**3  # bytes that must be free there
NAME = "clones"


@contextmanager
def tablespace(url: str, instance: str, memory: Path = MEMORY) -> Iterator[dict[str, str]]:
    """Make a tablespace in memory for the copies of databases, and drop it at the end.

    Yields what tells the tests to use it: nothing where the machine has no room for it.
    """
    folder = memory / instance
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < ROOM:
        yield {}
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    owner = postgres.account()
    os.chown(folder, owner.uid, owner.gid)
    try:
        with psycopg.connect(postgres.maintenance(url), autocommit=True) as server:
            _drop(server)
            server.execute(
                sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(
                    sql.Identifier(NAME), sql.Literal(str(folder))
                )
            )
        yield {"WINVEST_TEST_TABLESPACE": NAME}
        with psycopg.connect(postgres.maintenance(url), autocommit=True) as server:
            _drop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drop(server: psycopg.Connection) -> None:
    """Drop the tablespace with what an interrupted run has left in it."""
    left = server.execute(
        "SELECT datname FROM pg_database JOIN pg_tablespace space ON space.oid = dattablespace "
        "WHERE spcname = %s",
        [NAME],
    ).fetchall()
    for (name,) in left:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    server.execute(sql.SQL("DROP TABLESPACE IF EXISTS {}").format(sql.Identifier(NAME)))
