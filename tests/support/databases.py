"""Databases of the tests: cloned from a template, which takes a tenth of a second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection

# Where `make test` has made one, copies are in a tablespace in memory.
TABLESPACE = os.environ.get("WINVEST_TEST_TABLESPACE")
IN_MEMORY = f' TABLESPACE "{TABLESPACE}"' if TABLESPACE else ""


def maintenance() -> psycopg.Connection:
    """Connect to the server's `postgres` database, outside any transaction."""
    options = connection.settings_dict
    return psycopg.connect(
        host=options["HOST"],
        port=options["PORT"] or None,
        user=options["USER"],
        password=options["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )


def use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def clone(template: str, name: str) -> None:
    connection.close()
    with maintenance() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{IN_MEMORY}')
    use(name)


@contextmanager
def locked(name: str) -> Iterator[psycopg.Connection | None]:
    """Let one worker build the database `name` while the others wait; None when it is there."""
    with maintenance() as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        yield None if server.execute(query, [name]).fetchone() else server
