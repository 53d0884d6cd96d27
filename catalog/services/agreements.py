"""Giving, changing and ending a sale agreement (R-10): the sales that rest on it end with it."""

from collections.abc import Callable, Mapping
from typing import Any

from catalog.domain.agreements import AgreementProblem
from catalog.models import SaleAgreement
from catalog.selectors.agreements import sales_under
from catalog.services.sale_tellings import tell_agreement
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, create_row, lock_row
from winvest.core.transaction import transaction


def give_agreement(*, actor: User, agreement: SaleAgreement) -> SaleAgreement:
    """Insert an agreement of the product's owner: right `publication.edit` there."""
    with transaction(actor, agreement.company_id):
        create_row(actor=actor, row=agreement, action=Action.PUBLICATION_EDIT)
        tell_agreement(actor=actor, agreement=agreement)
    return agreement


def change_agreement(
    *,
    actor: User,
    agreement: SaleAgreement,
    changes: Mapping[str, Any],
    check: Callable[[Any], None] | None = None,
) -> SaleAgreement:
    """Write `changes` and end with it the sales that it no longer covers.

    `check` looks at the locked row first. `Conflict` when a later start leaves a sale outside.
    """
    with transaction(actor, agreement.company_id):
        before = lock_row(agreement)
        row = change_row(
            actor=actor,
            row=agreement,
            changes=changes,
            action=Action.PUBLICATION_EDIT,
            check=check,
        )
        follow_agreement(actor=actor, before=before, after=row)
    return row


def follow_agreement(*, actor: User, before: SaleAgreement, after: SaleAgreement) -> None:
    """Tell the seller of a change, and end the sales that rest on the agreement at its new end.

    Not before this instant: what was sold under it was sold with it. A sale that would begin later
    is taken back. `Conflict` when a later start leaves a sale outside. The caller's transaction is
    open.
    """
    check_start(before, after)
    if after.end_at is not None:
        end = max(after.end_at, now())
        for sale in sales_under(before, after=end).select_for_update(of=("self",)):
            if sale.start_at >= end:
                sale.delete()
            else:
                sale.end_at = end
                sale.save()
    if (before.end_at, before.terms) != (after.end_at, after.terms):
        tell_agreement(actor=actor, agreement=after)


def check_start(before: SaleAgreement, after: SaleAgreement) -> None:
    """Refuse a later start that leaves outside a sale that rests on the agreement."""
    if sales_under(before).filter(start_at__lt=after.start_at).exists():
        raise Conflict(AgreementProblem.IN_USE, path="start_at")


def why_kept(agreement: SaleAgreement) -> AgreementProblem | None:
    """Return why an agreement is not deleted: it began, or a sale rests on it."""
    if agreement.start_at <= now():
        return AgreementProblem.KEPT
    return AgreementProblem.IN_USE if sales_under(agreement).exists() else None
