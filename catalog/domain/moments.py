"""What applied at a date, as it was known at another (`as_of`, `known_at`: domain.md §1, decision 6).

Answered from what never changes: when a version was released, when it was withdrawn, when it takes
effect. A date before the first version is an error, never the first version.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.domain.eligibility import SellableProblem
from winvest.core.errors import Invalid, Problem


class MomentProblem(Problem):
    """Why a moment has no answer."""

    NOT_IN_FORCE = (
        "version.not_in_force",
        "Cette version n'est pas celle en vigueur à cette date, telle qu'on la connaissait.",
    )
    NOT_RUNNING = (
        "part.not_running",
        "À cette date, telle qu'on la connaissait, ceci ne courait pas.",
    )
    FUTURE = "known_at.future", "On ne sait pas encore ce qui sera connu à cette date."


@dataclass(frozen=True, slots=True)
class Moment:
    """The date asked about, and the instant whose knowledge answers (None: what is known now)."""

    as_of: datetime
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedVersion:
    """A version that was released, perhaps withdrawn since."""

    id: UUID
    effective_from: datetime
    released_at: datetime
    withdrawn_at: datetime | None = None

    def known(self, at: datetime | None) -> bool:
        """Whether it stood as released at an instant (None: now)."""
        if at is None:
            return self.withdrawn_at is None
        return self.released_at <= at and (self.withdrawn_at is None or at < self.withdrawn_at)


def moment_of(as_of: datetime | None, known_at: datetime | None, *, now: datetime) -> Moment | None:
    """Return the moment asked for, None when none is; `known_at` alone asks about its own date."""
    if known_at is not None and known_at > now:
        raise Invalid(MomentProblem.FUTURE, path="known_at")
    date = as_of or known_at
    return None if date is None else Moment(date, known_at)


def in_force(
    versions: Iterable[DatedVersion], moment: Moment
) -> tuple[DatedVersion, datetime | None]:
    """Return the version in force at the moment, and its end as it was known then."""
    known = sorted(
        (version for version in versions if version.known(moment.known_at)),
        key=lambda version: version.effective_from,
    )
    begun = [version for version in known if version.effective_from <= moment.as_of]
    if not begun:
        problem = SellableProblem.BEFORE_FIRST if known else SellableProblem.VERSION
        raise Invalid(problem, path="as_of")
    later = known[len(begun) :]
    return begun[-1], later[0].effective_from if later else None
