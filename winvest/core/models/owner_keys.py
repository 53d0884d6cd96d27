"""Composite foreign keys, which Django does not write itself."""

from django.db.migrations.operations import RunSQL


def owner_key(
    table: str,
    column: str,
    parent: str,
    owner: str = "company_id",
    parent_owner: str = "company_id",
    *,
    cascade: bool = False,
) -> RunSQL:
    """Return the migration operation that keeps `table.owner` equal to its parent's.

    The parent carries a unique constraint on (id, parent_owner). The key is deferred like Django's
    own, so that rows may be written in any order inside a transaction. With `cascade`, the
    database itself deletes the rows of a deleted parent.
    """
    action = " ON DELETE CASCADE" if cascade else ""
    name = f"{table}_{column.removesuffix('_id')}_owner_fk"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {owner}) "
        f"REFERENCES {parent} (id, {parent_owner}){action} DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )
