"""What a publication lacks of its documents: each told once, with all its channels (§3.4, B.8)."""

from datetime import date

import pytest

from documents.domain.requirements import MISSING, Required, document_findings

LABELS = {"field": "Terrain", "web": "Web", "partners": "Partenaires"}


@pytest.mark.requirement("3.4-01")
def test_a_document_asked_by_two_texts_is_told_once():
    required = [
        Required("CGV", "CGV", "web", ground="A.4 : vendre sur le web."),
        Required("CGV", "CGV", "field", ground="B.3 : démarchage à domicile"),
    ]
    (found,) = document_findings(required, [], LABELS, date(2026, 1, 1), labels=LABELS)
    assert found.rule.code == MISSING.code
    assert found.message == "Il manque le document « CGV » (Terrain, Web)."
    assert found.rule.why == "Démarchage à domicile. Vendre sur le web."
