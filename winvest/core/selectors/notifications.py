"""What a person may still read of what he was told: his rights of now, in scope."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from winvest.core.domain.roles import Action
from winvest.core.models.notification import Notification
from winvest.core.permissions import BY_FAMILY, RIGHTS, Access

Rows = QuerySet[Any, Any]
COLUMNS = (
    *("id", "company_id", "kind", "title", "text", "target", "target_id", "read_at", "created_at"),
)


def my_notifications(access: Access) -> Rows:
    """Return the notifications of the holder of these rights, in scope and still his to read.

    A right that is gone takes what it opened along; so does a family that is closed (N-02).
    """
    return Notification.objects.filter(may_read(access), user=access.user_id)


def may_read(access: Access) -> Q:
    """Return the condition on a notification that these rights open it."""
    whole: dict[frozenset[UUID], list[str]] = defaultdict(list)
    condition = Q(pk__in=[])
    for action in RIGHTS:
        companies = access.companies(action)
        limited = {
            company: risks
            for company in (companies & access.limits.keys() if action in BY_FAMILY else ())
            if (risks := access.families(action, company)) is not None
        }
        whole[companies - set(limited)].append(action.value)
        for company, risks in limited.items():
            condition |= Q(action=action.value, company=company, risk_id__in=sorted(risks))
    for companies, actions in whole.items():
        if companies:
            condition |= Q(company__in=sorted(companies), action__in=actions)
    return condition


def unread_count(access: Access, *, limit: int) -> int:
    """Return how many of them were not read, `limit` at most; one statement."""
    return my_notifications(access).filter(read_at=None).order_by()[:limit].count()


def still_his(access: Access, row: Notification) -> bool:
    """Whether these rights, read now, still open the notification."""
    return access.allowed(Action(row.action), row.company_id, row.risk_id)


def notification_rows(access: Access) -> Rows:
    """Return the columns of one's notifications."""
    return my_notifications(access).values(*COLUMNS)
