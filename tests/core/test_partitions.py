"""Logs cut by month: partitions come before their rows, and strays find their drawer (A.6)."""

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from tests.factories import BrandFactory
from tests.support.demo import undone
from winvest.core.models import AuditEntry
from winvest.core.tasks import create_partitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def run(sql: str, *params) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def partitions() -> list[str]:
    return [
        name
        for (name,) in run(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'audit_log'::regclass ORDER BY 1"
        )
    ]


@pytest.mark.requirement("A.6-07")
def test_a_missing_month_is_created_append_only_and_the_default_stays_empty(company):
    *_, last, default = partitions()
    assert default == "audit_log_default"
    run(f"DROP TABLE {last}")
    create_partitions()
    create_partitions()
    assert partitions()[-2] == last
    assert len(partitions()) == 14
    with pytest.raises(DatabaseError, match="append-only"), undone():
        run(f"TRUNCATE {last}")
    assert run("SELECT count(*) FROM audit_log_default") == [(0,)]


@pytest.mark.requirement("A.6-07")
def test_rows_of_the_default_partition_move_into_their_month(company):
    """A beat that was down for months left the present month without a partition."""
    present = f"audit_log_{run('SELECT to_char(now(), %s)', 'YYYY_MM')[0][0]}"
    run(f"DROP TABLE {present}")
    brand = BrandFactory(company=company)
    run(
        'INSERT INTO audit_log SELECT id, "table", record_id, company_id, actor_id, actor_role,'
        " session_user_name, request_id, action, before, after, at - interval '2 months'"
        " FROM audit_log WHERE record_id = %s",
        brand.pk,
    )
    before = set(AuditEntry.objects.values_list("id", "at"))
    assert run("SELECT count(*) > 1 FROM audit_log_default") == [(True,)]
    create_partitions()
    assert run("SELECT count(*) FROM audit_log_default") == [(0,)]
    assert run(f"SELECT count(*) > 0 FROM {present}") == [(True,)]
    assert set(AuditEntry.objects.values_list("id", "at")) == before
    refused = (f"DELETE FROM {present}", f"TRUNCATE {present}", "TRUNCATE audit_log_default")
    for sql in refused:
        with pytest.raises(DatabaseError, match="append-only"), undone():
            run(sql)


@pytest.mark.requirement("A.6-07")
@pytest.mark.parametrize("parent", ["audit_log", "webhook_event"])
def test_every_partition_refuses_truncate_those_made_before_the_trigger_too(parent):
    held = (
        "SELECT inhrelid::regclass::text, tgname FROM pg_inherits"
        " LEFT JOIN pg_trigger ON tgrelid = inhrelid AND tgtype & 32 > 0 AND NOT tgisinternal"
        " WHERE inhparent = %s::regclass"
    )
    parts = sorted(run(held, parent))
    assert len(parts) >= 14
    assert all(trigger for _, trigger in parts)
    name, trigger = parts[0]
    run(f"DROP TRIGGER {trigger} ON {name}")
    create_partitions()
    assert sorted(run(held, parent)) == parts
