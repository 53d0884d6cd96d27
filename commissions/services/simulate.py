"""The test cases that schemes carry, run on what the schemes say now (`design/domain.md` §5)."""

from collections.abc import Iterable

from catalog.domain.tiers import TierMode
from commissions.choices import Base
from commissions.domain.simulation import Recount, Terms, case_problems, recounts
from commissions.models import CommissionScheme
from commissions.services.tiers import pure_tier
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, lock_row
from winvest.core.transaction import transaction


def failing_cases(schemes: Iterable[CommissionScheme]) -> list[tuple[CommissionScheme, Reason]]:
    """Return what the test cases of each scheme find wrong; nothing for those without a case.

    Read with `company` and `tiers`: no statement more for those that have been fetched.
    """
    return [
        (scheme, reason)
        for scheme in schemes
        if scheme.test_cases
        for reason in case_problems(scheme.test_cases, _terms(scheme))
    ]


def failing_recounts(scheme: CommissionScheme) -> list[Recount]:
    """Return the test cases of a scheme that fail, with the amounts that it makes now."""
    return recounts(scheme.test_cases, _terms(scheme)) if scheme.test_cases else []


def update_cases(*, actor: User, scheme: CommissionScheme) -> CommissionScheme:
    """Let the test cases expect the amounts that the scheme makes: right `commission.edit`.

    One that cannot be counted stays as it is.
    """
    with transaction(actor, scheme.company_id):
        locked = lock_row(scheme)
        cases = list(locked.test_cases)
        for one in failing_recounts(locked):
            cases[one.index] = one.now or one.case
        return change_row(
            actor=actor,
            row=scheme,
            changes={"test_cases": cases},
            action=Action.COMMISSION_EDIT,
        )


def _terms(scheme: CommissionScheme) -> Terms:
    return Terms(
        tiers=[pure_tier(tier) for tier in scheme.tiers.all()],
        split=scheme.split,
        currency=scheme.company.currency,
        mode=TierMode(scheme.tier_mode),
        on_margin=scheme.base == Base.MARGIN,
        min_amount=scheme.min_amount,
        max_amount=scheme.max_amount,
        bonus=scheme.bonus,
        malus=scheme.malus,
    )
