"""Pages by key instead of by number: a page costs the same wherever it is (`performance.md`).

A cursor holds every sort key of a row. The lists of the API (`winvest.core.api.pagination`) and
those of the back-office (`winvest.core.admin.listing`) are read through here.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.utils import DataError

from winvest.core import json


class CursorError(ValueError):
    """The cursor is not that of a page of this list."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort keys of a row, and whether the page stands before it or after it."""

    keys: list[Any]
    backwards: bool

    def encode(self) -> str:
        """Return the text of the address."""
        return urlsafe_b64encode(json.dumps([self.backwards, *self.keys]).encode()).decode()

    @classmethod
    def decode(cls, text: str, length: int) -> "Cursor":
        """Read the text of an address; one that we did not write is refused."""
        backwards, *keys = _read(text)
        known = all(
            key is None or (isinstance(key, str | int | Decimal) and "\x00" not in str(key))
            for key in keys
        )
        if not isinstance(backwards, bool) or len(keys) != length or not known:
            raise CursorError
        return cls(keys, backwards)


def _read(text: str) -> list[Any]:
    try:
        first, *keys = json.loads(urlsafe_b64decode(text.encode()))
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorError from error
    return [first, *keys]


def number_of_keys(text: str) -> int:
    """Return how many columns sort the list of a cursor; 0 for what is none."""
    try:
        return len(_read(text)) - 1
    except CursorError:
        return 0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the cursors of the pages before and after them (None: there is none)."""

    rows: list[Any]
    previous: str | None
    next: str | None


def read_page(
    rows: QuerySet[Any, Any],
    ordering: Sequence[str],
    *,
    cursor: str | None,
    size: int,
    key: Callable[[Any, str], Any],
) -> Page:
    """Return the page that `cursor` names (None: the first) in one statement.

    `ordering` are columns of which the last is unique, `-` before a name sorts downwards; nulls
    come last upwards and first downwards, as in PostgreSQL. `key(row, name)` gives a row's value.
    Raises `CursorError`.
    """
    place = Cursor.decode(cursor, len(ordering)) if cursor else None
    backwards = place is not None and place.backwards
    order = [_reversed(name) for name in ordering] if backwards else list(ordering)
    try:
        if place is not None:
            rows = rows.filter(_after(rows.model, order, place.keys))
        found = list(rows.order_by(*order)[: size + 1])
    except (ValidationError, ValueError, TypeError, DataError, OverflowError) as error:
        if place is None:
            raise
        raise CursorError from error
    more, page = len(found) > size, found[:size]
    if backwards:
        page.reverse()
    has_previous = more if backwards else place is not None
    has_next = backwards or more

    def link(row: Any, *, backwards: bool) -> str:
        return Cursor([key(row, name.lstrip("-")) for name in ordering], backwards).encode()

    return Page(
        rows=page,
        previous=link(page[0], backwards=True) if page and has_previous else None,
        next=link(page[-1], backwards=False) if page and has_next else None,
    )


class _RowAfter(models.Expression):
    """SQL condition `(a, b) > (x, y)`, which one index scan answers however many share `a`."""

    conditional = True

    def __init__(self, names: Sequence[str], keys: Sequence[Any], *, downwards: bool) -> None:
        super().__init__(output_field=models.BooleanField())
        self.columns: list[Any] = [models.F(name) for name in names]
        self.keys = keys
        self.operator = "<" if downwards else ">"

    def get_source_expressions(self) -> list[Any]:
        return self.columns

    def set_source_expressions(self, exprs: Any) -> None:
        self.columns = list(exprs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        names: list[str] = []
        values: list[Any] = []
        params: list[Any] = []
        for column, key in zip(self.columns, self.keys, strict=True):
            sql, column_params = compiler.compile(column)
            field = column.output_field
            names.append(sql)
            params += column_params
            values.append(field.get_db_prep_value(field.to_python(key), connection))
        marks = ", ".join("%s" for _ in values)
        return f"({', '.join(names)}) {self.operator} ({marks})", [*params, *values]


def _after(model: Any, order: Sequence[str], keys: Sequence[Any]) -> Any:
    """Return the condition « after this row »."""
    names = [name.lstrip("-") for name in order]
    downwards = {name.startswith("-") for name in order}
    nullable = [_nullable(model, name) for name in names]
    if any(key is None for key, may in zip(keys, nullable, strict=True) if not may):
        raise CursorError
    if len(downwards) == 1 and not any(nullable):
        return _RowAfter(names, keys, downwards=downwards.pop())
    condition, equal = Q(), Q()
    for name, key in zip(order, keys, strict=True):
        condition |= equal & _beyond(name, key)
        equal &= _same(name.lstrip("-"), key)
    if nullable[0]:
        return condition
    # Said again of the first column alone, so that its index bounds the read.
    bound = "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{names[0]}__{bound}": keys[0]}) & condition


def _beyond(name: str, key: Any) -> Q:
    column = name.lstrip("-")
    empty = Q(**{f"{column}__isnull": True})
    if name.startswith("-"):  # nulls come first
        return ~empty if key is None else Q(**{f"{column}__lt": key})
    return Q(pk__in=[]) if key is None else Q(**{f"{column}__gt": key}) | empty


def _same(column: str, key: Any) -> Q:
    return Q(**{f"{column}__isnull": True}) if key is None else Q(**{column: key})


def _nullable(model: Any, name: str) -> bool:
    try:
        return any(field.null for field in get_fields_from_path(model, name))
    except FieldDoesNotExist:
        return False  # an annotation or `pk`


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
