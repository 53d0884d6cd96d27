"""Moving a product through its life, now or on a date to come (C.1, D.3.5; readings M-06, M-07)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog.choices import TransitionState
from catalog.domain import lifecycle, transitions
from catalog.domain.lifecycle import LifecycleStatus
from catalog.domain.transitions import PlannedMove, TransitionProblem
from catalog.models import Product, ProductTransition, Publication
from catalog.services.checks import check_row
from catalog.services.life_tellings import tell_move, tell_planned
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid
from winvest.core.models.access import User
from winvest.core.permissions import Access
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPlan:
    """What becomes of a retired product's clients (D.3.5, §4).

    Contracts in force keep their support; they are renewed only where `renewals_allowed` (M-07).
    """

    replacement: Product | None = None
    renewals_allowed: bool = False
    note: str = ""

    @property
    def says_something(self) -> bool:
        """Whether anything but the default is said."""
        return self != ExitPlan()


# The rights of which each move asks one.
MOVES = frozenset(
    {
        *(Action.LIFECYCLE_MOVE, Action.LIFECYCLE_FREEZE),
        *(Action.LIFECYCLE_UNFREEZE, Action.LIFECYCLE_RETIRE),
    }
)


# What upper applications end with a retirement, in its own transaction.
_ENDINGS: list[Callable[[ProductTransition], object]] = []


def register_ending(end: Callable[[ProductTransition], object]) -> None:
    """Add what a retirement ends in an upper application; called once by each."""
    _ENDINGS.append(end)


def action_of(current: LifecycleStatus, target: LifecycleStatus) -> Action:
    """Return the right that a change of status asks for (`design/domain.md` §11)."""
    if target is LifecycleStatus.RETIRED:
        return Action.LIFECYCLE_RETIRE
    if target is LifecycleStatus.FROZEN:
        return Action.LIFECYCLE_FREEZE
    if current is LifecycleStatus.FROZEN:
        return Action.LIFECYCLE_UNFREEZE
    return Action.LIFECYCLE_MOVE


def possible_moves(access: Access, product: Product) -> list[LifecycleStatus]:
    """Return the statuses that the graph and the user's rights open to the product."""
    current = LifecycleStatus(product.lifecycle_status)
    return [
        target
        for target in lifecycle.TRANSITIONS[current]
        if access.allowed_on(action_of(current, target), product, product.company_id)
    ]


def planned_moves(product: Product) -> list[PlannedMove]:
    """Return the moves that wait for their date, the first to come first."""
    rows = ProductTransition.objects.filter(product=product, state=TransitionState.PLANNED)
    dated = rows.order_by("due_at").values_list("due_at", "to_status")
    return [PlannedMove(due, LifecycleStatus(to)) for due, to in dated]


def move_product(
    *,
    actor: User,
    product: Product,
    to: LifecycleStatus,
    at: datetime | None = None,
    reason: str = "",
    exit_plan: ExitPlan | None = None,
) -> ProductTransition:
    """Give the product another status now, or plan it for `at` (aware, to come).

    `Conflict` when the graph of M-06 has no such change, from the status it has or will have
    then; `Invalid` for a freeze or a retirement without a reason, or a retirement without a plan. On its way to sale the product
    must keep every rule, the fields of its family included; freezing and retiring never wait for
    that. Each move is kept with its date, its author and its reason.
    """
    plan = exit_plan or ExitPlan()
    with transaction(actor, product.company_id):
        locked = lock_row(product)
        current = LifecycleStatus(locked.lifecycle_status)
        planned = planned_moves(locked)
        before = transitions.status_at(current, planned, at) if at else current
        permissions.require_on(actor, action_of(before, to), locked)
        transitions.check_words(
            to, reason=reason, exit_note=plan.note, has_exit_plan=plan.says_something
        )
        _check_replacement(locked, plan)
        if at is None:
            lifecycle.check_transition(current, to)
        else:
            transitions.check_plan(current, planned, PlannedMove(at, to), at=now())
        move = ProductTransition(
            product=locked,
            company_id=locked.company_id,
            to_status=to,
            due_at=at or now(),
            reason=reason.strip(),
            state=TransitionState.PLANNED,
            decided_by=actor,
            replacement=plan.replacement,
            renewals_allowed=plan.renewals_allowed,
            exit_note=plan.note.strip(),
        )
        move.full_clean()
        move.save(force_insert=True)
        _start(actor, locked, move, at)
    return move


def _start(actor: User, product: Product, move: ProductTransition, at: datetime | None) -> None:
    """Make the move, or let it wait for its date; its people are told of either."""
    if at is None:
        apply_move(product, move)
        tell_move(product=product, move=move, actor=actor)
    else:
        tell_planned(actor=actor, product=product, move=move)


def cancel_move(*, actor: User, move: ProductTransition) -> ProductTransition:
    """Cancel a move that waits for its date: the right that the move itself asks for."""
    with transaction(actor, move.company_id):
        product = lock_row(move.product)
        locked = lock_row(move)
        status = transitions.status_at(
            LifecycleStatus(product.lifecycle_status),
            [one for one in planned_moves(product) if one.due_at < locked.due_at],
            locked.due_at,
        )
        permissions.require_on(actor, action_of(status, LifecycleStatus(locked.to_status)), product)
        if locked.state != TransitionState.PLANNED:
            raise Conflict(TransitionProblem.NOT_PLANNED, state=locked.get_state_display().lower())
        locked.state = TransitionState.CANCELLED
        locked.settled_at = now()
        locked.cancelled_by = actor
        locked.save()
        tell_planned(actor=actor, product=product, move=locked)
    return locked


def apply_move(product: Product, move: ProductTransition) -> None:
    """Give the locked product the status of its move; the caller's transaction is open.

    `Conflict` when the graph or the product's rules refuse it. A retirement ends its sale: what
    is published ends at the move's own date, what was to be published is not, and what upper
    applications keep of it ends with it (`register_ending`).
    """
    current, to = LifecycleStatus(product.lifecycle_status), LifecycleStatus(move.to_status)
    lifecycle.check_transition(current, to)
    product.lifecycle_status = to
    if to in (LifecycleStatus.TEST, LifecycleStatus.ACTIVE):
        check_row(product)
    product._change_reason = move.reason  # type: ignore[attr-defined]  # read by the history
    product.save()
    if to is LifecycleStatus.RETIRED:
        _end_publications(product, at=move.due_at)
    move.from_status, move.state, move.settled_at = current, TransitionState.APPLIED, now()
    move.save()
    if to is LifecycleStatus.RETIRED:
        for end in _ENDINGS:
            end(move)


def _end_publications(product: Product, *, at: datetime) -> None:
    """End what runs at `at`; what begins between `at` and now, on a late run, ends now."""
    present = now()
    rows = Publication._base_manager.filter(product=product)
    for row in rows.select_related("product_version").select_for_update(of=("self",)):
        version_end = row.product_version.effective_to
        if row.start_at > present:
            row.delete()
            continue
        end = at if row.start_at < at else present
        ends = [one for one in (row.end_at, version_end) if one is not None]
        if row.start_at < end and all(end < one for one in ends):
            row.end_at = end
            row.save()


def _check_replacement(product: Product, plan: ExitPlan) -> None:
    other = plan.replacement
    if other is None:
        return
    if (
        other.pk == product.pk
        or other.company_id != product.company_id
        or other.lifecycle_status == LifecycleStatus.RETIRED
    ):
        raise Invalid(TransitionProblem.REPLACEMENT, path="replacement")
