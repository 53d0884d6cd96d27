"""Moves of a product through its life, made now or planned for a date (C.1, D.3.5; M-06, M-07)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.domain.lifecycle import STATUS_LABELS, TRANSITIONS, LifecycleStatus
from winvest.core.errors import Conflict, Invalid, Problem


class TransitionProblem(Problem):
    """Why a move is refused, or failed on its day."""

    REASON = "transition.reason_needed", "Un gel ou un retrait dit pourquoi."
    PAST = "transition.past", "Une transition se fait maintenant ou à une date à venir."
    SAME_INSTANT = "transition.same_instant", "Une autre transition est déjà prévue à cet instant."
    PATH = (
        "transition.path",
        "À cette date le produit sera « {current} » : il ne passera pas à « {target} ».",
    )
    EXIT_PLAN = "transition.exit_plan", "Le plan de sortie ne se dit que pour un retrait."
    NO_EXIT_PLAN = (
        "transition.exit_plan_needed",
        "Dites ce que deviennent les clients : c'est le plan de sortie.",
    )
    REPLACEMENT = (
        "transition.replacement",
        "Le produit de remplacement est un autre produit de la société, qui n'est pas retiré.",
    )
    NOT_PLANNED = "transition.not_planned", "Seule une transition prévue s'annule : {state}."


class TransitionState(StrEnum):
    """What became of a move."""

    PLANNED = "planned"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"


TRANSITION_LABELS = {
    TransitionState.PLANNED: "Prévue",
    TransitionState.APPLIED: "Faite",
    TransitionState.CANCELLED: "Annulée",
    TransitionState.FAILED: "En échec",
}

# What was done, cancelled or failed is a fact.
TRANSITION_STEPS = {
    TransitionState.PLANNED: (
        TransitionState.APPLIED,
        TransitionState.CANCELLED,
        TransitionState.FAILED,
    ),
    TransitionState.APPLIED: (),
    TransitionState.CANCELLED: (),
    TransitionState.FAILED: (),
}

# Sales stop: whoever decides it says why (D.3.5).
WITH_REASON = (LifecycleStatus.FROZEN, LifecycleStatus.RETIRED)


@dataclass(frozen=True, slots=True, order=True)
class PlannedMove:
    """A move to come: when, and to which status."""

    due_at: datetime
    to: LifecycleStatus


def check_words(to: LifecycleStatus, *, reason: str, exit_note: str, has_exit_plan: bool) -> None:
    """Refuse a freeze or a retirement without a reason, a retirement that does not say what becomes
    of the clients (D.3.5), and an exit plan of anything else.
    """
    if to in WITH_REASON and not reason.strip():
        raise Invalid(TransitionProblem.REASON, path="reason")
    if has_exit_plan and to is not LifecycleStatus.RETIRED:
        raise Invalid(TransitionProblem.EXIT_PLAN, path="to")
    if to is LifecycleStatus.RETIRED and not exit_note.strip():
        raise Invalid(TransitionProblem.NO_EXIT_PLAN, path="exit_note")


def check_plan(
    current: LifecycleStatus, planned: Iterable[PlannedMove], new: PlannedMove, *, at: datetime
) -> None:
    """Refuse to plan a move that is past, or that the moves before or after it make impossible.

    The graph is walked from `current` along every planned move, the new one in its place.
    """
    known = sorted(planned)
    if new.due_at <= at:
        raise Invalid(TransitionProblem.PAST, path="at")
    if any(move.due_at == new.due_at for move in known):
        raise Conflict(TransitionProblem.SAME_INSTANT, path="at")
    status = current
    for move in sorted([*known, new]):
        if move.to not in TRANSITIONS[status]:
            raise Conflict(
                TransitionProblem.PATH,
                path="to",
                current=STATUS_LABELS[status],
                target=STATUS_LABELS[move.to],
            )
        status = move.to


def status_at(
    current: LifecycleStatus, planned: Iterable[PlannedMove], at: datetime
) -> LifecycleStatus:
    """Return what the status will be at `at` (that instant included), if all goes as planned."""
    due = [move for move in sorted(planned) if move.due_at <= at]
    return due[-1].to if due else current
