"""The address of the catalogue: what is filtered, which columns and which order (§3.7).

It holds all of it, so that it is shared; what it does not know is left out, as if not written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import QueryDict
from django.urls import get_script_prefix, reverse

from catalog.admin.facets import READ
from catalog.choices import ViewColumn, ViewOrder
from catalog.domain.facets import FACETS, INTERNAL
from catalog.selectors.views import own_columns
from winvest.core.models.base import new_id
from winvest.core.permissions import Access

# In the place of a view: none, though the catalogue opens on one.
NO_VIEW = "aucune"
SEARCH, CURSOR, FAVORITE, VIEW = "search", "cursor", "favorite", "view"
COLUMNS, ORDER = "columns", "order"
# What is looked for in the pane of the partners, apart from the products.
NAMED = "partner_named"
MAX_SEARCH = 200
AT_FIRST = (ViewColumn.COMPANY, ViewColumn.RISK, ViewColumn.PARTNER, ViewColumn.STATUS)


@dataclass(frozen=True, slots=True)
class Look:
    """Which columns stand beside the products' names, and their order."""

    columns: tuple[ViewColumn, ...] = AT_FIRST
    order: ViewOrder = ViewOrder.NAME
    # Those that the person has chosen for himself: what an address without any shows.
    own: tuple[ViewColumn, ...] = AT_FIRST


def asked_by(address: QueryDict, access: Access) -> dict[str, Any]:
    """Return the filters of the address; a company that is not the user's is none."""
    found: dict[str, Any] = {}
    for name in FACETS:
        text = str(address.get(name, ""))
        try:
            if name == "partner" and text == INTERNAL:
                found[name] = INTERNAL
            elif text:
                found[name] = READ[name](text)
        except (KeyError, ValueError):
            continue
    if found.get("company") not in {None, *access.all_companies}:
        del found["company"]
    if address.get(FAVORITE) == "true":
        found[FAVORITE] = True
    if text := str(address.get(SEARCH, "")).replace("\x00", "").strip()[:MAX_SEARCH].strip():
        found[SEARCH] = text
    return found


def look_of(address: QueryDict, access: Access) -> Look:
    """Return the columns and the order of the address; without any, the person's own columns."""
    own = columns_of(own_columns(access)) or AT_FIRST
    order = str(address.get(ORDER, ""))
    return Look(
        columns_of(address.getlist(COLUMNS)) or own,
        ViewOrder(order) if order in ViewOrder else ViewOrder.NAME,
        own,
    )


def columns_of(names: Iterable[object]) -> tuple[ViewColumn, ...]:
    """Return the columns of these names, each once; a name that is none is left out."""
    known = {column.value: column for column in ViewColumn}
    return tuple(dict.fromkeys(known[str(one)] for one in names if str(one) in known))


def as_saved(asked: dict[str, Any], look: Look) -> dict[str, Any]:
    """Return what a saved view keeps of an address."""
    filters = {
        name: value if isinstance(value, bool) else str(value) for name, value in asked.items()
    }
    columns = [] if look.columns == AT_FIRST else [column.value for column in look.columns]
    return {"filters": filters, "columns": columns, "sort": look.order.value}


def query_of(
    filters: dict[str, Any],
    columns: Sequence[str],
    sort: str,
    *,
    own: tuple[ViewColumn, ...],
    view: str = "",
) -> QueryDict:
    """Return the address that shows this: nothing that is as at the beginning.

    Nor the columns that are the person's `own`, unless they are those of a view: it keeps its own.
    """
    query = QueryDict(mutable=True)
    for name, value in filters.items():
        query[name] = str(value).lower() if isinstance(value, bool) else str(value)
    shown = tuple(columns) or AT_FIRST
    if shown != own or (view not in {"", NO_VIEW} and own != AT_FIRST):
        query.setlist(COLUMNS, list(shown))
    if sort != ViewOrder.NAME:
        query[ORDER] = sort
    if view:
        query[VIEW] = view
    return query


def address_of(query: QueryDict, **changes: str | None) -> str:
    """Return the address of the page with other choices; None lets go of one."""
    query = query.copy()
    for name in (CURSOR, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value is not None:
            query[name] = value
    text = query.urlencode()
    return f"{reverse('catalogue')}{'?' if text else ''}{text}"


def product_link(key: str) -> str:
    """Return the address of a product's page."""
    return filled_in("product-sheet", key)


def filled_in(name: str, key: str) -> str:
    """Return the address `name` of the row of this key."""
    start, end = _around(name, get_script_prefix())
    return f"{start}{key}{end}"


@cache
def _around(name: str, prefix: str) -> tuple[str, str]:
    """Return an address around the key of its row: fifty of them are not worked out one by one.

    `prefix` is what the addresses begin by.
    """
    mark = new_id()
    start, _, end = reverse(name, args=[mark]).partition(str(mark))
    return start, end
