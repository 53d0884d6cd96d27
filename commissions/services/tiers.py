"""The rule of a scheme's tiers, for every door that writes them (K-05, K-06)."""

from collections.abc import Iterable

from catalog.domain.tiers import TierMode
from commissions.domain.scheme import Basis, Tier, ValueType, tier_problems
from commissions.models import CommissionTier
from winvest.core.errors import Reason


def check_tiers(tiers: Iterable[CommissionTier], *, mode: str) -> list[Reason]:
    """Return what is wrong with the tiers of one scheme taken together; they are valid alone."""
    return tier_problems([pure_tier(tier) for tier in tiers], mode=TierMode(mode))


def pure_tier(tier: CommissionTier) -> Tier:
    """Return a tier as the rules read it."""
    return Tier(
        basis=Basis(tier.basis),
        min=tier.min,
        max=tier.max,
        value_type=ValueType(tier.value_type),
        value=tier.value,
        month_from=tier.month_from,
        month_to=tier.month_to,
    )
