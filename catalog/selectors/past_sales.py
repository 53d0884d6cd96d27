"""Publications as they stood at a moment (domain.md §1): one that runs may be changed since."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.choices import Visibility
from catalog.domain.moments import Moment
from catalog.models import Publication
from winvest.core.clock import now
from winvest.core.selectors.past import past_states

Rows = QuerySet[Any, Any]
TABLE = Publication._meta.db_table
INSTANTS = ("start_at", "end_at")
CHANGING = (
    *("channels", "visibility", "availability", "price_visible", "conditions", "is_pilot"),
    *("reason", *INSTANTS),
)


def publications_then(rows: Iterable[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
    """Return, of publications read now, those that ran at the moment, as they stood then."""
    found = list(rows)
    before = _states(moment, [row["id"] for row in found])
    return [
        shown for row in found if _runs(shown := row | _columns(before.get(row["id"]), row), moment)
    ]


def running_publications(publications: Rows, moment: Moment) -> Rows:
    """Keep the publications of a version that ran at the moment and were entered by then."""
    rows = _entered(publications, moment)
    states = rows.values("id", *INSTANTS)
    return rows.filter(pk__in=[row["id"] for row in publications_then(states, moment)])


def sold_then(companies: Collection[UUID], moment: Moment, channel: str | None = None) -> Rows:
    """Return the publications of the companies that a buyer met at the moment, as known then.

    On one channel, or on any. What was erased since never ran.
    """
    changed = _states(moment, None)
    kept = [
        pk
        for pk, before in changed.items()
        if _runs(_columns(before, dict.fromkeys(INSTANTS)), moment)
        and before["visibility"] != Visibility.HIDDEN
        and (channel is None or channel in before["channels"])
    ]
    unchanged = _between(moment.as_of) & ~Q(visibility=Visibility.HIDDEN) & ~Q(pk__in=set(changed))
    if channel is not None:
        unchanged &= Q(channels__contains=[channel])
    rows = Publication._base_manager.filter(unchanged | Q(pk__in=kept), company_id__in=companies)
    return _entered(rows, moment)


def _entered(rows: Rows, moment: Moment) -> Rows:
    return rows.filter(created_at__lte=moment.known_at) if moment.known_at else rows


def _states(moment: Moment, records: list[UUID] | None) -> dict[UUID, dict[str, Any]]:
    """Return how those changed since stood at the moment: a change holds from its own instant on."""
    then = min(moment.as_of, moment.known_at or now())
    return past_states(TABLE, after=then, records=records)


def _columns(before: dict[str, Any] | None, row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of `row` as a past state has them."""
    if before is None:
        return {}
    return {
        name: _instant(before[name]) if name in INSTANTS else before[name]
        for name in CHANGING
        if name in row and name in before
    }


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _between(at: datetime) -> Q:
    return Q(start_at__lte=at) & (Q(end_at__isnull=True) | Q(end_at__gt=at))


def _runs(row: dict[str, Any], moment: Moment) -> bool:
    start, end = row["start_at"], row["end_at"]
    return bool(start <= moment.as_of and (end is None or moment.as_of < end))
