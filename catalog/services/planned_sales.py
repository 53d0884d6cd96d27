"""Planning who sells a version that is being prepared (§3.1, E.2.3; readings E-05, R-02, R-10)."""

from collections.abc import Sequence
from typing import Any

from catalog.choices import VersionState
from catalog.models import PlannedSale, ProductVersion
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Invalid, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, create_row, delete_row, lock_row
from winvest.core.transaction import transaction

COLUMNS = ("channels", "first_day", "last_day")


class PlannedSaleProblem(Problem):
    """Why the sales of a version are not planned."""

    NONE = "planned_sale.none", "Cochez au moins un canal d'une société."
    NOT_DRAFT = (
        "planned_sale.not_draft",
        "Les ventes se prévoient tant que la version est en brouillon.",
    )


def plan_sales(
    *, actor: User, version: ProductVersion, sales: Sequence[PlannedSale]
) -> list[PlannedSale]:
    """Make `sales` those planned of a draft, in place of what was: right `catalog.edit`.

    `Invalid` without any; `Conflict` once the version is submitted; Django's `ValidationError` tells
    what is wrong with one.
    """
    permissions.require_on(actor, Action.CATALOG_EDIT, version)
    if not sales:
        raise Invalid(PlannedSaleProblem.NONE)
    with transaction(actor, version.company_id):
        if lock_row(version).state != VersionState.DRAFT:
            raise Conflict(PlannedSaleProblem.NOT_DRAFT)
        before = {
            row.seller_id: row for row in PlannedSale._base_manager.filter(product_version=version)
        }
        kept = [_keep(actor, before.pop(one.seller_id, None), one) for one in sales]
        for row in before.values():
            delete_row(actor=actor, row=row, action=Action.CATALOG_EDIT)
    return kept


def _keep(actor: User, before: PlannedSale | None, wanted: PlannedSale) -> PlannedSale:
    if before is None:
        return create_row(actor=actor, row=wanted, action=Action.CATALOG_EDIT)
    columns: dict[str, Any] = {name: getattr(wanted, name) for name in COLUMNS}
    if all(getattr(before, name) == value for name, value in columns.items()):
        return before
    return change_row(actor=actor, row=before, changes=columns, action=Action.CATALOG_EDIT)
