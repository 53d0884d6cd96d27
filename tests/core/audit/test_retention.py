"""Ten years of log stay whatever is asked (G.3-03)."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.core.audit.test_seal import verified
from tests.factories import BrandFactory
from winvest.core.clock import now
from winvest.core.domain.periods import add_months, local_date
from winvest.core.models import AuditEntry
from winvest.core.services.audit_retention import first_kept, purge_audit
from winvest.core.services.audit_seal import seal_entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def write_old_entry(years: int) -> None:
    """Write an entry as the trigger would have, so many years ago, into its month."""
    month = add_months(local_date(now(), "UTC").replace(day=1), -12 * years)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE audit_log_{month:%Y_%m} PARTITION OF audit_log"
            f" FOR VALUES FROM ('{month} 00:00+00') TO ('{add_months(month, 1)} 00:00+00')"
        )
        cursor.execute(
            'WITH old AS (INSERT INTO audit_log ("table", record_id, actor_role, request_id,'
            " action, at) VALUES ('brand', gen_random_uuid(), '', '', 'delete', %s)"
            " RETURNING id, at) INSERT INTO audit_unsealed SELECT id, at FROM old",
            [datetime(month.year, month.month, 15, tzinfo=UTC)],
        )


@pytest.mark.requirement("G.3-03")
def test_a_purge_of_the_last_ten_years_is_refused(company):
    BrandFactory(company=company)
    write_old_entry(9)
    before = set(AuditEntry.objects.values_list("id", flat=True))
    for day in (first_kept(), add_months(first_kept(), 119)):
        month = f"{add_months(day, 1):%Y-%m}"
        with pytest.raises(CommandError, match="dix ans"):
            call_command("purge_audit", before=month)
    with pytest.raises(CommandError, match="mois"):
        call_command("purge_audit", before="2016")
    assert set(AuditEntry.objects.values_list("id", flat=True)) == before


@pytest.mark.requirement("G.3-03")
def test_older_months_go_and_the_chain_is_still_verified(company):
    write_old_entry(12)
    BrandFactory(company=company)
    seal_entries()
    old = AuditEntry.objects.order_by("at").first()
    month = f"{add_months(first_kept().replace(day=1), 0):%Y-%m}"
    names = purge_audit(before=month)
    assert names
    assert names[0] == f"audit_log_{old.at:%Y_%m}"
    assert not AuditEntry.objects.filter(id=old.id).exists()
    assert verified() == (True, "")
    line = AuditEntry.objects.get(table="audit_log")
    assert line.after["partitions"] == names
    assert purge_audit(before=month) == []
