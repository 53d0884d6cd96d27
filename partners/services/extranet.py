"""Codes of a partner's extranets: written as a whole, encrypted, never read back (G.2)."""

from collections.abc import Sequence
from typing import Any

from partners.models import Partner
from partners.models.partner import EXTRANET
from winvest.core import schemas
from winvest.core.services.secrets import seal

CHANGED = "Codes extranet remplacés"
DROPPED = "Codes extranet effacés"


def write_extranet(partner: Partner, codes: Sequence[Any] | None) -> None:
    """Put these codes, sealed, in the place of the partner's; saving is the caller's.

    The history, which keeps no code, tells that they changed. Raises Django's `ValidationError`
    without repeating a code.
    """
    schemas.validate(EXTRANET, list(codes or []))
    seal(partner, "extranet_codes", list(codes) if codes else None)
    # The name that django-simple-history reads when the row is saved.
    setattr(partner, "_change_reason", CHANGED if codes else DROPPED)  # noqa: B010
