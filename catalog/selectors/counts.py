"""How many products there are by their columns, kept while no product changes (`performance.md`).

A click in the catalogue asks the same counts again. The legal log has a line for each change of a
row, by whatever door: its last number of a table tells whether what was read of it still holds.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, QuerySet

from catalog.domain.facets import Entry
from winvest.core import scoping
from winvest.core.permissions import Access
from winvest.core.prepared import Statement
from winvest.core.scoping import OneOf

Rows = QuerySet[Any, Any]
Sellers = Mapping[UUID, set[UUID]]

COLUMNS = ("company_id", "risk_id", "partner_id", "lifecycle_status")
# A change whose number was given before another's, and which ends after it, is counted by then.
KEPT_SECONDS = 20.0
MOST_KEPT = 64
# The database too: a copy of another one goes on from the same number.
_last_changes = Statement(
    """
    SELECT (SELECT oid FROM pg_database WHERE datname = current_database()) AS base,
      ARRAY(
        SELECT (SELECT id FROM audit_log WHERE "table" = changed ORDER BY id DESC LIMIT 1)
        FROM unnest(%(tables)s::text[]) AS changed
      ) AS changes
    """
)
_kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
Read = TypeVar("Read")


def grouped(access: Access, found: Rows, sellers: Sellers, *, text: str | None) -> list[Entry]:
    """Return the products of the user's companies by their columns, then those they sell besides.

    Apart: asked of every product, whether it is among those sold would cost more than the rest.
    `text` says that `found` are all the products that the user sees and that it finds (all, for an
    empty one); None, that something else narrowed them.
    """

    def read() -> list[Entry]:
        return [*_own(access, found), *_sold(access, found, sellers)]

    scope = scoping.current()
    if text is None or (scope is not None and not scope >= access.all_companies):
        return read()
    sold = frozenset((key, frozenset(companies)) for key, companies in sellers.items())
    return kept(("product",), (access.all_companies, sold, text), read)


def kept(tables: tuple[str, ...], key: Hashable, read: Callable[[], Read]) -> Read:
    """Return what is read of these tables alone, under a key of its own, while none of them changes.

    It is shared: nobody changes it.
    """
    return _while_it_holds((last_changes(tables), key), read)


def last_changes(tables: tuple[str, ...]) -> tuple[Any, ...]:
    """Return what stays the same while none of these tables changes."""
    (last,) = _last_changes.rows({"tables": list(tables)})
    return tables, last.base, tuple(last.changes)


def _own(access: Access, found: Rows) -> list[Entry]:
    own = found.filter(company_id__in=access.all_companies).order_by().values_list(*COLUMNS)
    return [
        Entry(company, company, risk, partner, status, number)
        for company, risk, partner, status, number in own.annotate(number=Count("*"))
    ]


def _sold(access: Access, found: Rows, sellers: Sellers) -> list[Entry]:
    if not sellers:
        return []
    rows = found.filter(OneOf("pk", list(sellers))).order_by().values_list("pk", *COLUMNS)
    numbers = Counter(
        (company, owner, risk, partner, status)
        for key, owner, risk, partner, status in rows
        for company in sellers[key] | ({owner} - access.all_companies)
    )
    return [Entry(*columns, number) for columns, number in numbers.items()]


def _while_it_holds(key: Hashable, read: Callable[[], Read]) -> Read:
    known = _kept.get(key)
    if known is not None and known[0] > time.monotonic():
        held: Read = known[1]
        return held
    found = read()
    _kept[key] = time.monotonic() + KEPT_SECONDS, found
    _kept.move_to_end(key)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return found
