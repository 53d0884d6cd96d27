"""The documents of the data model are those of the models (Annexes A and L)."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.architecture.test_models import business_models

COMMITTED = Path(__file__).parents[2] / "docs" / "donnees"


@pytest.mark.requirement("A.1.1-01", "A.1.2-01", "A.1.2-02", "L-03", "11-01", "11-02")
def test_the_committed_documents_are_the_generated_ones(tmp_path):
    call_command("write_model_docs", folder=tmp_path)
    for path in sorted(tmp_path.iterdir()):
        committed = (COMMITTED / path.name).read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8") == committed, "python manage.py write_model_docs"


@pytest.mark.requirement("A.1.1-01")
def test_the_diagram_has_every_foreign_key_of_the_database(db):
    """Those that a migration of an application above adds too."""
    drawn = set(
        re.findall(r"^  (\w+) \S+--\S+ (\w+) :", (COMMITTED / "mcd.md").read_text("utf-8"), re.M)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confrelid::regclass::text, conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [[model._meta.db_table for model in business_models()]],
        )
        assert set(cursor.fetchall()) <= drawn
