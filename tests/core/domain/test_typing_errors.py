"""What a hurried hand types is found all the same; what tells a range apart is not a slip (E.3-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winvest.core.domain.typing_errors import one_slip_apart, swaps

SLIPS = {
    ("assitance", "assistance"): True,
    ("assistances", "assistance"): True,
    ("assixtance", "assistance"): True,
    ("asisstance", "assistance"): True,
    ("oggo dta", "oggodata"): True,
    ("asitance", "assistance"): False,
    ("option b", "option a"): False,
    ("forfait 3", "forfait 2"): False,
    ("forfait 20", "forfait 2"): False,
    ("", "x"): False,
}


@pytest.mark.requirement("E.3-01")
@pytest.mark.parametrize(("pair", "told"), SLIPS.items())
def test_one_slip(pair, told):
    typed, there = pair
    assert one_slip_apart(typed, there) == told
    assert one_slip_apart(there, typed) == told


@given(st.text("abcd 12", max_size=12))
def test_a_swap_is_a_slip(text):
    assert all(one_slip_apart(one, text) for one in swaps(text))
