"""What a person may still read of what he was told: his rights of now, in scope."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from winvest.core import scoping
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.models.notification import Notification
from winvest.core.permissions import BY_FAMILY, RIGHTS, Access
from winvest.core.prepared import Statement

Rows = QuerySet[Any, Any]
COLUMNS = (
    *("id", "company_id", "kind", "title", "text", "target", "target_id", "read_at", "done_at"),
    *("done_by_email", "created_at"),
)


def my_notifications(access: Access) -> Rows:
    """Return the notifications of the holder of these rights, in scope and still his to read.

    A right that is gone takes what it opened along; so does a family that is closed (N-02).
    """
    return Notification.objects.filter(may_read(access), user=access.user_id)


def asked_communications(access: Access) -> Rows:
    """Return the communications that one is asked to make; of others' one is only told."""
    return my_notifications(access).filter(
        kind=NotificationKind.COMMUNICATION, action=Action.NOTIFICATION_PUBLISH
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """What is told under these actions in these companies; `risks` (None: all) narrow it."""

    companies: frozenset[UUID]
    actions: tuple[str, ...]
    risks: frozenset[UUID] | None = None


def openings(access: Access) -> list[Opening]:
    """Return what these rights open: the actions of same companies together, families apart."""
    whole: dict[frozenset[UUID], list[str]] = defaultdict(list)
    found = []
    for action in RIGHTS:
        companies = access.companies(action)
        limited = {
            company: risks
            for company in (companies & access.limits.keys() if action in BY_FAMILY else ())
            if (risks := access.families(action, company)) is not None
        }
        whole[companies - set(limited)].append(action.value)
        found += [
            Opening(frozenset({company}), (action.value,), risks)
            for company, risks in limited.items()
        ]
    return [*found, *(Opening(among, tuple(names)) for among, names in whole.items() if among)]


def may_read(access: Access) -> Q:
    """Return the condition on a notification that these rights open it."""
    condition = Q(pk__in=[])
    for opening in openings(access):
        opened = Q(company__in=sorted(opening.companies), action__in=opening.actions)
        if opening.risks is not None:
            opened &= Q(risk_id__in=sorted(opening.risks))
        condition |= opened
    return condition


def unread_count(access: Access, *, limit: int) -> int:
    """Return how many of them were not read, `limit` at most.

    Every page asks: the statement is prepared, its shape is that of the openings.
    """
    scope = scoping.current()
    opened = openings(access)
    values: dict[str, Any] = {"user": access.user_id, "limit": limit}
    for number, opening in enumerate(opened):
        companies = opening.companies if scope is None else opening.companies & scope
        values[f"companies{number}"] = list(companies)
        values[f"actions{number}"] = list(opening.actions)
        values[f"risks{number}"] = list(opening.risks or ())
    statement = _unread(tuple(opening.risks is not None for opening in opened))
    return int(statement.rows(values)[0].number)


UNREAD = """
SELECT count(*) AS number FROM (
  SELECT FROM notification WHERE user_id = %(user)s AND read_at IS NULL AND ({opened})
  LIMIT %(limit)s
) unread
"""


@lru_cache(maxsize=64)
def _unread(narrowed: tuple[bool, ...]) -> Statement:
    """Return the count of the unread in so many openings, narrowed to risks or not."""
    opened = (
        f"(company_id = ANY(%(companies{number})s) AND action = ANY(%(actions{number})s)"
        f"{f' AND risk_id = ANY(%(risks{number})s)' if by_risk else ''})"
        for number, by_risk in enumerate(narrowed)
    )
    return Statement(UNREAD.format(opened=" OR ".join(opened) or "FALSE"))


def still_his(access: Access, row: Notification) -> bool:
    """Whether these rights, read now, still open the notification."""
    return access.allowed(Action(row.action), row.company_id, row.risk_id)


def notification_rows(access: Access) -> Rows:
    """Return the columns of one's notifications."""
    rows: Rows = my_notifications(access).annotate(done_by_email=F("done_by__email"))
    return rows.values(*COLUMNS)
