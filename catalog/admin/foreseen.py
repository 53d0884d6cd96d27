"""In words, whom an approval is asked of, or why of nobody and what to do about it (§1, R-02)."""

from collections.abc import Sequence

from catalog.domain.approvals import DOMAIN_LABELS, Nobody
from catalog.models import ProductVersion
from catalog.services.foreseen import Foreseen, foreseen_approvals
from winvest.core.models.access import User

# So many names say whom to ask; more would be a directory.
NAMED = 3


def asked_of(one: Foreseen) -> str:
    """Return whom a submission would ask for the approval, or what to do first."""
    if one.nobody is None:
        return f"Sera demandée à {', '.join(map(str, one.people))}."
    if one.nobody is Nobody.ASKS and one.submitters:
        return (
            "Vous seul pouvez encore la donner, et qui soumet n'approuve pas : "
            f"faites envoyer la version par {_either(one.submitters)}."
        )
    return f"{why_of_nobody(one)} {_open_the_right(one)}"


def why_of_nobody(one: Foreseen) -> str:
    """Return why an approval is asked of nobody."""
    if not one.holders:
        return "Personne n'y est habilité."
    several = len(one.holders) > 1
    named = _several(one.holders[:NAMED], "et")
    did = "soumis" if one.nobody is Nobody.ASKS else "écrit"
    if several:
        return f"{named}, qui y sont habilités, ont écrit ou soumis ce contenu."
    return f"{named}, seule personne habilitée, a {did} ce contenu."


def asked_of_nobody(one: Foreseen) -> str:
    """Return the same of a version that was submitted: its page tells how to go on."""
    again = ""
    if one.nobody is Nobody.ASKS and one.submitters:
        again = f" Ou refusez-la, pour que {_either(one.submitters)} la soumette."
    return f"{why_of_nobody(one)} {_open_the_right(one)}{again}"


def warnings_of(version: ProductVersion, asking: User) -> list[str]:
    """Return what to say before a version is submitted: each approval that nobody could give."""
    return warned(foreseen_approvals(version, asking=asking.pk))


def warned(found: Sequence[Foreseen]) -> list[str]:
    """Return the approvals among these that nobody could give, each with what to do."""
    return [
        f"Personne ne pourra donner l'approbation {DOMAIN_LABELS[one.domain]}. {asked_of(one)}"
        for one in found
        if one.nobody is not None
    ]


def _open_the_right(one: Foreseen) -> str:
    if not one.givers:
        return "Demandez à un administrateur d'y habiliter une autre personne."
    return f"Demandez à {_either(one.givers)} d'y habiliter une autre personne."


def _either(people: Sequence[User]) -> str:
    return _several(people[:NAMED], "ou")


def _several(people: Sequence[User], word: str) -> str:
    *first, last = map(str, people)
    return f"{', '.join(first)} {word} {last}" if first else last
