"""What every table of the business has in PostgreSQL, whatever model brings it."""

import pytest
from django.db import IntegrityError, connection, transaction

from winvest.backoffice.selectors.model_docs import APPS, business_models


def _audited() -> list[str]:
    return sorted(
        model._meta.db_table
        for app in APPS
        for model in business_models(app)
        if any(trigger.name == "audit" for trigger in model._meta.triggers)
    )


@pytest.mark.django_db
@pytest.mark.requirement("3.8-07", "A.1.1-12")
def test_no_audited_table_is_emptied_at_once():
    """TRUNCATE fires no row trigger: it would leave the log without a word."""
    emptied = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _audited():
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
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c'")
        constraints = {name for (name,) in cursor.fetchall()}
    missing = [
        f"{model._meta.db_table}.{field.column}"
        for app in APPS
        for model in business_models(app)
        for field in model._meta.concrete_fields
        if field.choices and f"{model._meta.model_name}_{field.name}_known" not in constraints
    ]
    assert missing == []
