"""Counting what each value of a filter would leave, with the other filters applied (E-03)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

# What a product's own columns tell, and what the rows below it tell at an instant.
BY_COLUMNS = ("company", "risk", "partner", "status")
BY_DATES = ("integrated", "published", "channel", "pricing")
FACETS = (*BY_COLUMNS, *BY_DATES)
# The partner of a product without one (M-15).
INTERNAL = "internal"

# Gives a risk with those above it.
Path = Callable[[UUID], Collection[UUID]]


@dataclass(frozen=True, slots=True)
class Entry:
    """Products that no filter tells apart, as their owner has them, or as another seller does."""

    company: UUID
    owner: UUID
    risk: UUID
    partner: UUID | None
    status: str
    number: int = 1
    integrated: bool = False
    # The companies and the channels where they are on sale, and the forms of their prices.
    sales: frozenset[tuple[UUID, str]] = frozenset()
    forms: frozenset[str] = frozenset()


def count(
    name: str, entries: Iterable[Entry], chosen: Mapping[str, Any], path: Path
) -> Counter[str]:
    """Return how many products each value of the filter `name` would leave.

    `chosen` are the filters of the list. Without a company, a product counts once, for its owner,
    and is on sale where any company sells it; with one, as that company has it.
    """
    others = {key: chosen[key] for key in FACETS if key in chosen and key != name}
    by_company = name == "company" or "company" in others
    counts: Counter[Any] = Counter()
    for entry in entries:
        if not by_company and entry.company != entry.owner:
            continue
        seller = entry.company if by_company else None
        if all(value in _values(key, entry, seller, path) for key, value in others.items()):
            for value in _values(name, entry, seller, path):
                counts[value] += entry.number
    return Counter({_text(value): number for value, number in counts.items()})


def _values(name: str, entry: Entry, seller: UUID | None, path: Path) -> Collection[Any]:
    """Return the values of the filter that an entry answers."""
    if name in {"published", "channel"}:
        channels = {channel for company, channel in entry.sales if seller in {None, company}}
        return channels if name == "channel" else (bool(channels),)
    if name == "risk":
        return path(entry.risk)
    if name == "pricing":
        return entry.forms
    if name == "partner":
        return (entry.partner or INTERNAL,)
    return (getattr(entry, name),)


def _text(value: Any) -> str:
    """Return a value as the address writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
