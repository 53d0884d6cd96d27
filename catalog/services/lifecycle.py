"""Moving a product through its life (C.1; reading M-06)."""

from catalog.domain import lifecycle
from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import Product
from catalog.services.checks import check_row
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.permissions import Access
from winvest.core.transaction import transaction


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


def move_product(*, actor: User, product: Product, to: LifecycleStatus) -> Product:
    """Give the product another status; `Conflict` when the graph of M-06 has no such change.

    On its way to sale it must keep every rule, the fields of its family included; freezing and
    retiring never wait for that.
    """
    with transaction(actor, product.company_id):
        locked: Product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
        current = LifecycleStatus(locked.lifecycle_status)
        permissions.require_on(actor, action_of(current, to), locked)
        lifecycle.check_transition(current, to)
        locked.lifecycle_status = to
        if to in (LifecycleStatus.TEST, LifecycleStatus.ACTIVE):
            check_row(locked)
        locked.save()
    return locked
