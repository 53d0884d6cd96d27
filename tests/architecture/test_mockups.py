"""The mock-ups of Annexe E.4: each named screen has its picture."""

import re

import pytest
from django.conf import settings

DOCS = settings.BASE_DIR / "docs"
PNG = b"\x89PNG"


@pytest.mark.requirement("E.4-01", "E.4-02", "E.4-03")
@pytest.mark.parametrize("screen", ["Catalogue en trois volets", "Fiche produit 360", "Assistant"])
def test_each_screen_has_its_picture(screen):
    text = (DOCS / "maquettes.md").read_text(encoding="utf-8")
    (line,) = [one for one in text.splitlines() if one.startswith(f"| {screen}")]
    (image,) = re.findall(r"\]\(([^)]+)\)", line)
    assert (DOCS / image).read_bytes().startswith(PNG)
