"""What a grid asks for each quantity, as a drawing: straight from the start of a tier to its end."""

from decimal import Decimal

import pytest

from catalog.domain.tiers import TierMode, curve, read_tiers

GRID = [
    {"min": 0, "max": 99, "amount": 10},
    {"min": 100, "max": 499, "amount": 9},
    {"min": 500, "max": None, "amount": 8},
]
FLAT = [
    {"min": 0, "max": 10, "amount": 50, "base": "amount"},
    {"min": 10, "max": None, "amount": 80, "base": "amount"},
]


@pytest.mark.parametrize(
    ("grid", "mode", "points"),
    [
        (
            GRID,
            TierMode.SLAB,
            [(0, 0), (99, 990), (100, 900), (499, 4491), (500, 4000), (750, 6000)],
        ),
        (
            GRID,
            TierMode.PROGRESSIVE,
            [(0, 0), (99, 990), (99, 990), (499, 4590), (499, 4590), (750, 6598)],
        ),
        (FLAT, TierMode.SLAB, [(0, 50), (10, 50), (10, 80), (15, 80)]),
        (FLAT, TierMode.PROGRESSIVE, [(0, 50), (10, 50), (10, 130), (15, 130)]),
        ([{"min": 0, "max": None, "amount": 3}], TierMode.SLAB, [(0, 0), (1, 3)]),
    ],
)
def test_a_curve_joins_the_ends_of_the_tiers(grid, mode, points):
    found = curve(read_tiers(grid), mode)
    assert found == [(Decimal(x), Decimal(y)) for x, y in points]
