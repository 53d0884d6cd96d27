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
        "terminée.",
    )


class LifecycleProblem(Problem):
    """Why a state cannot be left for another."""

    TRANSITION = "lifecycle.transition", "{told}"
    VERSION_TRANSITION = "lifecycle.version_transition", "{told}"
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

# What to do instead of a change that the graph does not have.
_INSTEAD = {
    (LifecycleStatus.DRAFT, LifecycleStatus.ACTIVE): "mettez-le d'abord en test, puis activez-le.",
    (LifecycleStatus.DRAFT, LifecycleStatus.FROZEN): (
        "il ne se vend pas encore. Retirez-le du catalogue s'il n'a plus lieu d'être."
    ),
    (LifecycleStatus.TEST, LifecycleStatus.FROZEN): (
        "il ne se vend pas encore. Pour arrêter ses essais, remettez-le en brouillon."
    ),
    (LifecycleStatus.TEST, LifecycleStatus.RETIRED): (
        "remettez-le d'abord en brouillon, puis retirez-le du catalogue."
    ),
    (LifecycleStatus.FROZEN, LifecycleStatus.TEST): (
        "il a déjà été vendu. Préparez une nouvelle version, puis réactivez-le."
    ),
    (LifecycleStatus.FROZEN, LifecycleStatus.DRAFT): (
        "il a déjà été vendu. Préparez une nouvelle version, puis réactivez-le."
    ),
    (LifecycleStatus.ACTIVE, LifecycleStatus.TEST): (
        "il est en vente. Essayez un changement dans une nouvelle version, ou gelez-le."
    ),
    (LifecycleStatus.ACTIVE, LifecycleStatus.DRAFT): (
        "il est en vente. Préparez un changement dans une nouvelle version, ou gelez-le."
    ),
}
_FOR_GOOD = "un retrait est définitif. Dupliquez-le pour en faire un nouveau produit."

_VERSION_INSTEAD = {
    (VersionState.DRAFT, VersionState.RELEASED): (
        "Cette version est un brouillon : soumettez-la d'abord à validation."
    ),
    (VersionState.DRAFT, VersionState.WITHDRAWN): (
        "Cette version est un brouillon, qui n'est pas en production : il n'y a rien à retirer."
    ),
    (VersionState.IN_REVIEW, VersionState.WITHDRAWN): (
        "Cette version est en validation, pas en production : un refus la rend à son auteur."
    ),
}
_IN_PRODUCTION = (
    "Cette version est en production et ne change plus : préparez une nouvelle version."
)
_WITHDRAWN = "Cette version a été retirée : dupliquez-la pour reprendre son contenu."

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


def why_no_transition(current: LifecycleStatus, target: LifecycleStatus) -> str:
    """Return why a product does not go to a status, and what to do instead (M-06)."""
    if current is target:
        return f"Ce produit est déjà « {STATUS_LABELS[current]} »."
    instead = _FOR_GOOD if current is LifecycleStatus.RETIRED else _INSTEAD[current, target]
    return (
        f"Ce produit est « {STATUS_LABELS[current]} » et ne peut pas devenir "
        f"« {STATUS_LABELS[target]} » : {instead}"
    )


def _why_no_version_transition(current: VersionState, target: VersionState) -> str:
    if current is target:
        return f"Cette version est déjà « {STATE_LABELS[current]} »."
    if current is VersionState.RELEASED:
        return _IN_PRODUCTION
    return _VERSION_INSTEAD.get((current, target), _WITHDRAWN)


def check_transition(current: LifecycleStatus, target: LifecycleStatus) -> None:
    """Refuse a change of a product's status that the graph of M-06 does not have."""
    if target not in TRANSITIONS[current]:
        raise Conflict(
            LifecycleProblem.TRANSITION,
            path="to",
            told=why_no_transition(current, target),
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
            told=_why_no_version_transition(current, target),
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
