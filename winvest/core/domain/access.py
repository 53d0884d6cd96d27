"""Who may give which role: never one above one's own (R-01, G.2)."""

from collections.abc import Collection, Iterable, Set
from uuid import UUID

from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Problem


class AccessRuleProblem(Problem):
    """Why an access is not changed."""

    ABOVE_ONESELF = "access.above_oneself", "Ce compte ou ce rôle est au-dessus du vôtre."
    LAST_GROUP_ADMIN = (
        "access.last_group_admin",
        "Le groupe garde toujours un Admin Groupe actif ; nommez-en d'abord un autre.",
    )
    OTHER_FAMILY = (
        "access.other_family",
        "Vous n'administrez que certaines familles de risques : donnez un rôle dans celles-là.",
    )
    UNKNOWN_FAMILY = "access.unknown_family", "Cette famille de risques n'existe pas."
    GROUP_HAS_NO_FAMILY = (
        "access.group_has_no_family",
        "L'Admin Groupe vaut pour toutes les familles de risques.",
    )
    UNKNOWN_COMPANY = "access.unknown_company", "Cette société n'existe pas."
    ACCOUNT_OPEN = "access.account_open", "Ce compte est déjà ouvert."
    ONESELF = "access.oneself", "Personne ne change ses propres droits ni ne ferme son compte."


_RANKS = {Role.GROUP_ADMIN: 2, Role.COMPANY_ADMIN: 1}


def rank(roles: Iterable[Role]) -> int:
    """Return the highest rank of `roles`: group administrator, company administrator, others."""
    return max((_RANKS.get(role, 0) for role in roles), default=-1)


def check_not_above(*, own: Iterable[Role], other: Iterable[Role]) -> None:
    """Refuse to touch `other` roles when one of them ranks above all of one's own."""
    if rank(other) > rank(own):
        raise Forbidden(AccessRuleProblem.ABOVE_ONESELF)


def is_within(*, own: Set[UUID] | None, other: Collection[UUID]) -> bool:
    """Whether risk families stay within one's own (None: all); `other` empty means all."""
    return own is None or (bool(other) and own >= set(other))


def check_within(*, own: Set[UUID] | None, other: Collection[UUID]) -> None:
    """Refuse a role in families that are not one's own (N-02)."""
    if not is_within(own=own, other=other):
        raise Forbidden(AccessRuleProblem.OTHER_FAMILY)


def check_group_admin_left(*, others: int) -> None:
    """Refuse to take the group its last active administrator (`others`: those who stay)."""
    if others < 1:
        raise Conflict(AccessRuleProblem.LAST_GROUP_ADMIN)
