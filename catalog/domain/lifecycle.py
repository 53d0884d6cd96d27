"""Which state may follow which, for a product and for a version (reading M-06)."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from winvest.core.errors import Conflict, Invalid, Problem


class SoldProblem(Problem):
    """Why a product that is on sale does not change."""

    STRUCTURE = (
        "product.on_sale",
        "Une publication de ce produit est en cours : ce champ ne change qu'une fois qu'elle est "
        "terminée (§3.1, M-19).",
    )


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
    RETROACTIVE = (
        "version.retroactive",
        "Une version ne prend pas effet dans le passé ; seul l'Admin Groupe le peut, avec un motif.",
    )
    SAME_START = (
        "version.same_start",
        "Une autre version du produit prend déjà effet à cet instant.",
    )


class LifecycleStatus(StrEnum):
    """States of a product (Annexe A, C.1)."""

    DRAFT = "draft"
    TEST = "test"
    ACTIVE = "active"
    FROZEN = "frozen"
    RETIRED = "retired"


class VersionStanding(StrEnum):
    """What a version is at an instant: its state, and for a released one its place in time."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PLANNED = "planned"
    IN_FORCE = "in_force"
    OVER = "over"
    WITHDRAWN = "withdrawn"


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

STANDING_LABELS = {
    VersionStanding.DRAFT: "Brouillon",
    VersionStanding.IN_REVIEW: "En validation",
    VersionStanding.PLANNED: "Planifiée",
    VersionStanding.IN_FORCE: "En vigueur",
    VersionStanding.OVER: "Échue",
    VersionStanding.WITHDRAWN: "Retirée, jamais appliquée",
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


def version_standing(
    state: VersionState, effective_from: datetime, effective_to: datetime | None, *, at: datetime
) -> VersionStanding:
    """Return what a version is at `at`: a released one is planned, in force, or over."""
    if state is not VersionState.RELEASED:
        return VersionStanding(state.value)
    if at < effective_from:
        return VersionStanding.PLANNED
    return (
        VersionStanding.IN_FORCE
        if effective_to is None or at < effective_to
        else (VersionStanding.OVER)
    )


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


def check_release_date(effective_from: datetime, *, at: datetime, may_go_back: bool) -> None:
    """Refuse a release before `at`, the present instant, unless it is a justified take-over."""
    if effective_from < at and not may_go_back:
        raise Invalid(LifecycleProblem.RETROACTIVE, path="effective_from")


def periods_of(starts: Iterable[datetime]) -> dict[datetime, datetime | None]:
    """Return the end of each released start: the next start, None for the last (decision 5).

    Neither gap nor overlap. Two equal starts are refused: one of them would never apply.
    """
    ordered = sorted(starts)
    if any(start == following for start, following in pairwise(ordered)):
        raise Conflict(LifecycleProblem.SAME_START, path="effective_from")
    return dict(zip(ordered, [*ordered[1:], None], strict=False))
