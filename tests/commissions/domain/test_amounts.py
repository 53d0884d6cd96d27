"""What a scheme gives, how it is shared, and its test cases (`docs/rules/commissions.md`)."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.tiers import TierMode
from commissions.domain.scheme import Basis, SplitKey, Tier, ValueType
from commissions.domain.simulation import Terms, case_problems, commission
from commissions.domain.split import share
from commissions.domain.tiers import Facts
from tests.support.rules import Row, case_id, number, optional, rows
from tests.support.strategies import relaxed
from winvest.core.errors import Invalid

TIER = re.compile(r"(?:M(\d+)-(\d*):)?([\d,]+)–([\d,]*) ([\d,]+)( %)?")
LIMITS = ("min_amount", "max_amount", "bonus", "malus")


def tier(basis: str, text: str) -> Tier:
    start, end, low, high, value, percent = TIER.fullmatch(text).groups()
    return Tier(
        basis=Basis(basis),
        min=number(low),
        max=optional(high),
        value_type=ValueType.PERCENT if percent else ValueType.AMOUNT,
        value=number(value),
        month_from=int(start) if start else None,
        month_to=int(end) if end else None,
    )


def terms_of(row: Row) -> Terms:
    limits = row["min / max / prime / malus"].split("/") if row["min / max / prime / malus"] else []
    return Terms(
        tiers=[tier(row["assiette des paliers"], text) for text in row["paliers"].split(" / ")],
        split={"company": 1},
        currency="EUR",
        mode=TierMode(row["mode"]),
        **{name: optional(text.strip()) for name, text in zip(LIMITS, limits, strict=False)},
    )


@pytest.mark.requirement(
    "2.1-commission-02", "2.1-commission-03", "2.1-commission-07", "3.3-04", "3.3-05"
)
@pytest.mark.parametrize("row", rows("commissions", "Montants"), ids=case_id)
def test_amounts_table(row: Row) -> None:
    facts = Facts(
        volume=number(row["ventes"]),
        revenue=number(row["assiette"]),
        margin=optional(row["marge"]),
        month_rank=int(row["mois"]) if row["mois"] else None,
    )
    if row["commission"].startswith("commission."):
        with pytest.raises(Invalid) as refused:
            commission(terms_of(row), facts)
        assert refused.value.reasons[0].code == row["commission"]
    else:
        assert commission(terms_of(row), facts).amount == number(row["commission"])


def split_of(text: str) -> dict[str, Decimal]:
    return {key: number(part) for key, part in (one.split() for one in text.split(" / "))}


@pytest.mark.requirement("2.1-commission-08", "3.3-09")
@pytest.mark.parametrize("row", rows("commissions", "Partage"), ids=case_id)
@pytest.mark.requirement("2.1-commission-09")
def test_split_amounts_table(row: Row) -> None:
    shares = share(number(row["commission"]), split_of(row["répartition"]), row["devise"])
    assert shares == split_of(row["parts"])


WEIGHTS = st.dictionaries(
    st.sampled_from(SplitKey), st.integers(0, 1000), min_size=1, max_size=5
).filter(lambda weights: any(weights.values()))
CENTS = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100)


@given(CENTS, WEIGHTS)
@relaxed
def test_shares_add_up_and_bear_the_sign(total, weights) -> None:
    split = {key: Decimal(weight) for key, weight in weights.items()}
    shares = share(total, split, "EUR")
    assert sum(shares.values()) == total
    assert all(part * total >= 0 for part in shares.values())
    assert share(-total, split, "EUR") == {key: -part for key, part in shares.items()}


GRID = [tier("volume", text) for text in ("0–99 10 %", "100–499 12 %", "500– 15 %")]  # rising rates


@given(st.integers(0, 2000), CENTS)
@relaxed
def test_slices_make_up_the_whole_base(volume, revenue) -> None:
    facts = Facts(volume=Decimal(volume), revenue=abs(revenue))
    slab = Terms(tiers=GRID, split={"company": 1}, currency="EUR")
    whole = commission(slab, facts)
    sliced = commission(replace(slab, mode=TierMode.PROGRESSIVE), facts)
    assert sliced.amount <= whole.amount
    slices = sum(one.slice for one in sliced.tiers)
    assert abs(slices - facts.revenue) < Decimal("1e-6")


@pytest.mark.requirement("3.3-02")
def test_a_case_tells_what_the_scheme_gives_instead() -> None:
    terms = Terms(
        tiers=GRID,
        split={"company": Decimal("0.6"), "commercial": Decimal("0.3"), "manager": Decimal("0.1")},
        currency="EUR",
    )
    case = {"name": "150 ventes", "volume": 150, "revenue": Decimal("1237.50")}
    right = {
        "expected": Decimal("148.5"),
        "commercial": Decimal("44.55"),
        "manager": Decimal("14.85"),
    }
    assert case_problems([case | right], terms) == []
    wrong = case | {"expected": 148, "company": Decimal("89.10"), "partner": 1}
    found = case_problems([case | right, wrong], terms)
    assert [(one.path, one.code) for one in found] == [
        ("test_cases.1", "commission.case_amount"),
        ("test_cases.1", "commission.case_share"),
    ]
    assert found[0].message == "Cas « 150 ventes » : 148,00 attendus, le barème donne 148,50."
    assert "part « Partenaire » : 1,00 attendus, le barème donne 0,00" in found[1].message
    [missing] = case_problems([case | right], replace(terms, tiers=[tier("margin", "0– 10 %")]))
    assert missing.code == "commission.case_facts"
    assert "donnez-la" in missing.message
    margin = replace(terms, on_margin=True)
    assert case_problems([case | {"margin": 10, "expected": Decimal("1.2")}], margin) == []
    assert (
        commission(replace(terms, tiers=[]), Facts(volume=Decimal(1), revenue=Decimal(9))).amount
        == 0
    )
