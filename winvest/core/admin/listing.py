"""Lists of the back-office, whatever their length: pages by key, honest counts, indexed sorts.

`KeysetChangeList` serves every page of `BaseAdmin`. The address carries a cursor (`c=…`), never a
page number; « Précédent » and « Suivant » cost the same on page 1 and on page 1,000. Nothing is
counted beyond `COUNTED_ROWS`: past it, PostgreSQL's statistics give « environ 50 000 ».
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import F, QuerySet, UniqueConstraint
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from unfold.views import ChangeList

from winvest.core import scoping
from winvest.core.admin.table import Table
from winvest.core.prepared import Statement
from winvest.core.selectors.keyset import CursorError, read_page

CURSOR_VAR = "c"
COUNTED_ROWS = 1_000
MAX_SUGGESTION_PAGES = 50
# As many times the bound, and the planner's word is enough.
VAST = 50
_SORT_KEY = "sort_key_"
_vast = Statement(
    "SELECT FROM pg_class WHERE oid = to_regclass(%(table)s) AND reltuples >= %(least)s"
)
_beyond = Statement("SELECT FROM company WHERE id <> ALL(%(companies)s) LIMIT 1")


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows a list has: exactly up to `COUNTED_ROWS`, about so many beyond."""

    number: int
    exact: bool

    def __str__(self) -> str:
        """Return « 312 », « environ 50 000 » or « plus de 1 000 »."""
        text = str(number_format(self.number, force_grouping=True))
        if self.exact:
            return text
        return f"plus de {text}" if self.number == COUNTED_ROWS else f"environ {text}"


class KeysetChangeList(ChangeList):  # type: ignore[misc]
    """A list whose pages are read by key; `sort_keys` are its columns, the last one unique."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the page by what it lists."""
        super().__init__(*args, **options)
        self.title = capfirst(self.opts.verbose_name_plural)

    @cached_property
    def table(self) -> Table:
        """The headings and the rows of the page."""
        return Table(self)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Keep the cursor and the way back out of the filters, and of the links that change them."""
        for parameters in (self.params, self.filter_params):
            for name in (CURSOR_VAR, REDIRECT_FIELD_NAME):
                parameters.pop(name, None)
        if any("\x00" in str(value) for value in self.filter_params.values()):
            raise IncorrectLookupParameters  # no column holds it, and PostgreSQL refuses to look
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        self.get_ordering(request, rows)  # again: what is found may be sorted by relevance
        return rows

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        """Return the sort keys; a column that the page does not sort by is passed over."""
        chosen = [
            name
            for name in self._asked()
            if isinstance(name, str) and name.lstrip("-") in self._sortable()
        ]
        default = self.model_admin.list_ordering(request, queryset) or self._get_default_ordering()
        self.sort_keys = total_order(self.model, chosen or default)
        return self.sort_keys

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and count no more than need be."""
        cursor = request.GET.get(CURSOR_VAR) or None
        names = {name: f"{_SORT_KEY}{n}" for n, name in enumerate(self._far_keys())}
        rows = self.queryset.annotate(**{alias: F(name) for name, alias in names.items()})
        if columns := self.model_admin.list_columns:
            rows = rows.only(*columns)
        try:
            page = read_page(
                rows,
                self.sort_keys,
                cursor=cursor,
                size=self.list_per_page,
                key=lambda row, name: getattr(row, names.get(name, name)),
            )
        except CursorError as error:
            raise IncorrectLookupParameters from error
        self.result_list = page.rows
        alone = page.previous is None and page.next is None
        self.count = RowCount(len(page.rows), exact=True) if alone else self._count()
        self.previous_link = self._link(page.previous)
        self.next_link = self._link(page.next)
        self.first_link = self.get_query_string() if cursor else None
        # What Django's own pages ask of a list.
        self.result_count = self.count.number
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = bool(page.rows)
        self.can_show_all = self.multi_page = False
        self.paginator = None

    def _count(self) -> RowCount:
        is_plain = not self.query and not self.has_active_filters
        known = self.model_admin.known_number(self)
        return count_rows(self.queryset, known=known, is_plain=is_plain)

    def _link(self, cursor: str | None) -> str | None:
        return None if cursor is None else self.get_query_string({CURSOR_VAR: cursor})

    def _asked(self) -> Iterator[Any]:
        """Give the ordering of the columns that the address names (`o=1.-3`)."""
        for part in self.params.get(ORDER_VAR, "").split("."):
            _, sign, number = part.rpartition("-")
            if number.isdecimal() and int(number) < len(self.list_display):
                name = self.get_ordering_field(self.list_display[int(number)])
                yield f"{sign}{name}" if isinstance(name, str) else None

    def _sortable(self) -> set[Any]:
        columns = self.list_display if self.sortable_by is None else self.sortable_by
        return {self.get_ordering_field(name) for name in columns}

    def _far_keys(self) -> list[str]:
        """Return the sort keys that stand in another table, which a row does not carry."""
        return [name for key in self.sort_keys if LOOKUP_SEP in (name := key.lstrip("-"))]


class SuggestionPage(Page):  # type: ignore[type-arg]
    """A page of suggestions, which knows whether there is another."""

    def __init__(self, rows: list[Any], number: int, paginator: "Suggestions") -> None:
        """Take one row more than the page shows."""
        super().__init__(rows[: paginator.per_page], number, paginator)
        self._more = len(rows) > paginator.per_page

    def has_next(self) -> bool:
        """Whether there are more suggestions."""
        return self._more and self.number < MAX_SUGGESTION_PAGES


