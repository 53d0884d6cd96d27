"""Which version a contract runs under: the table of `applies_to_inforce` (domain.md §1)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.choices import InforcePolicy
from catalog.domain.inforce import (
    Holding,
    Policy,
    Release,
    Retirement,
    RunningContract,
    holding,
    refused_from,
)
from tests.support.rules import case_id, rows

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


def release(number, on, policy):
    return Release(number=number, effective_from=day(on), policy=Policy(policy))


def contract(version=1, billing=None, renewal=None, started=None):
    return RunningContract(
        version=version,
        started_at=None if started is None else day(started),
        next_billing_at=None if billing is None else day(billing),
        renewal_at=None if renewal is None else day(renewal),
    )


def days_of(cell):
    return int(cell) if cell else None


@pytest.mark.requirement("1-14")
@pytest.mark.parametrize("row", rows("versions", "Contrats en cours"), ids=case_id)
def test_the_version_that_a_contract_runs_under(row):
    later = [one.split() for one in row["suivantes"].split(", ")]
    releases = [release(1, 0, "none")]
    releases += [release(rank, int(on), policy) for rank, (on, policy) in enumerate(later, start=2)]
    said = contract(
        version=days_of(row["version"]),
        started=days_of(row["début"]),
        billing=days_of(row["échéance"]),
        renewal=days_of(row["renouvellement"]),
    )
    found = holding(reversed(releases), said, at=day(int(row["jour"])))
    assert found is not None
    until = days_of(row["jusqu'au"])
    assert found.release.number == int(row["court sous"])
    assert found.until == (None if until is None else day(until))


@pytest.mark.parametrize(
    "said", [contract(version=9), contract(version=None, started=-1), contract(version=None)]
)
def test_a_contract_whose_version_is_not_known_runs_under_none(said):
    assert holding([release(1, 0, "immediate")], said, at=day(5)) is None
    assert said.is_known is (said.version is not None or said.started_at is not None)


@pytest.mark.requirement("4-10", "C.1-05")
@pytest.mark.parametrize("row", rows("versions", "Produit retiré"), ids=case_id)
def test_until_when_a_contract_of_a_retired_product_is_held(row):
    since = row["retiré le jour"]
    retirement = Retirement(
        since=None if since == "?" else day(int(since) if since.isdigit() else 0),
        renewals_allowed=row["renouvelable"] == "oui",
    )
    said = contract(renewal=days_of(row["renouvellement"]))
    until = days_of(row["tenu jusqu'au"])
    end = refused_from(None if since == "non" else retirement, said)
    assert end == (None if until is None else day(until))
    if end is not None:
        held = Holding(release(1, 0, "none"), day(30)).ending(end)
        assert (held.until, held.ended(day(until)), held.ended(day(until - 1))) == (
            end,
            True,
            False,
        )
        sooner = Holding(release(1, 0, "none"), day(1)).ending(end)
        assert sooner.until == day(1)
    assert not Holding(release(1, 0, "none"), None).ended(day(99))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(Policy), max_size=4),
    st.one_of(st.none(), st.integers(0, 60)),
    st.one_of(st.none(), st.integers(0, 60)),
)
def test_a_contract_never_goes_back_in_time(policies, billing, renewal):
    releases = [release(1, 0, "none")]
    releases += [release(rank, rank * 10, policy) for rank, policy in enumerate(policies, start=2)]
    said = contract(billing=billing, renewal=renewal)
    numbers = [holding(releases, said, at=day(at)).release.number for at in range(0, 70, 5)]
    assert numbers == sorted(numbers)


def test_the_policies_are_those_of_the_model():
    assert set(Policy) == set(InforcePolicy.values)
