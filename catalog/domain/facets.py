"""Counting what each value of a filter would leave, with the other filters applied (E-03)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
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
    kept = [one for one in entries if by_company or one.company == one.owner]
    for key, wanted in others.items():
        read = _reader(key, path, by_company=by_company)
        kept = [one for one in kept if wanted in read(one)]
    counts: Counter[Any] = Counter()
    read = _reader(name, path, by_company=by_company)
    for entry in kept:
        for value in read(entry):
            counts[value] += entry.number
    return Counter({_text(value): number for value, number in counts.items()})


def _reader(name: str, path: Path, *, by_company: bool) -> Callable[[Entry], Collection[Any]]:
    """Return what gives the values of the filter that an entry answers.

    Chosen once for thousands of entries.
    """

    def channels(entry: Entry) -> set[str]:
        return {one for company, one in entry.sales if not by_company or company == entry.company}

    column = attrgetter(name)
    return {
        "risk": lambda entry: path(entry.risk),
        "partner": lambda entry: (entry.partner or INTERNAL,),
        "channel": channels,
        "published": lambda entry: (bool(channels(entry)),),
        "integrated": lambda entry: (entry.integrated,),
        "pricing": lambda entry: entry.forms,
    }.get(name, lambda entry: (column(entry),))


def _text(value: Any) -> str:
    """Return a value as the address writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
