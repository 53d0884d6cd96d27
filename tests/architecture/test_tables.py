"""What every table of the business has in PostgreSQL, whatever model brings it."""

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

# What PostgreSQL's own types take and nothing else does.
BAD = {
    "date": ("infinity", "-infinity", "0044-03-15 BC", "1899-12-31", "2200-01-01", "12026-01-01"),
    "timestamptz": ("infinity", "-infinity", "0044-03-15 BC", "1899-12-30", "2200-01-03"),
    "numeric": ("NaN",),
}
COLUMNS = """
SELECT relname::text, attname::text, typname::text
FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
  AND typname IN ('date', 'timestamptz', 'numeric', 'float4', 'float8', 'timestamp')
  AND relname !~ '^(django|auth|guardian|otp|pg)_'
"""


def _audited() -> list[type[Model]]:
    return [model for model, trigger in pgtrigger.registered() if trigger.name == "audit"]


@pytest.mark.django_db
@pytest.mark.requirement("3.8-07", "A.1.1-12")
def test_no_audited_table_is_emptied_at_once():
    """TRUNCATE fires no row trigger: it would leave the log without a word."""
    emptied = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in sorted(model._meta.db_table for model in _audited()):
            try:
                with transaction.atomic():
                    cursor.execute(f'TRUNCATE "{table}" CASCADE')
                emptied.append(table)
            except IntegrityError:
                pass
    assert emptied == []


@pytest.mark.django_db
@pytest.mark.requirement("A.2-01", "1-21", "2.2-01", "2.2-03", "A.2.2-accounting_mapping-02")
def test_every_closed_list_is_closed_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c'"
        )
        checks = cursor.fetchall()
    missing = [
        f"{model._meta.db_table}.{field.column}"
        for model in _audited()
        for field in model._meta.concrete_fields
        if field.choices
        and not any(
            table == model._meta.db_table
            and f"({field.column})::text = ANY" in check
            and all(f"'{code}'" in check for code, _ in field.flatchoices)
            for table, check in checks
        )
    ]
    assert missing == []


@pytest.mark.django_db
@pytest.mark.requirement("A.2-01", "A.4-01")
def test_every_date_and_number_is_one_that_a_page_can_show():
    """`infinity`, a year before Christ and `NaN` are PostgreSQL's: no page, no sum takes them.

    The expression of each table's check is asked of every bad value, column by column. A new table,
    or a new column, is named by `finite()` in a migration (`winvest/core/models/finite.py`).
    """
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_expr(conbin, conrelid) FROM pg_constraint"
            " WHERE contype = 'c' AND conname LIKE '%%\\_finite'"
        )
        checks = dict(cursor.fetchall())
        taken = []
        for table, column, kind in columns:
            expression = checks.get(table, "TRUE")
            for bad in BAD[kind]:
                cursor.execute(
                    f"SELECT ({expression}) IS NOT FALSE FROM (SELECT (jsonb_populate_record("
                    f"NULL::{table}, jsonb_build_object(%s::text, %s::text))).*) AS row",
                    [column, bad],
                )
                if cursor.fetchone()[0]:
                    taken.append((table, column, bad))
    assert len(columns) > 200
    assert taken == []


@pytest.mark.django_db
@pytest.mark.requirement("A.4-01")
def test_every_constraint_holds_for_the_rows_of_before_too():
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []
