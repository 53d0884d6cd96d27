"""Values of the indices, entered as they are published (P-05)."""

from typing import Any

from django.http import HttpRequest

from catalog.admin.resources import IndexValueResource
from catalog.models import IndexValue
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of


class IndexValueAdmin(RowFilesMixin, HistoryAdmin):
    """One line for each index and date; the price of a past day keeps reading its own."""

    row_resource = IndexValueResource

    view_action = Action.CATALOG_VIEW
    edit_action = Action.PRICING_EDIT
    list_display = ("index", "valid_on", "value", "source")
    list_filter = ("index",)
    search_fields = ("source",)
    fieldsets = ((None, {"fields": (("index", "valid_on"), ("value", "source"))}),)

    def owner(self, obj: IndexValue) -> None:
        """Belong to the group."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user sets prices for the whole group."""
        return access_of(request.user).allowed(Action.PRICING_EDIT, None)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether the user sets prices for the whole group."""
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: prices already given read it; a wrong value is corrected, with its history."""
        return False

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Ask the right of the group."""
        return self.has_add_permission(request)
