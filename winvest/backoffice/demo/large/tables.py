"""Writes rows by COPY: into a temporary table, then into the table, its history and the log.

No right beyond those of the application is needed. The triggers would write the same lines of the
legal log (§3.8) three times slower, row by row: here one statement writes them for a whole lot,
and a test compares both. Constraints and foreign keys stay on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from accounting.models import AccountingMapping
from catalog.models import PricingRule, Product, ProductPlan, ProductVersion, Publication

DATED = ("id", "created_at", "updated_at", "company_id")
REASON = "make demo-large"
# As `audit_write` writes an insertion, its place in the queue of the seal included.
LOG = """
WITH line AS (
    INSERT INTO audit_log ("table", record_id, company_id, actor_role, request_id, action, after)
    SELECT {name}, id, company_id, '', {reason}, 'insert', to_jsonb(staged) FROM {stage} AS staged
    RETURNING id, at
)
INSERT INTO audit_unsealed (id, at) SELECT id, at FROM line
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that a load fills; the others take the database's defaults."""

    model: Any
    columns: Sequence[str]

    @property
    def name(self) -> str:
        """Name in the database."""
        return str(self.model._meta.db_table)

    @property
    def stage(self) -> sql.Identifier:
        """Name of the temporary table."""
        return sql.Identifier(f"stage_{self.name}")

    def triggers(self) -> list[str]:
        """Return the triggers that a load does without: the log is written for a whole lot, what
        is released is written after its content, and the rates come from the reference data.
        """
        return [
            trigger.get_pgid(self.model)
            for trigger in self.model._meta.triggers
            if trigger.name in {"audit", "freeze_released", "known_rate"}
        ]

    def _create_stage(self, cursor: psycopg.Cursor[Any]) -> None:
        """Create the temporary table of a transaction, without generated columns."""
        create = sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP")
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(self.stage))
        cursor.execute(create.format(self.stage, sql.Identifier(self.name)))
        for field in self.model._meta.concrete_fields:
            if field.generated:
                drop = sql.SQL("ALTER TABLE {} DROP COLUMN {}")
                cursor.execute(drop.format(self.stage, sql.Identifier(field.column)))

    def write(self, connection: psycopg.Connection[Any], rows: Iterable[Sequence[Any]]) -> None:
        """Write the rows, their first history line and their line of the log."""
        columns = _names(self.columns)
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN").format(self.stage, columns)
        with connection.cursor() as cursor:
            self._create_stage(cursor)
            with cursor.copy(copy_in) as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(self._insert(self.model, [], []))
            cursor.execute(
                self._insert(
                    self.model.history.model,
                    ["history_date", "history_type", "history_change_reason"],
                    [sql.Identifier("created_at"), sql.Literal("+"), sql.Literal(REASON)],
                )
            )
            cursor.execute(
                sql.SQL(LOG).format(
                    name=sql.Literal(self.name), reason=sql.Literal(REASON), stage=self.stage
                )
            )

    def _insert(self, model: Any, names: list[str], values: list[Any]) -> sql.Composed:
        """Return the insertion of the staged rows into a table that has the same columns."""
        known = {field.column for field in self.model._meta.concrete_fields if not field.generated}
        there = {field.column for field in model._meta.concrete_fields}
        columns = sorted(known & there)
        return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
            sql.Identifier(model._meta.db_table),
            _names([*columns, *names]),
            sql.SQL(", ").join([*map(sql.Identifier, columns), *values]),
            self.stage,
        )


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


# In this order: a released version's plans and prices must be there before it.
TABLES = {
    "products": Table(
        Product,
        (
            *DATED,
            "partner_id",
            "risk_id",
            "brand_id",
            "sku",
            "name",
            "short_name",
            "revenue_model",
            "lifecycle_status",
            "created_by",
        ),
    ),
    "plans": Table(
        ProductPlan, (*DATED, "product_version_id", "code", "name", "recurrence", "position")
    ),
    "prices": Table(
        PricingRule,
        (
            *DATED,
            "product_version_id",
            "plan_id",
            "type",
            "tier_mode",
            "payload",
            "tax_code",
            "tax_rate",
        ),
    ),
    "versions": Table(
        ProductVersion,
        (
            *DATED,
            "product_id",
            "version",
            "state",
            "effective_from",
            "effective_to",
            "breaking_changes",
            "content_hash",
            "released_at",
            "released_by_id",
            "withdrawn_at",
        ),
    ),
    "publications": Table(
        Publication,
        (
            *DATED,
            "owner_company_id",
            "product_id",
            "product_version_id",
            "channels",
            "visibility",
            "start_at",
            "end_at",
        ),
    ),
    "mappings": Table(
        AccountingMapping,
        (
            *DATED,
            "product_id",
            "product_version_id",
            "nature",
            "gl_account",
            "journal",
            "tax_code",
            "state",
            "validated_at",
        ),
    ),
}
