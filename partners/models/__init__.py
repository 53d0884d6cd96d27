"""Models of the partners."""

from partners.models.credential import PartnerCredential
from partners.models.iban import PartnerIbanChange
from partners.models.partner import Partner, PartnerActivation

__all__ = ["Partner", "PartnerActivation", "PartnerCredential", "PartnerIbanChange"]
