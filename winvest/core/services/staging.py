"""A temporary table of the rows to write: judged and written by the database, all at once.

The table has the columns of its target. Each CHECK, unique index and exclusion of the target is
asked over the whole table in one statement that gives the wrong lines, from the catalogue of
PostgreSQL itself: a constraint that a migration adds is checked without another word here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from django.db import connection, models
from psycopg import sql

from winvest.core.clock import now
from winvest.core.services.row_checks import Fate, Verdict

STAGE = sql.Identifier("import_stage")
BLOCK = 5_000
# A rule of the database that no model tells: it still has a name.
UNTOLD = "La base refuse cette ligne : règle « {name} »."

_PLAIN = {
    *(models.BooleanField, models.CharField, models.DateTimeField, models.DecimalField),
    *(models.ForeignKey, models.PositiveSmallIntegerField, models.UUIDField),
}

_CHECKS = """
SELECT conname, pg_get_expr(conbin, conrelid),
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = conrelid AND attnum = ANY(conkey))
FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c' ORDER BY conname
"""

_KEYS = """
SELECT coalesce(held.conname, class.relname)::text,
       pg_get_expr(key.indpred, key.indrelid),
       key.indnullsnotdistinct,
       ARRAY(SELECT pg_get_indexdef(key.indexrelid, part, false)
             FROM generate_series(1, key.indnkeyatts) AS part),
       coalesce((SELECT array_agg(operator.oprname::text ORDER BY place)
                 FROM unnest(held.conexclop) WITH ORDINALITY AS exclusion(oid, place)
                 JOIN pg_operator operator ON operator.oid = exclusion.oid),
                array_fill('='::text, ARRAY[key.indnkeyatts])),
       ARRAY(SELECT DISTINCT attname::text FROM pg_attribute attribute
             WHERE attribute.attrelid = key.indrelid AND attnum > 0
               AND (attnum = ANY(key.indkey) OR EXISTS (
                   SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                   AND objid = key.indexrelid AND refobjid = key.indrelid
                   AND refobjsubid = attnum)))
FROM pg_index key
JOIN pg_class class ON class.oid = key.indexrelid
LEFT JOIN pg_constraint held ON held.conindid = key.indexrelid
     AND held.conrelid = key.indrelid AND held.contype IN ('u', 'x')
