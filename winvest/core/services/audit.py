"""Lines of the legal log that no trigger can see: what leaves the house (G.3, reading M-21)."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from winvest.core.choices import AuditAction
from winvest.core.json import dumps


def record_export(
    *, table: str, record_id: UUID, company_id: UUID, details: Mapping[str, object]
) -> None:
    """Write that a file was asked for or handed over; inside `transaction(actor, …)`."""
    row = {"id": record_id, "company_id": company_id, **details}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_write(%s, %s, NULL, %s::jsonb, '{}'::text[], '{}'::text[])",
            [table, AuditAction.EXPORT.value, dumps(row)],
        )
