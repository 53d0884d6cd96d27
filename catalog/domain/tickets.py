"""The ticket that a sale asks of logistics: a template whose words are those of the sale (3.6-10)."""

import re
from collections.abc import Mapping

# What a template may name of the sale, as `{produit}`.
TICKET_WORDS = ("produit", "sku", "formule", "quantite", "societe", "canal", "contrat", "client")
# What the sale does not say.
NOTHING = "—"
_word = re.compile(r"\{([^{}]*)\}|[{}]")


def unknown_words(template: str) -> list[str]:
    """Return what stands between braces and is no word of a sale; a brace alone is one."""
    return [found[0] for found in _word.finditer(template) if found[1] not in TICKET_WORDS]


def fill(template: str, words: Mapping[str, str]) -> str:
    """Return the template with the words of a sale; what is no word of a sale stays as it is."""

    def said(found: re.Match[str]) -> str:
        return (words.get(found[1]) or NOTHING) if found[1] in TICKET_WORDS else found[0]

    return _word.sub(said, template)
