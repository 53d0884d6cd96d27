"""`as_of` and `known_at` of the reads (domain.md §1)."""

from datetime import datetime
from typing import Any

from catalog.domain.moments import Moment, moment_of
from winvest.core.api.serializers import InstantField, ListQuery, StrictSerializer
from winvest.core.clock import now

_AS_OF: dict[str, Any] = {
    "required": False,
    "help_text": "Ce qui s'applique à cet instant ; avant la première version, 422.",
}
_KNOWN_AT: dict[str, Any] = {
    "required": False,
    "help_text": "Tel que la base le connaissait à cet instant passé.",
}


class MomentQuery(StrictSerializer):
    """When what is read applies, and as it was known when."""

    as_of = InstantField(**_AS_OF)
    known_at = InstantField(**_KNOWN_AT)


class KnownQuery(StrictSerializer):
    """As it was known when."""

    known_at = InstantField(**_KNOWN_AT)


class DatedListQuery(ListQuery):
    """Parameters of a list that has a date."""

    as_of = InstantField(**_AS_OF)
    known_at = InstantField(**_KNOWN_AT)


def known_asked(asked: dict[str, Any]) -> datetime | None:
    """Return the instant whose knowledge answers, None for now's; one to come is refused."""
    known_at: datetime | None = asked.get("known_at")
    moment_of(None, known_at, now=now())
    return known_at


def instants_asked(asked: dict[str, Any]) -> dict[str, datetime | None]:
    """Return the filters of the list by which one row is read as it ran and was known."""
    return {"at": asked.get("as_of"), "known_at": known_asked(asked)}


def moment_asked(asked: dict[str, Any]) -> Moment | None:
    """Return the moment asked for, None without any."""
    return moment_of(asked.get("as_of"), asked.get("known_at"), now=now())
