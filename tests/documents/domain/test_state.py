"""How a document stands on a day, and which steps its state opens (D-04, E.2.5)."""

from datetime import date, timedelta

import pytest

from documents.domain.state import (
    DocumentState,
    Standing,
    check_archivable,
    check_publishable,
    standing,
)
from winvest.core.errors import Conflict

DAY = date(2026, 3, 1)


@pytest.mark.requirement("2.1-document-04", "E.2.5-02")
@pytest.mark.parametrize(
    ("state", "days_left", "expected"),
    [
        ("draft", None, Standing.DRAFT),
        ("draft", -1, Standing.DRAFT),
        ("archived", 3, Standing.ARCHIVED),
        ("expired", None, Standing.EXPIRED),
        ("published", None, Standing.VALID),
        ("published", 30, Standing.VALID),
        ("published", 29, Standing.EXPIRING),
        ("published", 0, Standing.EXPIRING),
        ("published", -1, Standing.EXPIRED),
    ],
)
def test_standing(state, days_left, expected):
    last = None if days_left is None else DAY + timedelta(days=days_left)
    assert standing(DocumentState(state), last, on=DAY) is expected


@pytest.mark.parametrize("state", DocumentState)
def test_each_step_leaves_its_states_only(state):
    def passes(check, *args, **options):
        try:
            check(state, *args, **options)
        except Conflict:
            return False
        return True

    assert passes(check_publishable, None, on=DAY) == (state is DocumentState.DRAFT)
    assert passes(check_publishable, DAY, on=DAY) == (state is DocumentState.DRAFT)
    assert not passes(check_publishable, DAY - timedelta(days=1), on=DAY)
    assert passes(check_archivable) == (state in {"published", "expired"})
