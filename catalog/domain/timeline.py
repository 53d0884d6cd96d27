"""Where periods stand on a drawing to scale: versions, publications and « aujourd'hui »."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# What stands before the first start and after the last date, as a share of the whole.
MARGIN = 0.04
SHORTEST = timedelta(days=60)
# A date typed a thousand years away is drawn at the edge.
HORIZON = timedelta(days=36_525)
# Marks of the axis, in months; a drawing has eight at most.
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 600)
MARKS = 8
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)`; without an end it runs on."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The dates between which everything is drawn; positions are shares of the width."""

    first: datetime
    last: datetime

    def at(self, instant: datetime) -> float:
        """Return where an instant stands, within the drawing."""
        share = (instant - self.first) / (self.last - self.first)
        return min(max(share, 0.0), 1.0)

    def bar(self, period: Period) -> tuple[float, float]:
        """Return where a period begins, and its width."""
        left = self.at(period.start)
        right = 1.0 if period.end is None else self.at(period.end)
        return left, max(right - left, 0.0)

    def marks(self) -> list[datetime]:
        """Return the first instants of months to mark, in the zone of the dates."""
        return next(found for step in STEPS if len(found := list(self._every(step))) <= MARKS)

    def _every(self, months: int) -> Iterator[datetime]:
        """Give the first of each `months` months within the drawing, counted from January."""
        count = self.first.year * MONTHS + self.first.month - 1
        count -= count % months
        while True:
            year, month = divmod(count, MONTHS)
            mark = self.first.replace(
                year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0
            )
            if mark > self.last:
                return
            if mark >= self.first:
                yield mark
            count += months


def scale_of(periods: Iterable[Period], *, now: datetime) -> Scale:
    """Return the scale that holds every date of the periods, and now, with a margin around."""
    dates = [now]
    for period in periods:
        dates += [period.start, *([period.end] if period.end else [])]
    near = [min(max(date, now - HORIZON), now + HORIZON) for date in dates]
    first, last = min(near), max(near)
    span = max(last - first, SHORTEST)
    return Scale(first - span * MARGIN, first + span * (1 + 2 * MARGIN))


def lanes_of(periods: Sequence[Period]) -> list[int]:
    """Return for each period, in order of start, the first line on which it overlaps no other."""
    ends: list[datetime | None] = []
    found = []
    for period in periods:
        lane = next(
            (place for place, end in enumerate(ends) if end is not None and end <= period.start),
            len(ends),
        )
        if lane == len(ends):
            ends.append(period.end)
        else:
            ends[lane] = period.end
        found.append(lane)
    return found
