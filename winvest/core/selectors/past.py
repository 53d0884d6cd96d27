"""What rows said at an earlier instant, from the legal log that the database writes itself."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from winvest.core.choices import AuditAction
from winvest.core.models.audit import AuditEntry

CHANGES = (AuditAction.UPDATE, AuditAction.DELETE)


def past_states(
    table: str, *, after: datetime, records: Collection[UUID] | None = None
) -> dict[UUID, dict[str, Any]]:
    """Return, by key, how each row of a table stood at an instant when it was changed or erased since.

    As PostgreSQL writes JSON. A row that is not in the answer stands as it stood, or came later. The
    caller reads the rows of its scope alone. One statement, of what was logged since `after`.
    """
    rows: Any = AuditEntry._base_manager.filter(table=table, action__in=CHANGES, at__gt=after)
    if records is not None:
        rows = rows.filter(record_id__in=records)
    first = rows.order_by("record_id", "id").distinct("record_id")
    return dict(first.values_list("record_id", "before"))
