"""What every table of the business has in PostgreSQL, whatever model brings it."""

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model


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
@pytest.mark.requirement("A.2-01")
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
