"""A scheme and its tiers, written together (§2.1, §3.3; readings K-01 to K-06)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from commissions.domain.scheme import SchemeProblem
from commissions.models import CommissionScheme, CommissionTier
from commissions.services.tiers import check_tiers
from winvest.core.domain.roles import Action
from winvest.core.errors import Invalid
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, create_row
from winvest.core.transaction import transaction

# What a tier says, which it may come to say otherwise.
TOLD = ("basis", "month_from", "month_to", "min", "max", "value_type", "value")


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
    """Write `changes`, and the tiers as they are given unless None: right `commission.edit`.

    A tier that begins where one began is that tier, changed: its history goes on. `check` looks at
    the locked row first. Raises like `create_scheme`.
    """
    with transaction(actor, scheme.company_id):
        row = change_row(
            actor=actor, row=scheme, changes=changes, action=Action.COMMISSION_EDIT, check=check
        )
        if tiers is None:
            _check(row, list(row.tiers.all()))
        else:
            _write_tiers(row, tiers)
    return row


def _write_tiers(scheme: CommissionScheme, tiers: Sequence[Mapping[str, Any]]) -> None:
    """Change the tiers that begin where one begins, delete those that are left, insert the others."""
    stored = {_start(tier): tier for tier in scheme.tiers.all()}
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
    kept = {_start(row) for row in rows}
    for start, tier in stored.items():
        if start not in kept:
            tier.delete()
    # From the lowest: whatever an end moves to, no tier meets one that is still to change.
    for row in sorted(rows, key=lambda one: (one.month_from or 0, one.min)):
        _write_tier(row, stored.get(_start(row)))


def _write_tier(row: CommissionTier, before: CommissionTier | None) -> None:
    """Insert a tier, or write what it changes of the one that begins there."""
    if before is None:
        row.full_clean()
        row.save(force_insert=True)
        return
    asked = {name: getattr(row, name) for name in TOLD}
    if asked != {name: getattr(before, name) for name in TOLD}:
        for name, value in asked.items():
            setattr(before, name, value)
        before.full_clean()
        before.save()


def _start(tier: CommissionTier) -> tuple[int, Decimal]:
    return tier.month_from or 0, tier.min


def _check(scheme: CommissionScheme, rows: list[CommissionTier]) -> None:
    reasons = check_tiers(rows, mode=scheme.tier_mode)
    if reasons:
        raise Invalid.several(SchemeProblem.TIERS, reasons)
