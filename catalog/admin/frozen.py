"""Rows below a version: forms while it is open, a table once it is released (decision 4)."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import StackedInline

from catalog.models import ProductVersion
from winvest.core.admin.base import FieldChoices, OwnedFormSet, OwnedTabularInline
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.domain.roles import Action


class ClosedWithVersion:
    """Mixin of inlines whose rows are closed with their version."""

    def is_frozen(self, obj: Any) -> bool:
        """Whether the version was released."""
        version = obj if isinstance(obj, ProductVersion) else obj.product_version
        return version.released_at is not None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the version's content may change."""
        return bool(self.has_change_permission(request, obj))  # type: ignore[attr-defined]


class FrozenStack(ClosedWithVersion, FieldChoices, StackedInline):  # type: ignore[misc]
    """One form for each row, while the version is open."""

    view_action = Action.CATALOG_VIEW_ALL
    form = CheckedModelForm
    formset = OwnedFormSet
    template_before = "admin/row_errors.html"
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the rows that the user may read."""
        return self.readable_rows(request, super().get_queryset(request))


class FrozenTable(ClosedWithVersion, OwnedTabularInline):
    """A table of texts, where the rows may not be written."""

    view_action = Action.CATALOG_VIEW_ALL
    max_num = 0
    template_after = "admin/empty_inline.html"
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return every field."""
        return self.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the forms write."""
        return False
