"""Half-open periods, local days and months (`docs/rules/periodes.md`).

Every period is `[start, end)`; a « day » or « month » begins at local midnight of the company's
IANA time zone, and instants are UTC (reading M-24).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from winvest.core.errors import Invalid, Problem

Moment = TypeVar("Moment", date, datetime)

# Years that an instant or a day may be of, whatever the door: far outside our time, an instant
# cannot even be put in UTC.
MIN_YEAR, MAX_YEAR = 1900, 2199
_MONTH = re.compile(r"(?P<year>(?:19|20)[0-9]{2})-(?P<month>0[1-9]|1[0-2])")

_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


class PeriodProblem(Problem):
    """What can be wrong with a date, a time or a period."""

    EMPTY = "period.empty", "La fin de la période doit venir après son début."
    MONTH = "period.month", "« {text} » n'est pas un mois ; la forme attendue est AAAA-MM."
    DAY = (
        "period.day",
        "« {text} » n'est ni un jour AAAA-MM-JJ ni un mois AAAA-MM.",
    )
    ZONE = "period.zone", "Le fuseau horaire « {zone} » n'est pas connu."
    SKIPPED = (
        "period.skipped",
        "{local} n'existe pas à cause du passage à l'heure d'été ({zone}).",
    )
    FAR = "period.far", "Une date va de {low} à {high}."


@dataclass(frozen=True, slots=True)
class Period(Generic[Moment]):
    """The half-open period `[start, end)`; `end` None means that nothing ends it."""

    start: Moment
    end: Moment | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it lasts."""
        if self.end is not None and self.end <= self.start:
            raise Invalid(PeriodProblem.EMPTY)

    def contains(self, moment: Moment) -> bool:
        """Say whether `moment` is inside: the start is, the end is not."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def overlaps(self, other: "Period[Moment]") -> bool:
        """Say whether both periods share a moment; periods that only touch do not."""
        return (other.end is None or self.start < other.end) and (
            self.end is None or other.start < self.end
        )


def zone_info(zone: str) -> ZoneInfo:
    """Return the IANA zone named `zone`; an unknown or malformed name is refused."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "Europe", a folder
        raise Invalid(PeriodProblem.ZONE, path="timezone", zone=zone) from error


def local_midnight(day: date, zone: str) -> datetime:
    """Return the UTC instant at which `day` begins in `zone`.

    Where midnight itself is skipped, that is the instant of the change: the day's first.
    """
    return datetime.combine(day, time.min, tzinfo=zone_info(zone)).astimezone(UTC)


def next_month_start(instant: datetime, zone: str) -> datetime:
    """Return the UTC instant at which the month after `instant` begins in `zone` (4-06)."""
    today = local_date(instant, zone)
    return local_midnight(add_months(today.replace(day=1), 1), zone)


def local_date(instant: datetime, zone: str) -> date:
    """Return the date on the wall of `zone` at an aware `instant`."""
    return instant.astimezone(zone_info(zone)).date()


def resolve_local(local: datetime, zone: str, *, path: str = "") -> datetime:
    """Return the UTC instant of a time typed in a form, without offset, in `zone`.

    A time that a daylight-saving change skips is refused, as one far outside our time is; of a time
    that comes twice, the first.
    """
    if not MIN_YEAR <= local.year <= MAX_YEAR:
        raise Invalid(PeriodProblem.FAR, path=path, low=MIN_YEAR, high=MAX_YEAR)
    info = zone_info(zone)
    instant = local.replace(tzinfo=info, fold=0).astimezone(UTC)
    if instant.astimezone(info).replace(tzinfo=None, fold=0) != local:
        written = f"{local:%d/%m/%Y %H:%M}"
        raise Invalid(PeriodProblem.SKIPPED, path=path, local=written, zone=zone)
    return instant


def parse_month(text: str, *, path: str = "period") -> Period[date]:
    """Return the dates of a month written `AAAA-MM` (1900 to 2099), anything else is refused."""
    match = _MONTH.fullmatch(text)
    if match is None:
        raise Invalid(PeriodProblem.MONTH, path=path, text=text)
    start = date(int(match["year"]), int(match["month"]), 1)
    return Period(start, add_months(start, 1))


def parse_day(text: str, *, path: str = "period") -> date:
    """Return the day written `AAAA-MM-JJ`, or the first of a month `AAAA-MM` (1900 to 2099)."""
    if _MONTH.fullmatch(text):
        return parse_month(text).start
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(PeriodProblem.DAY, path=path, text=text) from error


def in_zone(days: Period[date], zone: str) -> Period[datetime]:
    """Return the instants of a period of dates, from local midnight to local midnight."""
    end = None if days.end is None else local_midnight(days.end, zone)
    return Period(local_midnight(days.start, zone), end)


def add_months(origin: date, months: int) -> date:
    """Return `origin` plus `months`, clamped to the month's end (31 January + 1 → 28 February).

    Always counted from the origin: adding 1 twice is not adding 2.
    """
    year, month_index = divmod(origin.year * 12 + origin.month - 1 + months, 12)
    last_day = calendar.monthrange(year, month_index + 1)[1]
    return date(year, month_index + 1, min(origin.day, last_day))


def months_elapsed(origin: date, on: date) -> int:
    """Return the number of full months from `origin` to the local date `on`, 0 before it."""
    months = (on.year - origin.year) * 12 + on.month - origin.month
    if add_months(origin, months) > on:
        months -= 1
    return max(months, 0)
