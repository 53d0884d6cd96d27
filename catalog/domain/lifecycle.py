"""Which state may follow which, for a product and for a version (reading M-06)."""

from datetime import datetime
from enum import StrEnum

from winvest.core.errors import Conflict, Problem


class LifecycleProblem(Problem):
    """Why a state cannot be left for another."""

    TRANSITION = "lifecycle.transition", "Un produit ne passe pas de « {current} » à « {target} »."
    VERSION_TRANSITION = (
        "lifecycle.version_transition",
        "Une version ne passe pas de « {current} » à « {target} ».",
    )
    ALREADY_EFFECTIVE = (
        "lifecycle.already_effective",
        "Une version ne se retire qu'avant sa date d'effet.",
    )


class LifecycleStatus(StrEnum):
    """States of a product (Annexe A, C.1)."""

    DRAFT = "draft"
    TEST = "test"
    ACTIVE = "active"
    FROZEN = "frozen"
    RETIRED = "retired"


class VersionState(StrEnum):
    """States of a version."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


STATUS_LABELS = {
    LifecycleStatus.DRAFT: "Brouillon",
    LifecycleStatus.TEST: "En test",
    LifecycleStatus.ACTIVE: "Actif",
    LifecycleStatus.FROZEN: "Gelé",
    LifecycleStatus.RETIRED: "Retiré",
}

STATE_LABELS = {
    VersionState.DRAFT: "Brouillon",
    VersionState.IN_REVIEW: "En validation",
    VersionState.RELEASED: "En vigueur ou planifiée",
    VersionState.WITHDRAWN: "Retirée avant effet",
}

TRANSITIONS = {
    LifecycleStatus.DRAFT: (LifecycleStatus.TEST, LifecycleStatus.RETIRED),
    LifecycleStatus.TEST: (LifecycleStatus.DRAFT, LifecycleStatus.ACTIVE),
    LifecycleStatus.ACTIVE: (LifecycleStatus.FROZEN, LifecycleStatus.RETIRED),
    LifecycleStatus.FROZEN: (LifecycleStatus.ACTIVE, LifecycleStatus.RETIRED),
    LifecycleStatus.RETIRED: (),
}

# A refused review sends the version back to its author.
VERSION_TRANSITIONS = {
    VersionState.DRAFT: (VersionState.IN_REVIEW,),
    VersionState.IN_REVIEW: (VersionState.DRAFT, VersionState.RELEASED),
    VersionState.RELEASED: (VersionState.WITHDRAWN,),
    VersionState.WITHDRAWN: (),
}


def check_transition(current: LifecycleStatus, target: LifecycleStatus) -> None:
    """Refuse a change of a product's status that the graph of M-06 does not have."""
    if target not in TRANSITIONS[current]:
        raise Conflict(
            LifecycleProblem.TRANSITION,
            path="to",
            current=STATUS_LABELS[current],
            target=STATUS_LABELS[target],
        )


def check_version_transition(
    current: VersionState, target: VersionState, *, effective_from: datetime, at: datetime
) -> None:
    """Refuse a change of a version's state that the graph does not have.

    A released version is withdrawn only before `effective_from`: at that very instant it applies.
    """
    if target not in VERSION_TRANSITIONS[current]:
        raise Conflict(
            LifecycleProblem.VERSION_TRANSITION,
            path="to",
            current=STATE_LABELS[current],
            target=STATE_LABELS[target],
        )
    if target is VersionState.WITHDRAWN and effective_from <= at:
        raise Conflict(LifecycleProblem.ALREADY_EFFECTIVE, path="to")
