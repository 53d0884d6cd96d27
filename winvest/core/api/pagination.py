"""Lists by cursor: `{next, previous, results}`; a page costs the same wherever it is.

The framework's own cursor holds one column and counts the rows that share its value, which loses
pages backwards when they are many (entries of one day): ours holds every sort key.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from winvest.core.errors import Invalid, Problem
from winvest.core.selectors.keyset import CursorError, read_page

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class CursorProblem(Problem):
    """What is wrong with a cursor."""

    INVALID = "cursor.invalid", "Ce curseur n'est pas celui d'une page de cette liste."


def page_of_rows(
    rows: QuerySet[Any, Any], ordering: tuple[str, ...], request: Request
) -> dict[str, Any]:
    """Return one page of a `values()` read model.

    The sort keys are among the values, never null, and the last one is unique; `-` before a name
    sorts downwards.
    """
    size = min(int(request.query_params.get("page_size", PAGE_SIZE)), MAX_PAGE_SIZE)
    cursor = request.query_params.get("cursor") or None
    try:
        page = read_page(rows, ordering, cursor=cursor, size=size, key=dict.__getitem__)
    except CursorError as error:
        raise Invalid(CursorProblem.INVALID, path="cursor") from error
    return {
        "next": _link(request, page.next),
        "previous": _link(request, page.previous),
        "results": page.rows,
    }


def _link(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))
