"""A date of effect that is past: nothing takes effect before its release (`domain.md` §1)."""

from datetime import datetime

from winvest.core.admin.formatting import day_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.models.company import Company


def late_start(start: datetime, company: Company) -> str:
    """Say that a planned date is past, and what that does; an empty text where it is not."""
    day = local_date(start, company.timezone)
    if day >= local_date(now(), company.timezone):
        return ""
    return (
        f"La date d'effet prévue, le {day_text(day)}, est passée : la version prendra effet le jour "
        "de sa mise en production, jamais avant."
    )
