"""How many products there are by their columns, kept while no product changes (`performance.md`).

A click in the catalogue asks the same counts again. The legal log has a line for each change of a
product, by whatever door: its last number tells whether what was counted still holds.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any
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
_last_change = Statement(
    """
    SELECT (SELECT oid FROM pg_database WHERE datname = current_database()) AS base,
      (SELECT id FROM audit_log WHERE "table" = 'product' ORDER BY id DESC LIMIT 1) AS change
    """
)
_kept: OrderedDict[Hashable, tuple[float, list[Entry]]] = OrderedDict()


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
    (last,) = _last_change.rows({})
    sold = frozenset((key, frozenset(companies)) for key, companies in sellers.items())
    return _while_it_holds((last.base, last.change, access.all_companies, sold, text), read)


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


def _while_it_holds(key: Hashable, read: Callable[[], list[Entry]]) -> list[Entry]:
    kept = _kept.get(key)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    entries = read()
    _kept[key] = time.monotonic() + KEPT_SECONDS, entries
    _kept.move_to_end(key)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return entries
