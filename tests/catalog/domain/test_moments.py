"""What applied at a date, as it was known at another (domain.md §1, decision 6)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from catalog.domain.moments import DatedVersion, Moment, in_force, moment_of
from tests.support.rules import case_id, rows
from winvest.core.domain.vat import RecordedRate, rate_known
from winvest.core.errors import Invalid

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


def days_of(cell):
    return day(int(cell)) if cell else None


def version(number, start, released, withdrawn=None):
    return DatedVersion(
        id=UUID(int=number),
        effective_from=day(start),
        released_at=day(released),
        withdrawn_at=None if withdrawn is None else day(withdrawn),
    )


# As the document tells them.
VERSIONS = [
    version(1, 10, 0),
    version(2, 20, 5, withdrawn=8),
    version(3, 15, 12),
    version(4, 12, 30),
]


@pytest.mark.requirement("1-14")
@pytest.mark.parametrize("row", rows("versions", "Version en vigueur"), ids=case_id)
def test_the_version_in_force_as_it_was_known(row):
    moment = Moment(day(int(row["as_of"])), days_of(row["known_at"]))
    found, end = in_force(reversed(VERSIONS), moment)
    assert (found.id.int, end) == (int(row["version"]), days_of(row["jusqu'au"]))


@pytest.mark.requirement("1-14")
@pytest.mark.parametrize(
    ("as_of", "known_at", "code"),
    [
        (9, None, "version.before_first"),
        (9, 6, "version.before_first"),
        (25, -1, "version.none"),
    ],
)
def test_a_date_without_a_version_is_an_error(as_of, known_at, code):
    moment = Moment(day(as_of), None if known_at is None else day(known_at))
    with pytest.raises(Invalid) as refused:
        in_force(VERSIONS, moment)
    assert (refused.value.code, refused.value.reasons[0].path) == (code, "as_of")


def test_a_moment_is_asked_for_or_not():
    assert moment_of(None, None, now=START) is None
    assert moment_of(day(3), None, now=START) == Moment(day(3))
    assert moment_of(None, day(-1), now=START) == Moment(day(-1), day(-1))
    with pytest.raises(Invalid) as refused:
        moment_of(day(3), day(1), now=START)
    assert refused.value.code == "known_at.future"


RATES = [
    RecordedRate("ENERGY", Decimal("5.5"), date(2025, 1, 1), date(2025, 8, 1), day(0)),
    RecordedRate("ENERGY", Decimal(20), date(2025, 8, 1), None, day(10)),
    RecordedRate("OLD", Decimal(7), date(2025, 1, 1), date(2025, 6, 1), day(0)),
]


@pytest.mark.requirement("1-14", "3.1-12")
@pytest.mark.parametrize(
    ("code", "on", "known_at", "rate"),
    [
        ("ENERGY", date(2025, 7, 31), None, "5.5"),
        ("ENERGY", date(2025, 8, 1), None, "20"),
        ("ENERGY", date(2025, 8, 1), 10, "20"),
        ("ENERGY", date(2025, 8, 1), 9, "5.5"),
        ("ENERGY", date(2024, 12, 31), None, None),
        ("ENERGY", date(2025, 8, 1), -1, None),
        ("OLD", date(2025, 5, 31), None, "7"),
        ("OLD", date(2025, 6, 1), None, None),
        ("NONE", date(2025, 6, 1), None, None),
    ],
)
def test_the_rate_of_a_day_as_it_was_known(code, on, known_at, rate):
    then = None if known_at is None else day(known_at)
    found = rate_known(RATES, code=code, on=on, known_at=then)
    assert found == (None if rate is None else Decimal(rate))
