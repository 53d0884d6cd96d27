"""The scope: the set of companies of the current user or task (`design/architecture.md` §4).

The filter's value is read when the SQL is compiled, so that modules import and forms are built
without a scope, and a forgotten scope is an exception instead of a leak.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


class ScopeMissing(RuntimeError):
    """Company data was read while no scope was open: a bug of the caller, never of the user."""


class _Everything:
    """The scope of migrations, loaders and sweepers."""


_EVERYTHING = _Everything()
_scope: ContextVar[frozenset[UUID] | _Everything | None] = ContextVar("scope", default=None)


@contextmanager
def scope(companies: Iterable[UUID]) -> Iterator[None]:
    """Open the scope of these companies; scopes nest, the inner one rules."""
    token = _scope.set(frozenset(companies))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def everything() -> Iterator[None]:
    """Open the scope of every company, for work that no user asked for (loaders, sweepers)."""
    token = _scope.set(_EVERYTHING)
    try:
        yield
    finally:
        _scope.reset(token)


def current() -> frozenset[UUID] | None:
    """Return the companies in scope, None for every company; raise `ScopeMissing` without one."""
    value = _scope.get()
    if value is None:
        raise ScopeMissing("Aucun périmètre de sociétés n'est ouvert.")
    return None if isinstance(value, _Everything) else value


class InScope(models.Expression):
    """SQL condition: this column holds a company in scope."""

    conditional = True

    def __init__(self, column: str) -> None:
        """`column` is the name of the foreign key to the company, looked up as in `F()`."""
        super().__init__(output_field=models.BooleanField())
        self.column: Any = models.F(column)

    def get_source_expressions(self) -> list[Any]:
        """Let Django resolve the column."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved column."""
        (self.column,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Read the scope now, at compile time."""
        companies = current()
        if companies is None:
            return "TRUE", []
        sql, params = compiler.compile(self.column)
        value = ArrayField(models.UUIDField()).get_db_prep_value(sorted(companies), connection)
        return f"{sql} = ANY(%s::uuid[])", [*params, value]


class OneOf(models.Func):
    """SQL condition: this column is one of these keys, read once, never once a row.

    Both sides of an OR then have an index to use, which a correlated EXISTS takes away.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def __init__(self, column: str, keys: models.QuerySet[Any] | list[UUID]) -> None:
        """`keys` are given, or the values of a query's one column."""
        array: Any = (
            models.Value(keys, output_field=ArrayField(models.UUIDField()))
            if isinstance(keys, list)
            else ArraySubquery(keys)
        )
        super().__init__(models.F(column), array)


class ScopedManager(models.Manager[Any]):
    """Default manager of company-owned models: rows readable in the current scope only."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Filter by the model's `readable()` condition."""
        return super().get_queryset().filter(self.model.readable())
