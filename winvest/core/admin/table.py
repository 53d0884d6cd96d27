"""The table of a list, written in one go.

unfold's own works out the headings again for each row and gives each cell thirty classes: half of
a page's time, two thirds of its weight. Here a cell has one class of the theme, and what does not
change from row to row is worked out once.
"""

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field, quote
from django.db.models import DateField, DateTimeField, ForeignKey, IntegerField, TimeField
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

from winvest.core.admin.formatting import day_text, escape, instant_text, integer_text

CHECKBOX = "action_checkbox"
_KEY = "0"

Cell = Callable[[Any], str]


class Table:
    """The headings and rows of a change list."""

    def __init__(self, changes: Any) -> None:
        """Work out what every row shares."""
        self.headers: list[dict[str, Any]] = list(result_headers(changes))
        self.sorted = sum(1 for header in self.headers if header.get("sorted"))
        self._changes = changes
        self._admin = changes.model_admin
        self._empty = self._admin.get_empty_value_display()
        self._links = set(changes.list_display_links or ())
        self._address = self._address_of_rows()

    def rows(self) -> Iterator[SafeString]:
        """Give the cells of each row."""
        cells = [
            self._column(name, header)
            for name, header in zip(self._changes.list_display, self.headers, strict=True)
        ]
        for result in self._changes.result_list:
            yield SafeString("".join([cell(result) for cell in cells]))

    def _column(self, name: str, header: dict[str, Any]) -> Cell:
        """Return what writes the cells of a column."""
        if name == CHECKBOX:
            return self._checkbox
        read = self._reader(name)
        label = escape(header["text"])
        tag = "th" if name in self._links else "td"

        def write(result: Any) -> str:
            text, is_figure = read(result)
            classes = " nowrap" if is_figure else ""
            if tag == "th":
                text = f'<a href="{escape(self._address(result))}">{text}</a>'
            return f'<{tag} class="cell field-{name}{classes}" data-label="{label}">{text}</{tag}>'

        return write

    def _checkbox(self, result: Any) -> str:
        box = self._admin.action_checkbox(result)
        return f'<td class="cell action-checkbox">{escape(box)}</td>'

    def _address_of_rows(self) -> Callable[[Any], str]:
        meta = self._changes.lookup_opts
        name = f"admin:{meta.app_label}_{meta.model_name}_change"
        filters = {"preserved_filters": self._changes.preserved_filters, "opts": meta}
        address = add_preserved_filters(filters, reverse(name, args=[_KEY]))
        before, after = address.split(f"/{_KEY}/", 1)
        key = self._changes.pk_attname
        return lambda row: f"{before}/{quote(getattr(row, key))}/{after}"

    def _reader(self, name: str) -> Callable[[Any], tuple[str, bool]]:
        """Return what gives a column's content, escaped, and whether it is a figure."""
        meta = self._changes.lookup_opts
        field = next((field for field in meta.concrete_fields if field.name == name), None)
        if field is None or field.auto_created:
            return self._value_reader(name)
        if isinstance(field, ForeignKey):
            return lambda row: (self._related(getattr(row, name)), True)
        attribute, empty = field.attname, self._empty
        if choices := dict(field.flatchoices):
            return lambda row: (escape(choices.get(getattr(row, attribute), empty)), False)
        is_figure = isinstance(field, DateField | TimeField)
        shown = _writer(field)
        return lambda row: (escape(shown(getattr(row, attribute), field, empty)), is_figure)

    def _related(self, related: Any) -> str:
        return escape(self._empty if related is None else str(related))

    def _value_reader(self, name: str) -> Callable[[Any], tuple[str, bool]]:
        look = self._page_method(name) or (lambda row: lookup_field(name, row, self._admin)[1:])

        def read(row: Any) -> tuple[str, bool]:
            source, value = look(row)
            if isinstance(value, SafeString):
                return value, False  # what a page's method marked safe stays so
            empty = getattr(source, "empty_value_display", self._empty)
            shown = display_for_value(value, empty, getattr(source, "boolean", False))
            return escape(shown), isinstance(value, date | time)

        return read

    def _page_method(self, name: str) -> Callable[[Any], tuple[Any, Any]] | None:
        """Return what gives a method of the page and its value, found once and not for each row."""
        method = None if name == "__str__" else getattr(self._admin, name, None)
        return None if method is None else lambda row: (method, method(row))


def _writer(field: Any) -> Callable[[Any, Any, str], object]:
    """Return what shows the values of a field as `display_for_field` does."""
    if isinstance(field, DateTimeField):
        return lambda value, _, empty: empty if value is None else instant_text(localtime(value))
    if isinstance(field, DateField):
        return lambda value, _, empty: empty if value is None else day_text(value)
    if isinstance(field, IntegerField):
        return lambda value, _, empty: empty if value is None else integer_text(value)
    write: Callable[[Any, Any, str], object] = display_for_field
    return write
