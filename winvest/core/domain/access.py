"""Who may give which role: never one above one's own (R-01, G.2)."""

from collections.abc import Iterable

from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Problem


class AccessRuleProblem(Problem):
    """Why an access is not changed."""

    ABOVE_ONESELF = "access.above_oneself", "Ce compte ou ce rôle est au-dessus du vôtre."
    LAST_GROUP_ADMIN = (
        "access.last_group_admin",
        "Le groupe garde toujours un Admin Groupe actif ; nommez-en d'abord un autre.",
    )
    UNKNOWN_COMPANY = "access.unknown_company", "Cette société n'existe pas."
    ONESELF = "access.oneself", "Personne ne retire ses propres droits ni ne ferme son compte."


_RANKS = {Role.GROUP_ADMIN: 2, Role.COMPANY_ADMIN: 1}


def rank(roles: Iterable[Role]) -> int:
    """Return the highest rank of `roles`: group administrator, company administrator, others."""
    return max((_RANKS.get(role, 0) for role in roles), default=-1)


def check_not_above(*, own: Iterable[Role], other: Iterable[Role]) -> None:
    """Refuse to touch `other` roles when one of them ranks above all of one's own."""
    if rank(other) > rank(own):
        raise Forbidden(AccessRuleProblem.ABOVE_ONESELF)


def check_group_admin_left(*, others: int) -> None:
    """Refuse to take the group its last active administrator (`others`: those who stay)."""
    if others < 1:
        raise Conflict(AccessRuleProblem.LAST_GROUP_ADMIN)
