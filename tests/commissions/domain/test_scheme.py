"""What a commission scheme may say (`docs/rules/commissions.md`)."""

import itertools
import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.tiers import TierMode
from commissions.domain.scheme import (
    AppliesTo,
    Axes,
    Basis,
    Direction,
    Sale,
    SplitKey,
    Tier,
    choose,
    matches,
    same_scope,
    split_problems,
    tier_problems,
)
from tests.support.rules import Row, case_id, number, rows
from tests.support.strategies import relaxed

A, B, S, P = (UUID(int=value) for value in (1, 2, 3, 4))
NAMES = {"A": A, "B": B, "S": S, "P": P, "*": None}
SALE = Sale(
    direction=Direction.OUTBOUND,
    is_new=True,
    plan=A,
    channel="web",
    seller=S,
    partner=P,
    on=date(2026, 1, 15),
)


def codes(problems):
    return sorted({problem.code for problem in problems})


def split_of(text: str) -> dict[str, Decimal]:
    return {key: number(share) for key, share in (part.split() for part in text.split(" / "))}


@pytest.mark.requirement("A.4-05", "A.2.2-commission_scheme-04", "A.3.4-02")
@pytest.mark.parametrize("row", rows("commissions", "Répartition"), ids=case_id)
def test_split_table(row: Row) -> None:
    assert codes(split_problems(split_of(row["parts"]))) == ([row["refus"]] if row["refus"] else [])


@pytest.mark.parametrize("split", [None, [], {}, "company", 1, {"company": True}, {"company": "1"}])
def test_a_split_is_an_object_of_numbers(split) -> None:
    assert split_problems(split)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5).filter(any))
@relaxed
def test_shares_of_a_whole_are_a_split(weights) -> None:
    total = sum(weights)
    shares = [(Decimal(weight) / total).quantize(Decimal("1e-7")) for weight in weights]
    assert split_problems(dict(zip(SplitKey, shares, strict=False))) == []


def tiers_of(row: Row) -> list[Tier]:
    bases = [Basis(name) for name in row["assiette"].split("+")]
    pattern = re.compile(r"(?:M(\d+)-(\d*):)?(-?[\d,]+)–([\d,]*)")
    found = [pattern.fullmatch(text).groups() for text in row["paliers"].split(" / ")]
    return [
        Tier(
            basis=bases[index % len(bases)],
            min=number(low),
            max=number(high) if high else None,
            month_from=int(start) if start else None,
            month_to=int(end) if end else None,
        )
        for index, (start, end, low, high) in enumerate(found)
    ]


@pytest.mark.requirement("2.1-commission-03", "A.2.2-commission_tier-02")
@pytest.mark.parametrize("row", rows("commissions", "Paliers"), ids=case_id)
def test_tiers_table(row: Row) -> None:
    problems = tier_problems(tiers_of(row), mode=TierMode(row["mode"]))
    assert codes(problems) == ([row["refus"]] if row["refus"] else [])


def test_every_problem_is_told_with_its_place() -> None:
    tiers = [
        Tier(basis=Basis.VOLUME, min=Decimal(1), max=Decimal(9)),
        Tier(basis=Basis.VOLUME, min=Decimal(20), max=Decimal(30)),
    ]
    found = {(problem.path, problem.code) for problem in tier_problems(tiers)}
    assert found == {
        ("tiers.0.min", "commission.first_min"),
        ("tiers.1.min", "commission.gap"),
        ("tiers.1.max", "commission.open_end"),
    }
    assert tier_problems([]) == []


@given(st.lists(st.decimals(1, 10**6, places=4), min_size=1, max_size=6, unique=True), st.data())
@relaxed
def test_cut_anywhere_a_grid_has_neither_gap_nor_overlap(cuts, data) -> None:
    bounds = [Decimal(0), *sorted(cuts), None]
    tiers = [
        Tier(basis=Basis.REVENUE, min=low, max=high) for low, high in itertools.pairwise(bounds)
    ]
    assert tier_problems(data.draw(st.permutations(tiers))) == []
    del tiers[data.draw(st.integers(0, len(tiers) - 1))]
    assert tier_problems(tiers) or not tiers


def axes_of(text: str) -> Axes:
    applies_to, plan, channel, seller, partner = text.split()
    return Axes(
        applies_to=AppliesTo(applies_to),
        plan=NAMES[plan],
        channel=None if channel == "*" else channel,
        seller=NAMES[seller],
        partner=NAMES[partner],
    )


@pytest.mark.requirement("2.1-commission-01", "2.1-commission-04")
@pytest.mark.parametrize("row", rows("commissions", "Barème choisi"), ids=case_id)
def test_the_most_specific_scheme_is_chosen(row: Row) -> None:
    schemes = {name[-1]: axes_of(row[name]) for name in ("barème 1", "barème 2")}
    chosen = choose(schemes, SALE, axes=schemes.__getitem__)
    assert (chosen or "") == row["choisi"]


@pytest.mark.requirement("2.1-commission-01")
def test_a_scheme_runs_from_its_first_day_to_the_day_before_its_end() -> None:
    on = SALE.on
    for start, end, runs in [
        (on, None, True),
        (on + timedelta(days=1), None, False),
        (None, on, False),
        (None, on + timedelta(days=1), True),
    ]:
        assert matches(Axes(valid_from=start, valid_to=end), SALE) == runs


days = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 9))
scopes = st.builds(
    Axes,
    direction=st.sampled_from(Direction),
    applies_to=st.sampled_from(AppliesTo),
    plan=st.sampled_from([None, A, B]),
    channel=st.sampled_from([None, "web", "field"]),
    seller=st.sampled_from([None, S]),
    partner=st.sampled_from([None, P]),
    valid_from=days,
    valid_to=days,
).filter(lambda axes: (axes.valid_from or date.min) < (axes.valid_to or date.max))
sales = st.builds(
    Sale,
    direction=st.sampled_from(Direction),
    is_new=st.booleans(),
    plan=st.sampled_from([None, A, B]),
    channel=st.sampled_from(["web", "field"]),
    seller=st.just(S),
    partner=st.sampled_from([None, P]),
    on=st.dates(date(2026, 1, 1), date(2026, 1, 9)),
)


@given(st.lists(scopes, max_size=8), sales)
@relaxed
def test_without_two_equal_scopes_no_sale_is_ever_tied(drawn, sale) -> None:
    kept = []
    for axes in drawn:
        if not any(same_scope(axes, other) for other in kept):
            kept.append(axes)
    chosen = choose(kept, sale, axes=lambda axes: axes)
    assert choose(list(reversed(kept)), sale, axes=lambda axes: axes) == chosen
    assert (chosen is None) == (not any(matches(axes, sale) for axes in kept))


@given(scopes)
@relaxed
def test_a_scope_ties_with_itself_and_not_with_the_period_after_it(axes) -> None:
    assert same_scope(axes, axes)
    if axes.valid_to is not None:
        after = Axes(valid_from=axes.valid_to)
        before = Axes(valid_to=axes.valid_to)
        assert not same_scope(before, after)
