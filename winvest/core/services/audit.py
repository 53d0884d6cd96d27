"""Lines of the legal log that no trigger can see: what leaves the house, who signs in (M-21)."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from winvest.core.choices import AuditAction
from winvest.core.json import dumps
from winvest.core.models.access import Membership, User
from winvest.core.transaction import transaction


def record_act(
    action: AuditAction,
    *,
    table: str,
    record_id: UUID,
    company_id: UUID | None,
    details: Mapping[str, object],
) -> None:
    """Write that something was done to a row; inside `transaction(actor, …)`."""
    row = {"id": record_id, "company_id": company_id, **details}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_write(%s, %s, NULL, %s::jsonb, '{}'::text[], '{}'::text[])",
            [table, action.value, dumps(row)],
        )


def record_export(
    *, table: str, record_id: UUID, company_id: UUID, details: Mapping[str, object]
) -> None:
    """Write that a file was asked for or handed over; inside `transaction(actor, …)`."""
    record_act(
        AuditAction.EXPORT,
        table=table,
        record_id=record_id,
        company_id=company_id,
        details=details,
    )


def record_login(*, user: User) -> None:
    """Write that someone signed in: one line for each company where he holds a role.

    A role of the group, or none, gives one line of the group.
    """
    held = Membership._base_manager.filter(user=user).values_list("company_id", flat=True)
    companies: set[UUID | None] = set(held) or {None}
    with transaction(user):
        for company_id in sorted(companies, key=str):
            record_act(
                AuditAction.LOGIN,
                table=User._meta.db_table,
                record_id=user.pk,
                company_id=company_id,
                details={"name": user.name},
            )
