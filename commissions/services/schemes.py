"""A scheme and its tiers, written together (§2.1, §3.3; readings K-01 to K-06)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from commissions.domain.scheme import SchemeProblem
from commissions.models import CommissionScheme, CommissionTier
from commissions.services.tiers import check_tiers
from winvest.core.domain.roles import Action
from winvest.core.errors import Invalid
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, create_row
from winvest.core.transaction import transaction


def create_scheme(
    *, actor: User, scheme: CommissionScheme, tiers: Sequence[Mapping[str, Any]]
) -> CommissionScheme:
    """Insert a scheme and its tiers: right `commission.edit`.

    Raises `Forbidden`, `Invalid` with every problem of the tiers taken together, or Django's
    `ValidationError` with those of the content.
    """
    with transaction(actor, scheme.company_id):
        create_row(actor=actor, row=scheme, action=Action.COMMISSION_EDIT)
        _write_tiers(scheme, tiers)
    return scheme


def change_scheme(
    *,
    actor: User,
    scheme: CommissionScheme,
    changes: Mapping[str, Any],
    tiers: Sequence[Mapping[str, Any]] | None,
    check: Callable[[Any], None],
) -> CommissionScheme:
    """Write `changes`, and all the tiers anew unless None: right `commission.edit`.

    `check` looks at the locked row first. Raises like `create_scheme`.
    """
    with transaction(actor, scheme.company_id):
        row = change_row(
            actor=actor, row=scheme, changes=changes, action=Action.COMMISSION_EDIT, check=check
        )
        if tiers is None:
            _check(row, list(row.tiers.all()))
        else:
            row.tiers.all().delete()
            _write_tiers(row, tiers)
    return row


def _write_tiers(scheme: CommissionScheme, tiers: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        CommissionTier(
            scheme=scheme,
            company_id=scheme.company_id,
            product_version_id=scheme.product_version_id,
            **tier,
        )
        for tier in tiers
    ]
    _check(scheme, rows)
    for row in rows:
        row.full_clean()
        row.save(force_insert=True)


def _check(scheme: CommissionScheme, rows: list[CommissionTier]) -> None:
    reasons = check_tiers(rows, mode=scheme.tier_mode)
    if reasons:
        raise Invalid.several(SchemeProblem.TIERS, reasons)
