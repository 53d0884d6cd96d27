"""Statements written by hand for the hot reads, which PostgreSQL plans once (`performance.md`).

Django's own cursor never prepares them, and planning costs more than reading.
"""

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row

_name = re.compile(r"%\((\w+)\)s")


class Statement:
    """A statement whose values are named as `%(name)s`, on the connection of Django.

    JSON comes as text: Django has its own loader of it.
    """

    def __init__(self, sql: str) -> None:
        """Number the values, and leave out what only the eye needs."""
        text = " ".join(sql.split())
        self.names = tuple(dict.fromkeys(_name.findall(text)))
        numbers = {name: f"${number}" for number, name in enumerate(self.names, start=1)}
        self._text = _name.sub(lambda found: numbers[found[1]], text).encode()

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows, as named tuples; a name too many in `values` says nothing."""
        connection.ensure_connection()
        raw = connection.connection
        raw.prepare_threshold = 0
        with (
            connection.wrap_database_errors,
            psycopg.RawCursor(raw, row_factory=namedtuple_row) as cursor,
        ):
            asked = [values[name] for name in self.names]
            return cursor.execute(self._text, asked).fetchall()
