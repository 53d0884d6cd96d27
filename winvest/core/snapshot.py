"""A reading that sees one instant of the database, whatever is written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def snapshot() -> Iterator[psycopg.Connection[Any]]:
    """Open a second connection in a read-only, repeatable-read transaction without time limit.

    The caller's own connection stays free, to report progress while rows are streamed. Only what
    is committed is seen. Raw SQL runs outside the scope: the selector names its company.
    """
    reader = connection.copy()
    try:
        reader.ensure_connection()
        raw: psycopg.Connection[Any] = reader.connection
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        raw.execute("SET LOCAL statement_timeout = 0")
        yield raw
    finally:
        reader.close()
