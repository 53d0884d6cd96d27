"""Which version a contract runs under: the table of `applies_to_inforce` (domain.md §1)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.choices import InforcePolicy
from catalog.domain.inforce import Policy, Release, RunningContract, holding

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


# Version 1 from day 0; then (start, policy) of the following ones, the contract, the instant, what
# it runs under, and until when.
TABLE = [
    ([(10, "none")], contract(), 20, 1, None),
    ([(10, "immediate")], contract(), 9, 1, 10),
    ([(10, "immediate")], contract(), 10, 2, None),
    ([(10, "next_billing")], contract(billing=15), 14, 1, 15),
    ([(10, "next_billing")], contract(billing=15), 15, 2, None),
    ([(10, "next_billing")], contract(billing=10), 10, 2, None),
    ([(10, "next_billing")], contract(billing=9), 30, 1, None),
    ([(10, "next_billing")], contract(), 30, 1, None),
    ([(10, "renewal")], contract(billing=15, renewal=40), 39, 1, 40),
    ([(10, "renewal")], contract(billing=15, renewal=40), 40, 2, None),
    # A release for new business only changes nothing, the one after it applies.
    ([(10, "none"), (20, "immediate")], contract(), 25, 3, None),
    ([(10, "immediate"), (20, "none")], contract(), 25, 2, None),
    # The newer one holds, and the older does not come back at its own date.
    ([(10, "renewal"), (20, "immediate")], contract(renewal=30), 40, 3, None),
    ([(10, "renewal"), (20, "immediate")], contract(renewal=15), 16, 2, 20),
    # A contract moved on to version 2 is never taken back to 1.
    ([(10, "none"), (20, "next_billing")], contract(version=2, billing=25), 25, 3, None),
    ([(10, "immediate")], contract(version=2), 5, 2, None),
    # Without its version, the one in force at its start.
    ([(10, "none"), (20, "none")], contract(version=None, started=12), 30, 2, None),
    ([(10, "immediate")], contract(version=None, started=0), 12, 2, None),
]


@pytest.mark.requirement("1-14")
@pytest.mark.parametrize(("later", "said", "at", "number", "until"), TABLE)
def test_the_version_that_a_contract_runs_under(later, said, at, number, until):
    releases = [release(1, 0, "none")]
    releases += [release(rank, *one) for rank, one in enumerate(later, start=2)]
    found = holding(reversed(releases), said, at=day(at))
    assert found is not None
    assert (found.release.number, found.until) == (number, None if until is None else day(until))


@pytest.mark.parametrize(
    "said", [contract(version=9), contract(version=None, started=-1), contract(version=None)]
)
def test_a_contract_whose_version_is_not_known_runs_under_none(said):
    assert holding([release(1, 0, "immediate")], said, at=day(5)) is None
    assert said.is_known is (said.version is not None or said.started_at is not None)


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
