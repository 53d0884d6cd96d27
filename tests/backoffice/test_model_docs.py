"""The documents of the data model are those of the models (Annexes A and L)."""

from pathlib import Path

import pytest
from django.core.management import call_command

COMMITTED = Path(__file__).parents[2] / "docs" / "donnees"


@pytest.mark.requirement("A.1.1-01", "A.1.2-01", "A.1.2-02", "L-03", "11-01", "11-02")
def test_the_committed_documents_are_the_generated_ones(tmp_path):
    call_command("write_model_docs", folder=tmp_path)
    for path in sorted(tmp_path.iterdir()):
        committed = (COMMITTED / path.name).read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8") == committed, "python manage.py write_model_docs"
