"""What differs between two contents of a version: part, path, before, after (3.1-08).

Contents are canonical JSON values by part (`catalog.parts`): no empty value, so that an absent one
is written None. Rows of a list are recognised by what names them for people, a plan by its code.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from winvest.core import json


@dataclass(frozen=True, slots=True)
class Listing:
    """How the rows of a list are recognised, and whether their order says something."""

    keys: tuple[str, ...]
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a list: the values that name it, and its rank among those of the same name."""

    names: tuple[str, ...]
    rank: int = 1

    def __str__(self) -> str:
        name = " ".join(name for name in self.names if name) or "—"
        return name if self.rank == 1 else f"{name} ({self.rank})"


class Order(StrEnum):
    """Last step of a path that tells the order of a list's rows."""

    OF_ROWS = "ordre"


class Kind(StrEnum):
    """What happened to a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


Step = str | Item
Path = tuple[Step, ...]
Listings = Mapping[str, Listing]


@dataclass(frozen=True, slots=True)
class Change:
    """A value at `path` below a part: `before` or `after` is None where there is none."""

    part: str
    path: Path
    before: Any
    after: Any

    @property
    def kind(self) -> Kind:
        """Whether the value came, went, or changed."""
        if self.before is None:
            return Kind.ADDED
        return Kind.REMOVED if self.after is None else Kind.CHANGED


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], listings: Listings
) -> list[Change]:
    """Return every difference between two contents, part by part; none when they are equal."""
    return [
        Change(part, path, old, new)
        for part in sorted({*before, *after})
        for path, old, new in _differences((), part, before.get(part), after.get(part), listings)
    ]


def apply(
    content: Mapping[str, Any], changes: Iterable[Change], listings: Listings
) -> dict[str, Any]:
    """Return `content` with the changes made: what `compare` found leads from one to the other."""
    result = _arranged(content, "", listings)
    for change in changes:
        result = _with(result, (change.part, *change.path), change.after, "", listings)
    return dict(_arranged(result, "", listings))


def holder(content: Mapping[str, Any], change: Change, listings: Listings) -> Mapping[str, Any]:
    """Return the row or object of a content where the change's value stands: what is beside it."""
    found: Mapping[str, Any] = {}
    value, name = content.get(change.part), change.part
    for step in change.path:
        found = value if isinstance(value, Mapping) else found
        if isinstance(step, Item):
            value = _named(value, name, listings).get(step) if isinstance(value, list) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
            name = step
    return found


def _differences(
    path: Path, name: str, old: Any, new: Any, listings: Listings
) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _differences((*path, key), key, old.get(key), new.get(key), listings)
    elif name in listings and isinstance(old, list) and isinstance(new, list):
        yield from _of_rows(path, name, old, new, listings)
    elif old != new:
        yield path, old, new


def _of_rows(
    path: Path, name: str, old: list[Any], new: list[Any], listings: Listings
) -> Iterator[tuple[Path, Any, Any]]:
    listing = listings[name]
    olds, news = _named(old, name, listings), _named(new, name, listings)
    kept = [item for item in olds if item in news]
    # The last of the same name first: those that stay keep their rank.
    gone = [item for item in reversed(olds) if item not in news]
    come = [item for item in news if item not in olds]
    for item in (*kept, *gone, *come):
        yield from _differences((*path, item), "", olds.get(item), news.get(item), listings)
    if listing.ordered and [*kept, *come] != list(news):
        yield (*path, Order.OF_ROWS), [*kept, *come], list(news)


def _with(value: Any, path: Path, after: Any, name: str, listings: Listings) -> Any:
    """Return `value` with `after` at the path; None there takes the value away."""
    if not path:
        return after
    step, rest = path[0], path[1:]
    if step is Order.OF_ROWS:
        rows = _ranked(value, listings[name])
        return [rows[item] for item in after]
    if isinstance(step, Item):
        rows = _ranked(value, listings[name])
        rows[step] = _with(rows.get(step), rest, after, "", listings)
        return [row for row in rows.values() if row is not None]
    below = dict(value)
    changed = _with(below.pop(step, None), rest, after, step, listings)
    return below if changed is None else {**below, step: changed}


def _named(rows: list[Any], name: str, listings: Listings) -> dict[Item, Any]:
    return _ranked(_arranged(rows, name, listings), listings[name])


def _ranked(rows: list[Any], listing: Listing) -> dict[Item, Any]:
    """Return the rows by what names them, in their order."""
    seen: Counter[tuple[str, ...]] = Counter()
    named = {}
    for row in rows:
        names = tuple(str(row.get(key, "")) for key in listing.keys)
        seen[names] += 1
        named[Item(names, seen[names])] = row
    return named


def _arranged(value: Any, name: str, listings: Listings) -> Any:
    """Return the value, its lists whose order says nothing in one that depends on their rows."""
    if isinstance(value, Mapping):
        return {key: _arranged(item, key, listings) for key, item in value.items()}
    if not isinstance(value, list) or name not in listings:
        return value
    rows = [_arranged(row, "", listings) for row in value]
    if listings[name].ordered:
        return rows
    return sorted(rows, key=lambda row: json.dumps(row, canonical=True))
