"""Which version an existing contract runs under (`applies_to_inforce`, `design/domain.md` §1).

A release says what it does to contracts that run already: nothing (new business only), or it
applies at their next billing, at their renewal, or at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Policy(StrEnum):
    """What a release does to contracts in force."""

    NONE = "none"
    NEXT_BILLING = "next_billing"
    RENEWAL = "renewal"
    IMMEDIATE = "immediate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A released version, in force for new business from `effective_from`."""

    number: int
    effective_from: datetime
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContract:
    """What a contract says of itself, in instants.

    `version` is the one it runs under, as the last operation told it; unknown, it is the one in
    force when it started. The next billing and renewal are the first ones that it still awaits.
    """

    started_at: datetime | None = None
    version: int | None = None
    next_billing_at: datetime | None = None
    renewal_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether it says under which version it runs, or since when."""
        return self.version is not None or self.started_at is not None


@dataclass(frozen=True, slots=True)
class Retirement:
    """A product that is retired: since when (None: since ever), and what its exit plan allows."""

    since: datetime | None = None
    renewals_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """The release that a contract runs under, and the instant at which another takes over."""

    release: Release
    until: datetime | None

    def ending(self, end: datetime) -> "Holding":
        """Return the same, until `end` at the latest."""
        return Holding(self.release, end if self.until is None else min(self.until, end))

    def ended(self, at: datetime) -> bool:
        """Whether the contract is held no more: its renewal was refused."""
        return self.until is not None and self.until <= at


def holding(
    releases: Iterable[Release], contract: RunningContract, *, at: datetime
) -> Holding | None:
    """Return what the contract runs under at `at`; None when its own version is not known.

    Of the releases after the contract's own that apply to it by then, the last one: an older one
    never comes back. A billing or a renewal awaited before a release takes effect tells nothing of
    the next one: the contract keeps its version until it is told.
    """
    ordered = sorted(releases, key=lambda release: release.effective_from)
    own = _own(ordered, contract)
    if own is None:
        return None
    held, until = own, None
    for release in ordered:
        start = applies_from(release, contract)
        if release.effective_from <= own.effective_from or start is None:
            continue
        if start <= at:
            held = release
        elif until is None or start < until:
            until = start
    return Holding(held, until)


def applies_from(release: Release, contract: RunningContract) -> datetime | None:
    """Return the instant from which the release applies to the contract, None for never."""
    awaited = {
        Policy.NONE: None,
        Policy.NEXT_BILLING: contract.next_billing_at,
        Policy.RENEWAL: contract.renewal_at,
        Policy.IMMEDIATE: release.effective_from,
    }[release.policy]
    return None if awaited is None or awaited < release.effective_from else awaited


def refused_from(retirement: Retirement | None, contract: RunningContract) -> datetime | None:
    """Return the renewal from which a contract of a retired product is no longer held (M-07).

    Until then the contract runs on with its support; None where nothing refuses its renewal: the
    exit plan allows it, it came before the retirement, or the contract awaits none.
    """
    renewal = contract.renewal_at
    if retirement is None or retirement.renewals_allowed or renewal is None:
        return None
    before = retirement.since is not None and renewal < retirement.since
    return None if before else renewal


def _own(ordered: list[Release], contract: RunningContract) -> Release | None:
    """Return the contract's own release: the one it names, else the one in force at its start."""
    if contract.version is not None:
        named = [release for release in ordered if release.number == contract.version]
        return named[0] if named else None
    started = contract.started_at
    if started is None:
        return None
    before = [release for release in ordered if release.effective_from <= started]
    return before[-1] if before else None
