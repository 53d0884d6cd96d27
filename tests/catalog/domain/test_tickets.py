"""The words of a ticket (3.6-10)."""

import pytest

from catalog.domain.tickets import TICKET_WORDS, fill, unknown_words


@pytest.mark.requirement("3.6-10")
@pytest.mark.parametrize(
    ("template", "unknown", "filled"),
    [
        ("", [], ""),
        ("Expédier {produit} ({sku})", [], "Expédier Box (BOX-1)"),
        ("{quantite} × {produit} pour {client}", [], "2 × Box pour —"),
        ("{age} {produit}", ["{age}"], "{age} Box"),
        ("{produit", ["{"], "{produit"),
        ("{{produit}}", ["{", "}"], "{Box}"),
        ("{}", ["{}"], "{}"),
        ("{produit.__class__}", ["{produit.__class__}"], "{produit.__class__}"),
    ],
)
def test_a_template_says_the_words_of_the_sale(template, unknown, filled):
    words = {"produit": "Box", "sku": "BOX-1", "quantite": "2", "client": ""}
    assert unknown_words(template) == unknown
    assert fill(template, words) == filled
    assert set(words) < set(TICKET_WORDS)