class Suggestions(Paginator):  # type: ignore[type-arg]
    """Pages of an autocomplete: nothing is counted, and nobody scrolls to the thousandth row."""

    @property
    def count(self) -> int:
        """Return the bound: the real number is not asked."""
        return MAX_SUGGESTION_PAGES * self.per_page

    def page(self, number: int | str) -> SuggestionPage:
        """Return a page; beyond the last one, an empty page."""
        wanted = min(max(int(number), 1), MAX_SUGGESTION_PAGES)
        first = (wanted - 1) * self.per_page
        rows = list(self.object_list[first : first + self.per_page + 1])
        return SuggestionPage(rows, wanted, self)


def count_rows(
    rows: QuerySet[Any], *, known: int | None = None, is_plain: bool = False
) -> RowCount:
    """Count up to `COUNTED_ROWS`, then take the planner's estimate, to two figures.

    `known` is their number where it was counted before, one more than the bound beyond it. A plain
    list of a vast table, neither searched nor filtered, is not counted where the planner takes it
    for fifty times the bound: it may err by half, never by so much.
    """
    keys = rows.order_by().values("pk")
    estimate = _estimated(keys) if is_plain and _is_vast(rows.model) else 0
    if estimate < VAST * COUNTED_ROWS:
        number = _counted(keys[: COUNTED_ROWS + 1]) if known is None else known
        if number <= COUNTED_ROWS:
            return RowCount(number, exact=True)
        estimate = estimate or _estimated(keys)
    rounded = round(estimate, 2 - len(str(estimate)))
    return RowCount(max(rounded, COUNTED_ROWS), exact=False)


def _is_vast(model: Any) -> bool:
    """Whether the table may hold a list that is not worth counting."""
    asked = {"table": model._meta.db_table, "least": VAST * COUNTED_ROWS}
    return bool(_vast.rows(asked))


def _estimated(keys: QuerySet[Any]) -> int:
    """Return how many keys the planner expects."""
    with _widest_scope():
        (plan,) = json.loads(keys.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def _counted(keys: QuerySet[Any]) -> int:
    """Return how many keys there are, as `count()`, which writes the statement twice over."""
    try:
        sql, values = keys.query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) counted", values)  # noqa: S608 - Django's own
        (number,) = cursor.fetchone()
    return int(number)


@contextmanager
def _widest_scope() -> Iterator[None]:
    """Open every company to an estimate when the scope holds them all.

    The planner takes a list of all the companies for two thirds of the rows. Nothing is read.
    """
    companies = scoping.current()
    if companies is None or _beyond.rows({"companies": list(companies)}):
        yield
    else:
        with scoping.everything():
            yield


def total_order(model: Any, names: Iterable[str]) -> list[str]:
    """Return the names completed by the key, in the direction of the last: one index then sorts."""
    ordering = [_column(model, name) for name in names]
    if any(_is_unique(model, name.lstrip("-")) for name in ordering):
        return ordering
    sign = "-" if not ordering or ordering[-1].startswith("-") else ""
    return [*ordering, f"{sign}{model._meta.pk.attname}"]


def indexed_columns(model: Any) -> set[str]:
    """Return the columns by which an index of the table sorts: those that one begins with."""
    meta = model._meta
    firsts = {field.name for field in meta.concrete_fields if field.unique or field.db_index}
    for index in (*meta.indexes, *meta.constraints):
        partial = getattr(index, "condition", None) is not None
        if not partial and (isinstance(index, UniqueConstraint) or index in meta.indexes):
            firsts |= _first_column(index)
    return firsts


def sortable_columns(model_admin: Any, columns: Sequence[Any]) -> list[Any]:
    """Return the columns that may sort a list: those that an index sorts, any in a short table.

    A foreign key is no column to sort by: its order is that of identifiers.
    """
    meta = model_admin.model._meta
    keys = {field.name for field in meta.concrete_fields if field.is_relation}
    allowed = None if model_admin.is_short else indexed_columns(model_admin.model)
    return [
        column
        for column in columns
        if (name := _ordering_of(model_admin, column)) not in keys
        and (allowed is None or name in allowed)
    ]


def _first_column(index: Any) -> set[str]:
    if getattr(index, "suffix", "") in {"gin", "gist", "brin"}:
        return set()
    if getattr(index, "fields", ()):
        return {index.fields[0].lstrip("-")}
    first = index.expressions[0] if getattr(index, "expressions", ()) else None
    first = getattr(first, "expression", first)  # OrderBy
    return {str(getattr(first, "name", ""))} if isinstance(first, F) else set()


def _ordering_of(model_admin: Any, column: Any) -> Any:
    method = getattr(model_admin, column, None) if isinstance(column, str) else column
    return getattr(method, "admin_order_field", column)


def _column(model: Any, name: str) -> str:
    """Return the column of a foreign key in place of the ordering of the table it names."""
    sign, plain = name[: len(name) - len(name.lstrip("-"))], name.lstrip("-")
    if plain == "pk":
        return f"{sign}{model._meta.pk.attname}"
    field = next((field for field in model._meta.concrete_fields if field.name == plain), None)
    return f"{sign}{field.attname}" if field else name


def _is_unique(model: Any, name: str) -> bool:
    fields = model._meta.concrete_fields
    return any(field.attname == name and field.unique and not field.null for field in fields)
