"""Retention of the legal log: ten years, then by month and on purpose only (G.3-03)."""

from datetime import date

from django.conf import settings
from django.db import connection
from psycopg import sql

from winvest.core.choices import AuditAction
from winvest.core.clock import now
from winvest.core.domain.periods import add_months, local_date, parse_month
from winvest.core.errors import Conflict, Problem
from winvest.core.models.audit import AuditEntry
from winvest.core.models.base import new_id
from winvest.core.services.audit import record_act
from winvest.core.transaction import transaction

YEARS_KEPT = 10


class RetentionProblem(Problem):
    """Why the log is not purged."""

    TOO_YOUNG = (
        "audit.retention",
        "Le journal d'audit se conserve dix ans : rien n'est purgé à partir du {first}.",
    )


def first_kept() -> date:
    """Return the first day that no purge may touch: ten years ago, today."""
    return add_months(local_date(now(), settings.TIME_ZONE), -12 * YEARS_KEPT)


def purge_audit(*, before: str) -> list[str]:
    """Drop the monthly partitions before the month `AAAA-MM` and return their names.

    Refused as a whole while it would touch the last ten years. The seals stay, so that the chain
    is still verified, and the purge stands in the log.
    """
    bound = parse_month(before, path="before").start
    if bound > first_kept():
        raise Conflict(RetentionProblem.TOO_YOUNG, first=f"{first_kept():%d/%m/%Y}")
    with transaction(None), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = 'audit_log'::regclass AND relname ~ '^audit_log_[0-9]{4}_[0-9]{2}$'"
            " AND relname < %s ORDER BY relname",
            [f"audit_log_{bound:%Y_%m}"],
        )
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        if names:
            record_act(
                AuditAction.PURGE,
                table=AuditEntry._meta.db_table,
                record_id=new_id(),
                company_id=None,
                details={"event": "purge", "period": before, "partitions": names},
            )
    return names
