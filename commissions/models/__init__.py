"""Models of commissions."""

from commissions.models.beneficiary import Beneficiary
from commissions.models.scheme import CommissionScheme
from commissions.models.tier import CommissionTier

__all__ = ["Beneficiary", "CommissionScheme", "CommissionTier"]
