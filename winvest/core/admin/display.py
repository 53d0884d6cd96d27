"""Columns and buttons of the pages: unfold's decorators with types, and badges on forms too."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.contrib import admin
from unfold import decorators

from winvest.core.admin.formatting import badge, two_lines

P = ParamSpec("P")
R = TypeVar("R")


def display(
    *,
    description: str,
    ordering: str | None = None,
    label: Mapping[Any, str] | None = None,
    header: bool = False,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Describe a column.

    With `label` the method returns a code and a text, shown as a badge of the code's colour; with
    `header` it returns a title and what stands below it.
    """

    def decorate(method: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(method)
        def shown(*args: P.args, **kwargs: P.kwargs) -> Any:
            value = method(*args, **kwargs)
            if label is not None:
                return badge(value[1], label.get(value[0], ""))
            return two_lines(*value) if header else value

        admin.display(description=description, ordering=ordering)(shown)
        return shown

    return decorate


def action(
    *,
    description: str,
    icon: str = "",
    url_path: str | None = None,
    permissions: tuple[str, ...] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Describe a button; `permissions` name the page's `has_…_permission` methods."""
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = decorators.action(
        description=description, icon=icon or None, url_path=url_path, permissions=permissions
    )
    return decorate
