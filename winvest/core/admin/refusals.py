"""What a page says when the database refuses to save or delete."""

from django.db import IntegrityError

from winvest.core.models.checks import sentence_of

RESTRICT_VIOLATION = "23001"
FROZEN_MESSAGE = "Enregistrement refusé : ce contenu est figé, il est en vigueur ou comptabilisé."
RACE_MESSAGE = (
    "Enregistrement refusé : quelqu'un vient de changer cette fiche ou une autre qui lui est liée. "
    "Vérifiez, puis recommencez."
)
REFUSED_MESSAGE = "Enregistrement refusé : {sentence} Vérifiez, puis recommencez."


def explain(error: IntegrityError) -> str:
    """Return the French sentence of a refusal by the database."""
    state = getattr(error.__cause__, "sqlstate", "")
    if state == RESTRICT_VIOLATION:
        return FROZEN_MESSAGE
    _, sentence = sentence_of(error)
    return REFUSED_MESSAGE.format(sentence=sentence) if sentence else RACE_MESSAGE
