"""Periods drawn to scale: nothing leaves the drawing, and its axis never crowds."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain.timeline import MARKS, Period, lanes_of, scale_of

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def at(year, month=1, day=1):
    return datetime(year, month, day, tzinfo=UTC)


def test_a_bar_is_as_long_as_its_period():
    first, second = Period(at(2026, 1), at(2026, 3)), Period(at(2026, 3), at(2026, 7))
    scale = scale_of([first, second], now=NOW)
    left, width = scale.bar(first)
    next_left, next_width = scale.bar(second)
    assert left + width == pytest.approx(next_left)
    assert next_width / width == pytest.approx(122 / 59)
    assert 0 < left < scale.at(NOW) < 1
    assert scale.bar(Period(at(2026, 7)))[1] == pytest.approx(1 - scale.at(at(2026, 7)))
    # What lies outside stays at the edge.
    assert (scale.at(at(1990)), scale.at(at(2090))) == (0, 1)
    assert scale.bar(Period(at(2090), at(2091))) == (1, 0)


@pytest.mark.parametrize(
    ("start", "count", "first"),
    [
        (NOW, 2, at(2026, 12)),
        (at(2026, 6), 7, at(2026, 6)),
        (at(2025, 1), 5, at(2025, 1)),
        (at(2020, 1), 8, at(2020, 1)),
        (at(1990, 1), 8, at(1990, 1)),
        (at(1001, 1), 2, at(1950, 1)),
        (datetime.max.replace(tzinfo=UTC), 2, at(2050, 1)),
    ],
)
def test_the_axis_has_a_few_round_dates(start, count, first):
    marks = scale_of([Period(start)], now=NOW).marks()
    assert len(marks) == count <= MARKS
    assert marks[0] == first
    assert all((mark.day, mark.hour) == (1, 0) for mark in marks)


def test_periods_that_overlap_stand_on_lines_of_their_own():
    day = timedelta(days=1)
    periods = [
        Period(NOW, NOW + 4 * day),
        Period(NOW + day, NOW + 2 * day),
        Period(NOW + 2 * day, None),
        Period(NOW + 4 * day, None),
        Period(NOW + 5 * day, None),
    ]
    assert lanes_of(periods) == [0, 1, 1, 0, 2]
    assert lanes_of([]) == []