WHERE key.indrelid = %s::regclass AND (key.indisunique OR key.indisexclusion)
  AND NOT key.indisprimary
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A line that a rule of the database refuses, and the columns that the rule reads."""

    line: int
    rule: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    condition: str | None
    nulls_equal: bool
    parts: list[str]
    operators: list[str]
    columns: list[str]


class Staging:
    """The temporary table of one import, on the connection of its worker."""

    def __init__(self, model: Any) -> None:
        """Say which table the rows are for."""
        self.model = model
        self.table = sql.Identifier(model._meta.db_table)
        self.fields = [item for item in model._meta.concrete_fields if not item.generated]
        self.columns = [item.column for item in self.fields]
        # What PostgreSQL's adapter takes as it is; the others are prepared by their field.
        self._fields = [
            (item, type(item) in _PLAIN and not getattr(item, "auto_now", False))
            for item in self.fields
        ]

    def open(self) -> None:
        """Create the table; what a worker killed in the middle left goes with its session."""
        self.close()
        self._run(
            "CREATE TEMPORARY TABLE {stage} (LIKE {table} INCLUDING GENERATED, import_line integer,"
            " import_new boolean, import_seen text) ON COMMIT PRESERVE ROWS"
        )

    def close(self) -> None:
        """Drop the table."""
        self._run("DROP TABLE IF EXISTS pg_temp.{stage}")

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Copy the rows to write into the table."""
        names = [*self.columns, "import_line", "import_new", "import_seen"]
        copy = sql.SQL("COPY {stage} ({names}) FROM STDIN").format(
            stage=STAGE, names=sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with connection.cursor() as cursor, cursor.copy(copy) as rows:
            for verdict in verdicts:
                row, is_new = verdict.row, verdict.fate is Fate.CREATE
                cells = [
                    getattr(row, item.attname)
                    if plain
                    else item.get_db_prep_save(item.pre_save(row, is_new), connection)
                    for item, plain in self._fields
                ]
                rows.write_row([*cells, verdict.line, is_new, verdict.seen])

    def violations(self) -> list[Violation]:
        """Return every line that a constraint or a unique index of the target refuses."""
        self._run("ANALYZE {stage}")
        return [*self._broken_checks(), *self._taken_keys()]

    def stale_lines(self) -> list[int]:
        """Lock the rows to change; return the lines whose row has changed since it was read."""
        rows = self._run(
            "SELECT import_line, {table}.xmin::text IS DISTINCT FROM import_seen FROM {table}"
            " JOIN {stage} ON {stage}.id = {table}.id WHERE NOT import_new"
            " ORDER BY {table}.id FOR UPDATE OF {table}"
        )
        found = dict(rows)
        wanted = self._run("SELECT import_line FROM {stage} WHERE NOT import_new")
        return sorted(line for (line,) in wanted if found.get(line, True))

    def write(self, *, reason: str, author: UUID | None, advance: Callable[[int], None]) -> None:
        """Insert and update the rows with their history; the audit trigger writes the log.

        By blocks of lines: `advance` is told how many are written and may raise to stop.
        """
        history = self.model.history.model
        names = {item.name for item in history._meta.concrete_fields}
        kept = [item.column for item in self.fields if item.name in names]
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        changes = sql.SQL(", ").join(
            sql.SQL("{name} = {stage}.{name}").format(name=sql.Identifier(name), stage=STAGE)
            for name in self.columns
            if name not in ("id", "created_at")
        )
        statements = (
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM {stage}"
            " WHERE import_new AND import_line > %(after)s AND import_line <= %(upto)s"
            " ORDER BY import_line",
            "UPDATE {table} SET {changes} FROM {stage} WHERE {table}.id = {stage}.id"
            " AND NOT import_new AND import_line > %(after)s AND import_line <= %(upto)s",
            "INSERT INTO {history} ({kept}, history_date, history_change_reason, history_type,"
            " history_user_id) SELECT {kept}, %(at)s, %(reason)s,"
            " CASE WHEN import_new THEN '+' ELSE '~' END, %(author)s FROM {stage}"
            " WHERE import_line > %(after)s AND import_line <= %(upto)s ORDER BY import_line",
        )
        parts = {
            "columns": columns,
            "changes": changes,
            "history": sql.Identifier(history._meta.db_table),
            "kept": sql.SQL(", ").join(map(sql.Identifier, kept)),
        }
        written = 0
        for after, upto, count in self._blocks():
            values = {
                "after": after,
                "upto": upto,
                "at": now(),
                "reason": reason[:100],
                "author": author,
            }
            for statement in statements:
                self._run(statement, values, **parts)
            written += count
            advance(written)

    def _blocks(self) -> list[tuple[int, int, int]]:
        """Return the bounds of the blocks of lines, and how many rows each has."""
        rows = self._run(
            "SELECT min(import_line) - 1, max(import_line), count(*) FROM (SELECT import_line,"
            " (row_number() OVER (ORDER BY import_line) - 1) / %(block)s AS block FROM {stage})"
            " AS lines GROUP BY block ORDER BY block",
            {"block": BLOCK},
        )
        return [(after, upto, count) for after, upto, count in rows]

    def _broken_checks(self) -> Iterator[Violation]:
        for name, condition, columns in self._catalogue(_CHECKS):
            query = "SELECT import_line FROM {stage} WHERE NOT ({condition})"
            for (line,) in self._run(query, condition=sql.SQL(condition)):
                yield Violation(line, name, tuple(columns))

    def _taken_keys(self) -> Iterator[Violation]:
        for row in self._catalogue(_KEYS):
            key = _Key(*row)
            if "id" in key.columns:
                continue  # a new row has a new identifier, another keeps its own
            lines = {
                line for query in _key_queries(key, self.table) for (line,) in self._run(query)
            }
            for line in sorted(lines):
                yield Violation(line, key.name, tuple(key.columns))

    def _catalogue(self, query: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, [self.model._meta.db_table])
            return list(cursor.fetchall())

    def _run(
        self,
        query: LiteralString | sql.Composable,
        params: dict[str, Any] | None = None,
        **parts: sql.Composable,
    ) -> list[tuple[Any, ...]]:
        statement = query
        if isinstance(query, str):
            statement = sql.SQL(query).format(stage=STAGE, table=self.table, **parts)
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return list(cursor.fetchall()) if cursor.description else []


def _key_queries(key: _Key, table: sql.Identifier) -> list[sql.Composable]:
    """Return the statements that find lines whose key another line, or another row, has."""
    numbers = range(len(key.parts))
    parts = sql.SQL(", ").join(
        sql.SQL("({part}) AS {name}").format(part=sql.SQL(part), name=sql.Identifier(f"k{number}"))
        for number, part in enumerate(key.parts)
    )
    same = sql.SQL(" AND ").join(
        sql.SQL("a.{name} {operator} b.{name}").format(
            name=sql.Identifier(f"k{number}"),
            operator=sql.SQL("IS NOT DISTINCT FROM" if key.nulls_equal else key.operators[number]),
        )
        for number in numbers
    )
    where = sql.SQL(key.condition or "TRUE")
    return [
        sql.SQL(text).format(parts=parts, same=same, where=where, stage=STAGE, table=table)
        for text in (
            "WITH staged AS (SELECT import_line, {parts} FROM {stage} WHERE {where})"
            " SELECT a.import_line FROM staged a WHERE EXISTS (SELECT FROM staged b"
            " WHERE b.import_line < a.import_line AND {same})",
            "SELECT a.import_line FROM (SELECT import_line, id, {parts} FROM {stage}"
            " WHERE {where}) a WHERE EXISTS (SELECT FROM (SELECT id, {parts} FROM {table}"
            " WHERE {where}) b WHERE {same} AND b.id <> a.id"
            " AND NOT EXISTS (SELECT FROM {stage} held WHERE held.id = b.id))",
        )
    ]
