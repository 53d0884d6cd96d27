"""Who may give which role: never more than one's own rights (R-01, G.2)."""

from collections.abc import Collection, Set
from uuid import UUID

from winvest.core.domain.roles import Action
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


# One half of what two people decide: nobody holds both, so it is given without being held.
_APPROVALS = frozenset(
    {
        Action.APPROVE_PRODUCT,
        Action.APPROVE_ACCOUNTING,
        Action.APPROVE_COMPLIANCE,
        Action.APPROVE_INTEGRATION,
    }
)


def is_above(*, own: Set[Action], other: Set[Action]) -> bool:
    """Whether roles with the rights `other` give more than `own`, approvals apart."""
    return not other - _APPROVALS <= own


def check_not_above(*, own: Set[Action], other: Set[Action]) -> None:
    """Refuse to give, or to touch, a role that holds a right which one does not hold."""
    if is_above(own=own, other=other):
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
