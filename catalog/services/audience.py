"""Telling the roles of a step of Annexe D.3: the way of every message about the catalogue."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from winvest.core.domain.roles import Action, Role
from winvest.core.models.company import Company
from winvest.core.services.notifications import notify

MARKETING = frozenset({Role.MARKETING})


def tell(*, roles: Collection[Role], **message: Any) -> int:
    """Tell these roles (`notify`), and return how many notifications that makes.

    Marketing reads no version before it is on sale, yet has letters in most steps of D.3 (R-06): it
    is told under its own right, and the message says all that it may know.
    """
    told = notify(action=Action.CATALOG_VIEW_ALL, roles=set(roles) - MARKETING, **message)
    if Role.MARKETING in roles:
        told += notify(action=Action.NOTIFICATION_PUBLISH, roles=MARKETING, **message)
    return told


def local_time(at: datetime, company: Company) -> str:
    """Return an instant in French, on the wall of its company."""
    return f"{at.astimezone(ZoneInfo(company.timezone)):%d/%m/%Y à %H:%M}"
