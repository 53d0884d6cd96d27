"""The versions of a product, on its form."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from catalog.admin.badges import VERSION, standing
from catalog.models import ProductVersion
from winvest.core.admin.display import display
from winvest.core.admin.rights import Rights
from winvest.core.admin.zones import local_instant
from winvest.core.domain.roles import Action


class VersionInline(Rights, TabularInline):  # type: ignore[misc]
    """Versions of a product, each with its page."""

    model = ProductVersion
    view_action = Action.CATALOG_VIEW_ALL
    extra = 0
    can_delete = False
    hide_title = True
    ordering = ("-version",)
    fields = readonly_fields = ("link", "shown_state", "shown_start", "shown_end")
    shown_start = local_instant("effective_from", "date d'effet")
    shown_end = local_instant("effective_to", "fin d'effet (exclue)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the companies, whose time the dates are in."""
        return super().get_queryset(request).select_related("company")  # type: ignore[no-any-return]

    @display(description="version")
    def link(self, obj: ProductVersion) -> Any:
        """Link to the version's own page."""
        url = reverse("admin:catalog_productversion_change", args=[obj.pk])
        return format_html('<a href="{}">Version {}</a>', url, obj.version)

    @display(description="état", label=VERSION)
    def shown_state(self, obj: ProductVersion) -> tuple[str, str]:
        """Show the state, and for a released version its place in time, with its colour."""
        return standing(obj)
