"""What differs between two contents, and the way from one to the other (3.1-08, 3.1-10)."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.diff import Item, Kind, Listing, Order, apply, compare

LISTINGS = {
    "plans": Listing(("code",)),
    "prices": Listing(("type",), ordered=False),
    "payload": Listing(("min",)),
    "schemes": Listing(("direction", "plan"), ordered=False),
}


def price(amount, kind="fixed"):
    return {"type": kind, "payload": {"amount": Decimal(amount)}}


def plan(code, *prices):
    return {"code": code, "prices": list(prices)}


@pytest.mark.requirement("3.1-08")
@pytest.mark.parametrize(
    ("before", "after", "path", "old", "new", "kind"),
    [
        (
            [plan("A", price("9.9"))],
            [plan("A", price("12"))],
            ("plans", Item(("A",)), "prices", Item(("fixed",)), "payload", "amount"),
            Decimal("9.9"),
            Decimal(12),
            Kind.CHANGED,
        ),
        ([plan("A")], [plan("A"), plan("B")], ("plans", Item(("B",))), None, plan("B"), "added"),
        ([plan("B"), plan("A")], [plan("A")], ("plans", Item(("B",))), plan("B"), None, "removed"),
        (
            [plan("A"), plan("B")],
            [plan("B"), plan("A")],
            ("plans", Order.OF_ROWS),
            [Item(("A",)), Item(("B",))],
            [Item(("B",)), Item(("A",))],
            "changed",
        ),
        (
            [plan("A", price("1"), price("2"))],
            [plan("A", price("2"), price("1"), price("3"))],
            ("plans", Item(("A",)), "prices", Item(("fixed",), 3)),
            None,
            price("3"),
            "added",
        ),
    ],
)
def test_a_difference_is_told_where_it_is(before, after, path, old, new, kind):
    (change,) = compare({"x": {"plans": before}}, {"x": {"plans": after}}, LISTINGS)
    assert (change.part, change.path, change.before, change.after) == ("x", path, old, new)
    assert change.kind == kind


def test_a_part_comes_and_goes_whole():
    (change,) = compare({}, {"offer": {"channels": ["web"]}}, LISTINGS)
    assert (change.part, change.path, change.kind) == ("offer", (), Kind.ADDED)
    (change,) = compare({"offer": {"channels": ["web"]}}, {}, LISTINGS)
    assert change.kind == Kind.REMOVED


def test_rows_are_named_for_people():
    assert str(Item(("BASIC",))) == "BASIC"
    assert str(Item(("outbound", "", "web"), 2)) == "outbound web (2)"
    assert str(Item(("",))) == "—"


def rows(**columns):
    return st.lists(st.fixed_dictionaries({}, optional=columns), min_size=1, max_size=4)


WORDS = st.sampled_from(["A", "B", "C"])
AMOUNTS = st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(2), 3])
PAYLOADS = st.one_of(
    st.fixed_dictionaries({"amount": AMOUNTS}),
    rows(min=AMOUNTS, amount=AMOUNTS),
)
PRICES = rows(type=WORDS, payload=PAYLOADS)
PLANS = rows(code=WORDS, name=WORDS, prices=PRICES)
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "plans": st.fixed_dictionaries({}, optional={"plans": PLANS, "prices": PRICES}).filter(
            bool
        ),
        "schemes": rows(direction=WORDS, plan=WORDS, value=AMOUNTS),
        "offer": st.dictionaries(WORDS, st.lists(WORDS, min_size=1), min_size=1),
    },
)


def arranged(content):
    return apply(content, [], LISTINGS)


@pytest.mark.requirement("3.1-08", "3.1-10")
@settings(max_examples=60, deadline=None)
@given(CONTENTS, CONTENTS)
def test_the_changes_lead_from_one_content_to_the_other_and_back(before, after):
    there, back = compare(before, after, LISTINGS), compare(after, before, LISTINGS)
    assert apply(before, there, LISTINGS) == arranged(after)
    assert apply(apply(before, there, LISTINGS), back, LISTINGS) == arranged(before)
    assert (there == []) == (arranged(before) == arranged(after))
    assert compare(before, before, LISTINGS) == []
