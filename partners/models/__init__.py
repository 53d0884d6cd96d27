"""Models of the partners."""

from partners.models.partner import Partner, PartnerActivation

__all__ = ["Partner", "PartnerActivation"]
