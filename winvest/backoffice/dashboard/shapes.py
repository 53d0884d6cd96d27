"""What a tile of the dashboard is made of: numbers, bars and lines with a link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from winvest.core import json
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a chart that share a colour: `tone` is one of the badges', or « violet »."""

    label: str
    values: Sequence[int]
    tone: str = "primary"


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, one for each label, each made of the series one on top of the other.

    `lying` draws them from left to right; `unit` follows the numbers (« % »).
    """

    labels: Sequence[str]
    series: Sequence[Series]
    lying: bool = False
    unit: str = ""

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The same figures as a table, for who does not see the drawing."""
        return [
            (label, [one.values[place] for one in self.series])
            for place, label in enumerate(self.labels)
        ]

    @property
    def data(self) -> str:
        """What the page's script draws."""
        series = [
            {"label": one.label, "values": list(one.values), "tone": one.tone}
            for one in self.series
        ]
        drawn = {"labels": list(self.labels), "series": series}
        return json.dumps(drawn | {"lying": self.lying, "unit": self.unit})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a tile: `detail` stands below the label, `value` on the right, in its colour."""

    label: str
    value: str = ""
    link: str = ""
    detail: str = ""
    tone: str = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a tile shows; `empty` is what it says without a chart or a line.

    `link` leads to all of it, `total` says how much that is. `counted_at` is when the figures were
    counted, where it was not at this instant.
    """

    number: str = ""
    caption: str = ""
    link: str = ""
    chart: Chart | None = None
    lines: Sequence[Line] = field(default_factory=list)
    empty: str = ""
    total: str = ""
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose tile it is, and the companies in scope where the tile's action is allowed."""

    access: Access
    companies: frozenset[UUID]

    def among(self, action: Action) -> frozenset[UUID]:
        """Return the companies of the tile where another action is allowed as well."""
        return self.companies & self.access.companies(action)


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the dashboard, for whoever may do `action` in some company.

    `unless` leaves out the companies where another action opens the tiles of those who see more.
    Whoever may do `task`, which the tile asks for, has it before those that only tell. `listings`
    are the rows that it is made of, where its page shows them all.
    """

    name: str
    title: str
    action: Action
    read: Callable[[Reader], Figures]
    wide: bool = False
    unless: Action | None = None
    task: Action | None = None
    listings: Callable[[Reader], Sequence[Any]] | None = None
