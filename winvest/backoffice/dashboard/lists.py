"""Tiles made of rows: the first of them with how many there are, and the page of them all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from winvest.backoffice.dashboard.shapes import Figures, Line, Reader, Tile
from winvest.core.domain.roles import Action

SHOWN, PAGE = 20, 50
# Above this number a tile says « plus de » ; the page of the rows counts them all.
MANY = 1_000


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows in their order, and how some of them are shown."""

    rows: QuerySet[Any] | list[Any]
    show: Callable[[Sequence[Any]], Iterable[Line]]

    def lines(self, start: int, stop: int) -> list[Line]:
        """Return the lines of a part."""
        return list(self.show(list(self.rows[start:stop])))

    def number(self, *, most: int | None = None) -> int:
        """Return how many rows there are, `most` at most."""
        if isinstance(self.rows, list):
            return len(self.rows)
        rows = self.rows.order_by()
        return rows.count() if most is None else rows[:most].count()


Listings = Callable[[Reader], Sequence[Listing]]


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the rows: its lines, its number and how many pages and rows there are."""

    lines: list[Line]
    number: int
    pages: int
    total: int


def list_tile(
    name: str,
    title: str,
    action: Action,
    listings: Listings,
    *,
    empty: str,
    shown: int = SHOWN,
    unless: Action | None = None,
    task: Action | None = None,
) -> Tile:
    """Return a tile of the first rows of each listing, which says how many there are in all.

    Where it does not show them all, it leads to the page that does.
    """

    def read(reader: Reader) -> Figures:
        found = listings(reader)
        firsts = [one.lines(0, shown) for one in found]
        lines = [line for first in firsts for line in first]
        # Two statements for a listing, however long; one where it is empty.
        total = sum(
            one.number(most=MANY + 1) for one, first in zip(found, firsts, strict=True) if first
        )
        return Figures(
            lines=lines,
            empty=empty,
            total=f"plus de {MANY}" if total > MANY else str(total),
            link=reverse("my-tasks", args=[name]) if total > len(lines) else "",
        )

    return Tile(name, title, action, read, unless=unless, task=task, listings=listings)


def read_part(listings: Sequence[Listing], asked: str) -> Part:
    """Return a page of all the rows; a number that is none of a page is that of the nearest."""
    numbers = [one.number() for one in listings]
    pages = max(1, -(-sum(numbers) // PAGE))
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    page = min(max(page, 1), pages)
    start, stop = (page - 1) * PAGE, page * PAGE
    lines: list[Line] = []
    for one, number in zip(listings, numbers, strict=True):
        if start < number and stop > 0:
            lines += one.lines(max(start, 0), stop)
        start, stop = start - number, stop - number
    return Part(lines, page, pages, sum(numbers))
