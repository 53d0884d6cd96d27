"""Figures that cost too much to be counted at each visit.

They are counted company by company every ten minutes; between two counts the cache keeps them, with
the instant of the count. Some do not outlive a move: they are counted anew by their first reader.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from accounting.selectors.coverage import mapping_coverage
from catalog.selectors.counts import last_changes
from catalog.selectors.selling import sold_by_family
from catalog.selectors.week import changes_of_week
from documents.selectors.coverage import document_coverage
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.models.company import Company

# Longer than the time between two counts: a late worker leaves old figures rather than none.
KEPT = timedelta(hours=1)

# Each counts for each company what concerns it alone: JSON values.
Count = Callable[[Collection[UUID], datetime], Mapping[UUID, Any]]
COUNTS: dict[str, Count] = {
    "documents": document_coverage,
    "mappings": mapping_coverage,
    "selling": sold_by_family,
    "week": changes_of_week,
}
# What is on sale is never older than a freeze, a retirement or a publication.
MOVES = {"selling": ("product_transition", "publication")}


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure of some companies, and the instant of the oldest count among them."""

    values: dict[UUID, Any]
    at: datetime


def count_figures() -> None:
    """Count every figure of every company anew."""
    with scoping.everything():
        companies = set(Company.objects.values_list("pk", flat=True))
    for name in COUNTS:
        _count(name, companies)


def read_figure(name: str, companies: Collection[UUID]) -> Kept:
    """Return a figure of these companies as it was last counted; what nobody counted yet is now."""
    keys = {_key(name, company): company for company in companies}
    moved = _moved(name)
    kept = {keys[key]: entry for key, entry in cache.get_many(keys).items()}
    found = {company: entry for company, entry in kept.items() if entry[1] == moved}
    missing = set(companies) - found.keys()
    if missing:
        found |= _count(name, missing)
    values = {company: value for company, (*_, value) in found.items() if value is not None}
    return Kept(values, min((at for at, *_ in found.values()), default=now()))


def _moved(name: str) -> tuple[Any, ...]:
    """Return what changes with each move that a figure does not outlive."""
    return last_changes(MOVES[name]) if name in MOVES else ()


def _count(name: str, companies: set[UUID]) -> dict[UUID, tuple[datetime, Any, Any]]:
    # Asked for first: a move during the count is then seen by the next reader.
    moved, at = _moved(name), now()
    counted = COUNTS[name](companies, at)
    entries = {company: (at, moved, counted.get(company)) for company in companies}
    cache.set_many(
        {_key(name, company): entry for company, entry in entries.items()},
        timeout=int(KEPT.total_seconds()),
    )
    return entries


def _key(name: str, company: UUID) -> str:
    # Two databases may share a Redis: the companies of the demo have the same ids in both.
    return f"figures:{connection.settings_dict['NAME']}:{name}:{company}"
