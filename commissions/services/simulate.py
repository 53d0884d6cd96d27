"""The test cases that schemes carry, run on what the schemes say now (`design/domain.md` §5)."""

from collections.abc import Iterable

from catalog.domain.tiers import TierMode
from commissions.choices import Base
from commissions.domain.simulation import Terms, case_problems
from commissions.models import CommissionScheme
from commissions.services.tiers import pure_tier
from winvest.core.errors import Reason


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
