"""Lists by cursor: `{next, previous, results}`; a page costs the same wherever it is."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.utils import DataError
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from winvest.core.errors import Invalid, Problem

MAX_OFFSET = 1_000_000


class CursorProblem(Problem):
    """What is wrong with a cursor."""

    INVALID = "cursor.invalid", "Ce curseur n'est pas celui d'une page de cette liste."


class CursorPagination(pagination.CursorPagination):
    """Pages of 50 rows, 200 at most; the order is given by the view."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    # Rows that share the first sort key are told apart by an offset, however many they are.
    offset_cutoff = MAX_OFFSET

    def __init__(self, ordering: tuple[str, ...] = ("id",)) -> None:
        """`ordering` ends with a unique column."""
        self.sort_keys = ordering

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """Return the order of the view."""
        return self.sort_keys

    def decode_cursor(self, request: Request) -> Any:
        """Read the cursor; one that we did not write is refused."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise Invalid(CursorProblem.INVALID, path="cursor") from error
        if cursor is not None and "\x00" in str(cursor.position):
            raise Invalid(CursorProblem.INVALID, path="cursor")
        return cursor

    def paginate_queryset(
        self, queryset: QuerySet[Any, Any] | Sequence[Any], request: Request, view: Any = None
    ) -> list[Any] | None:
        """Return the rows of the page."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, DataError) as error:
            raise Invalid(CursorProblem.INVALID, path="cursor") from error
