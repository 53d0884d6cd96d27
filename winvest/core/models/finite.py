"""Dates and numbers that only SQL can write: what no door takes, and no page could show."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython

from winvest.core.domain.periods import MAX_YEAR, MIN_YEAR

# An instant of the first or the last of the years, on any wall of the world, is a day off in UTC.
_BOUNDS = {
    "date": f"'{MIN_YEAR}-01-01' AND '{MAX_YEAR}-12-31'",
    "timestamptz": f"'{MIN_YEAR - 1}-12-31 00:00Z' AND '{MAX_YEAR + 1}-01-01 23:59:59.999999Z'",
}
_COLUMNS = """
SELECT attname, typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
  AND typname IN ('date', 'timestamptz', 'numeric') ORDER BY attnum
"""


def finite(*tables: str) -> RunPython:
    """Return the migration operation that bounds every date, instant and number of the tables.

    PostgreSQL's own types also take « infinity », years before Christ and « NaN ». One check by
    table reads all its columns; a table that gets a new one is named again by a later migration.
    """

    def bound(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            unbound_one(editor, table)
            with editor.connection.cursor() as cursor:
                cursor.execute(_COLUMNS, [table])
                rules = [_rule(*column) for column in cursor.fetchall()]
            if rules:
                editor.execute(
                    f"ALTER TABLE {editor.quote_name(table)} ADD CONSTRAINT "
                    f"{editor.quote_name(constraint_of(table))} CHECK ({' AND '.join(rules)})"
                )

    def unbound(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            unbound_one(editor, table)

    return RunPython(bound, unbound)


def constraint_of(table: str) -> str:
    """Return the name of the check of a table."""
    return f"{table}_finite"


def unbound_one(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Take the check of a table away."""
    editor.execute(
        f"ALTER TABLE {editor.quote_name(table)} "
        f"DROP CONSTRAINT IF EXISTS {editor.quote_name(constraint_of(table))}"
    )


def _rule(column: str, kind: str) -> str:
    if kind == "numeric":
        return f"\"{column}\" <> 'NaN'"
    return f'"{column}" BETWEEN {_BOUNDS[kind]}'
