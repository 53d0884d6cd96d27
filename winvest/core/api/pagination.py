"""Lists by cursor: `{next, previous, results}`; a page costs the same wherever it is.

The framework's own cursor holds one column and counts the rows that share its value, which loses
pages backwards when they are many (entries of one day): ours holds every sort key.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.utils import DataError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from winvest.core.api.renderers import render
from winvest.core.errors import Invalid, Problem

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class CursorProblem(Problem):
    """What is wrong with a cursor."""

    INVALID = "cursor.invalid", "Ce curseur n'est pas celui d'une page de cette liste."


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort keys of a row, and whether the page stands before it or after it."""

    keys: list[Any]
    backwards: bool

    def encode(self) -> str:
        """Return the text of the address."""
        return urlsafe_b64encode(render([self.backwards, *self.keys])).decode()

    @classmethod
    def decode(cls, text: str, length: int) -> "Cursor":
        """Read the text of an address; one that we did not write is refused."""
        try:
            backwards, *keys = json.loads(urlsafe_b64decode(text.encode()))
        except (ValueError, TypeError, RecursionError) as error:
            raise Invalid(CursorProblem.INVALID, path="cursor") from error
        # Texts only: a sort key is a text, an identifier, a date or a whole number.
        known = all(isinstance(key, str | int) and "\x00" not in str(key) for key in keys)
        if not isinstance(backwards, bool) or len(keys) != length or not known:
            raise Invalid(CursorProblem.INVALID, path="cursor")
        return cls(keys, backwards)


def page_of_rows(
    rows: QuerySet[Any, Any], ordering: tuple[str, ...], request: Request
) -> dict[str, Any]:
    """Return one page of a `values()` read model.

    The sort keys are among the values, never null, and the last one is unique; `-` before a name
    sorts downwards.
    """
    size = min(int(request.query_params.get("page_size", PAGE_SIZE)), MAX_PAGE_SIZE)
    text = request.query_params.get("cursor")
    cursor = Cursor.decode(text, len(ordering)) if text else None
    found = _read(rows, ordering, cursor, size + 1)
    more = len(found) > size
    page = found[:size]
    if cursor is not None and cursor.backwards:
        page.reverse()
        has_next, has_previous = True, more
    else:
        has_next, has_previous = more, cursor is not None
    return {
        "next": _link(request, ordering, page[-1:], backwards=False) if has_next else None,
        "previous": _link(request, ordering, page[:1], backwards=True) if has_previous else None,
        "results": page,
    }


def _read(
    rows: QuerySet[Any, Any], ordering: tuple[str, ...], cursor: Cursor | None, limit: int
) -> list[Any]:
    order = ordering
    if cursor is not None and cursor.backwards:
        order = tuple(name[1:] if name.startswith("-") else f"-{name}" for name in ordering)
    try:
        if cursor is not None:
            rows = rows.filter(_after(order, cursor.keys))
        return list(rows.order_by(*order)[:limit])
    except (ValidationError, ValueError, DataError, OverflowError) as error:
        raise Invalid(CursorProblem.INVALID, path="cursor") from error


def _after(order: tuple[str, ...], keys: list[Any]) -> Q:
    """Return the condition « after this row »: (a > x) or (a = x and b > y) and so on."""
    condition = Q()
    equal: dict[str, Any] = {}
    for name, key in zip(order, keys, strict=True):
        column = name.removeprefix("-")
        lookup = "lt" if name.startswith("-") else "gt"
        condition |= Q(**equal, **{f"{column}__{lookup}": key})
        equal[column] = key
    # Said again of the first column alone, so that its index bounds the read.
    first = order[0].removeprefix("-")
    bound = "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{bound}": keys[0]}) & condition


def _link(
    request: Request, ordering: tuple[str, ...], rows: list[Any], *, backwards: bool
) -> str | None:
    if not rows:
        return None
    keys = [rows[0][name.removeprefix("-")] for name in ordering]
    address = request.build_absolute_uri()
    return str(replace_query_param(address, "cursor", Cursor(keys, backwards).encode()))
