"""History of a row for people: who changed what and when, in words (1-23, §3.8)."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from winvest.core.admin.base import BaseAdmin
from winvest.core.selectors.wording import EMPTY, in_words

CREATED = "+"


class WordingHelper(HistoricalRecordContextHelper):  # type: ignore[misc]
    """Changes of a row with labels, French dates and numbers."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        """Return the value in words."""
        return in_words(self.model._meta.get_field(change.field), value)


def first_values(record: Any) -> Iterator[dict[str, str]]:
    """Give the fields that were filled in when the row was made, in words."""
    for field in record.tracked_fields:
        value = in_words(field, getattr(record, field.name))
        if field.editable and value != EMPTY:
            yield {"field": capfirst(field.verbose_name), "old": EMPTY, "new": value}


class HistoryAdmin(SimpleHistoryAdmin, BaseAdmin):  # type: ignore[misc]
    """A page with a history, read by whoever reads the row; nothing is restored from there."""

    history_list_per_page = 50
    has_history = True

    def get_urls(self) -> list[Any]:
        """Leave out the form of an old state, which could write it back."""
        return [
            url for url in super().get_urls() if not (url.name or "").endswith("_simple_history")
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the changes of a row that the user may read; any other row does not exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if self.get_object(request, object_id) is None:
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, **options: Any
    ) -> None:
        """Tell each change; a creation shows the values with which the row was made."""
        super().set_history_delta_changes(request, historical_records, **options)
        for record in historical_records:
            if record.history_type == CREATED:
                record.history_delta_changes = list(first_values(record))

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: Any
    ) -> WordingHelper:
        """Word the changes."""
        return WordingHelper(self.model, historical_record)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never offer to restore: released and booked content does not go back."""
        return True
