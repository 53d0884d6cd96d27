"""Which state may follow which (M-06)."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from catalog.domain.lifecycle import (
    STANDING_LABELS,
    STATE_LABELS,
    STATUS_LABELS,
    LifecycleStatus,
    VersionState,
    check_release_date,
    check_transition,
    check_version_transition,
    periods_of,
    version_standing,
)
from winvest.core.errors import Conflict, Invalid

ALLOWED = {
    ("draft", "test"),
    ("draft", "retired"),
    ("test", "draft"),
    ("test", "active"),
    ("active", "frozen"),
    ("frozen", "active"),
    ("active", "retired"),
    ("frozen", "retired"),
}
VERSION_ALLOWED = {
    ("draft", "in_review"),
    ("in_review", "draft"),
    ("in_review", "released"),
    ("released", "withdrawn"),
}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.requirement("2.2-01")
def test_the_five_statuses_have_their_french_names() -> None:
    assert list(STATUS_LABELS) == list(LifecycleStatus)
    assert list(STATUS_LABELS.values()) == ["Brouillon", "En test", "Actif", "Gelé", "Retiré"]
    assert list(STATE_LABELS) == list(VersionState)


@pytest.mark.parametrize(("current", "target"), list(product(LifecycleStatus, repeat=2)))
def test_product_graph(current: LifecycleStatus, target: LifecycleStatus) -> None:
    if (current, target) in ALLOWED:
        check_transition(current, target)
    else:
        with pytest.raises(Conflict, match=STATUS_LABELS[target]) as caught:
            check_transition(current, target)
        assert caught.value.code == "lifecycle.transition"


@pytest.mark.parametrize(("current", "target"), list(product(VersionState, repeat=2)))
def test_version_graph(current: VersionState, target: VersionState) -> None:
    later = NOW + timedelta(days=1)
    if (current, target) in VERSION_ALLOWED:
        check_version_transition(current, target, effective_from=later, at=NOW)
    else:
        with pytest.raises(Conflict, match="Cette version") as caught:
            check_version_transition(current, target, effective_from=later, at=NOW)
        assert caught.value.code == "lifecycle.version_transition"


def test_a_version_that_applies_is_not_withdrawn() -> None:
    with pytest.raises(Conflict) as caught:
        check_version_transition(
            VersionState.RELEASED, VersionState.WITHDRAWN, effective_from=NOW, at=NOW
        )

    assert caught.value.code == "lifecycle.already_effective"


def test_a_release_in_the_past_is_a_justified_take_over() -> None:
    past = NOW - timedelta(microseconds=1)
    check_release_date(NOW, at=NOW, may_go_back=False)
    check_release_date(past, at=NOW, may_go_back=True)
    with pytest.raises(Invalid):
        check_release_date(past, at=NOW, may_go_back=False)


def test_a_released_period_ends_where_the_next_one_starts() -> None:
    first, second, third = (NOW + timedelta(days=days) for days in (0, 10, 20))
    assert periods_of([]) == {}
    assert periods_of([third, first, second]) == {first: second, second: third, third: None}
    with pytest.raises(Conflict):
        periods_of([first, second, first])


@pytest.mark.parametrize(
    ("state", "start", "end", "expected"),
    [
        ("draft", 1, None, "draft"),
        ("in_review", 1, None, "in_review"),
        ("withdrawn", 1, None, "withdrawn"),
        ("released", 3, None, "planned"),
        ("released", 2, None, "in_force"),
        ("released", 1, 3, "in_force"),
        ("released", 1, 2, "over"),
    ],
)
def test_what_a_version_is_on_the_second(
    state: str, start: int, end: int | None, expected: str
) -> None:
    def day(number: int) -> datetime:
        return datetime(2026, 1, number, tzinfo=UTC)

    found = version_standing(VersionState(state), day(start), day(end) if end else None, at=day(2))
    assert found == expected
    assert STANDING_LABELS[found]
