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
from django.db.models import DateField, ForeignKey, TimeField
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

CHECKBOX = "action_checkbox"
_KEY = "0"


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
        for result in self._changes.result_list:
            yield SafeString("".join(self._cells(result)))

    def _address_of_rows(self) -> Callable[[Any], str]:
        meta = self._changes.lookup_opts
        name = f"admin:{meta.app_label}_{meta.model_name}_change"
        filters = {"preserved_filters": self._changes.preserved_filters, "opts": meta}
        address = add_preserved_filters(filters, reverse(name, args=[_KEY]))
        before, after = address.split(f"/{_KEY}/", 1)
        key = self._changes.pk_attname
        return lambda row: f"{before}/{quote(getattr(row, key))}/{after}"

    def _cells(self, result: Any) -> Iterator[str]:
        for name, header in zip(self._changes.list_display, self.headers, strict=True):
            if name == CHECKBOX:
                box = self._admin.action_checkbox(result)
                yield format_html('<td class="cell {}">{}</td>', "action-checkbox", box)
                continue
            text, classes = self._cell(name, result)
            tag = "td"
            if name in self._links:
                tag, text = "th", self._link(result, text)
            yield (
                f'<{tag} class="cell field-{name}{classes}" '
                f'data-label="{conditional_escape(header["text"])}">{text}</{tag}>'
            )

    def _link(self, result: Any, text: str) -> str:
        return f'<a href="{conditional_escape(self._address(result))}">{text}</a>'

    def _cell(self, name: str, result: Any) -> tuple[str, str]:
        """Return the content of a cell, escaped, and its further class."""
        field, method, value = lookup_field(name, result, self._admin)
        if field is None or field.auto_created:
            empty = getattr(method, "empty_value_display", self._empty)
            shown = display_for_value(value, empty, getattr(method, "boolean", False))
            is_figure = isinstance(value, date | time)
        elif isinstance(field, ForeignKey):
            related = getattr(result, field.name)
            shown, is_figure = self._empty if related is None else str(related), True
        else:
            shown = display_for_field(value, field, self._empty)
            is_figure = isinstance(field, DateField | TimeField)
        # What a page's method marked safe stays so: `str()` of a safe text is safe.
        text = value if isinstance(value, SafeString) else shown
        return conditional_escape(text), " nowrap" if is_figure else ""
