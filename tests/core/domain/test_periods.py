"""Half-open periods, local days, months (`docs/rules/periodes.md`)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rules import Row, case_id, rows
from tests.support.strategies import relaxed
from winvest.core.domain.periods import (
    Period,
    add_months,
    in_zone,
    local_date,
    local_midnight,
    months_elapsed,
    parse_month,
    resolve_local,
    zone_info,
)
from winvest.core.errors import Invalid

SEPTEMBER = parse_month("2025-09")
OCTOBER = parse_month("2025-10")
FROM_OCTOBER = Period(date(2025, 10, 1))

dates = st.dates(date(1990, 1, 1), date(2090, 12, 31))
local_times = st.datetimes(
    datetime.combine(date(1990, 1, 1), time.min), datetime.combine(date(2090, 1, 1), time.min)
)
zones = st.sampled_from(
    ["Europe/Paris", "Pacific/Noumea", "America/Martinique", "America/Sao_Paulo", "Africa/Cairo"]
)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.requirement("F.2-02")
@pytest.mark.parametrize("row", rows("periodes", "Mois comptable"), ids=case_id)
def test_month_table(row: Row) -> None:
    period = in_zone(parse_month(row["mois"]), row["fuseau"])

    assert period == Period(instant(row["début (UTC)"]), instant(row["fin (UTC)"]))


@pytest.mark.parametrize("row", rows("periodes", "Mois refusés"), ids=case_id)
def test_wrong_month_is_refused(row: Row) -> None:
    with pytest.raises(Invalid) as caught:
        parse_month(row["saisie"])

    assert caught.value.code == "period.month"


@pytest.mark.parametrize("text", ["", "2025-09\n", " 2025-09", "0000-01", "9999-12"])
def test_month_with_blanks_or_far_away_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_month(text)


@pytest.mark.parametrize("row", rows("periodes", "Mois entiers écoulés"), ids=case_id)
def test_elapsed_months_table(row: Row) -> None:
    elapsed = months_elapsed(date.fromisoformat(row["origine"]), date.fromisoformat(row["date"]))

    assert elapsed == int(row["mois entiers"])


@pytest.mark.parametrize("row", rows("periodes", "Ajout de mois"), ids=case_id)
def test_added_months_table(row: Row) -> None:
    added = add_months(date.fromisoformat(row["origine"]), int(row["mois"]))

    assert added == date.fromisoformat(row["résultat"])


@pytest.mark.parametrize("row", rows("periodes", "Heure locale saisie"), ids=case_id)
def test_local_time_table(row: Row) -> None:
    local = datetime.fromisoformat(row["heure"])

    if row["instant (UTC)"] == "refus":
        with pytest.raises(Invalid, match=r"heure d'été|de 1900 à 2199") as caught:
            resolve_local(local, row["fuseau"], path="effective_from")
        far = local.year not in range(1900, 2200)
        assert caught.value.code == ("period.far" if far else "period.skipped")
        assert caught.value.reasons[0].path == "effective_from"
    else:
        assert resolve_local(local, row["fuseau"]) == instant(row["instant (UTC)"])


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 8, 31), False),
        (date(2025, 9, 1), True),
        (date(2025, 9, 30), True),
        (date(2025, 10, 1), False),
    ],
)
def test_a_period_has_its_start_and_not_its_end(day: date, expected: bool) -> None:
    assert SEPTEMBER.contains(day) is expected


def test_a_period_without_end_lasts() -> None:
    assert FROM_OCTOBER.contains(date(2099, 1, 1))
    assert not FROM_OCTOBER.contains(date(2025, 9, 30))
    assert in_zone(FROM_OCTOBER, "Europe/Paris") == Period(instant("2025-09-30T22:00"))


def test_periods_that_touch_do_not_overlap() -> None:
    assert not SEPTEMBER.overlaps(OCTOBER)
    assert not OCTOBER.overlaps(SEPTEMBER)
    assert not SEPTEMBER.overlaps(FROM_OCTOBER)
    assert not FROM_OCTOBER.overlaps(SEPTEMBER)
    assert OCTOBER.overlaps(FROM_OCTOBER)
    assert FROM_OCTOBER.overlaps(OCTOBER)
    assert FROM_OCTOBER.overlaps(Period(date(2030, 1, 1)))


@pytest.mark.parametrize("end", [date(2025, 9, 1), date(2025, 8, 1)])
def test_a_period_that_does_not_last_is_refused(end: date) -> None:
    with pytest.raises(Invalid) as caught:
        Period(date(2025, 9, 1), end)

    assert caught.value.code == "period.empty"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "Europe", "../etc/passwd", "", "a\0b"])
def test_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as caught:
        zone_info(zone)

    assert caught.value.code == "period.zone"


def test_a_day_without_midnight_begins_at_the_change() -> None:
    # In São Paulo, on 4 November 2018, midnight became one o'clock.
    assert local_midnight(date(2018, 11, 4), "America/Sao_Paulo") == instant("2018-11-04T03:00")


@relaxed
@given(day=dates, zone=zones)
def test_a_day_begins_at_its_first_instant(day: date, zone: str) -> None:
    start = local_midnight(day, zone)

    assert local_date(start, zone) == day
    assert local_date(start - timedelta(microseconds=1), zone) < day


@relaxed
@given(local=local_times, zone=zones)
def test_a_local_time_is_refused_or_reads_back(local: datetime, zone: str) -> None:
    try:
        resolved = resolve_local(local, zone)
    except Invalid:
        return
    assert resolved.astimezone(zone_info(zone)).replace(tzinfo=None, fold=0) == local


@given(origin=dates, months=st.integers(0, 120), days=st.integers(0, 4000))
def test_months_elapsed_is_the_greatest_count_that_fits(
    origin: date, months: int, days: int
) -> None:
    on = origin + timedelta(days=days)
    elapsed = months_elapsed(origin, on)

    assert add_months(origin, elapsed) <= on < add_months(origin, elapsed + 1)
    assert months_elapsed(origin, add_months(origin, months)) == months
