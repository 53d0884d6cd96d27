"""Risks (§2.1, M-02): the group's are edited by its administrators."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from catalog.admin.resources import RiskResource
from catalog.models import Risk
from winvest.core.admin.display import display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of


class RiskAdmin(RowFilesMixin, HistoryAdmin):
    """Families of products."""

    is_short = True
    row_resource = RiskResource
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    list_display = ("label", "code", "scope", "owner_label")
    list_filter = ("is_global", "scope", "company")
    list_select_related = ("company",)
    search_fields = ("sort_label",)
    search_codes = ("code",)
    fieldsets = (
        (None, {"fields": ("company", "is_global", ("label", "code"), ("scope", "icon"))}),
    )

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Risk) -> Any:
        """Show the owner, or that the risk is everyone's."""
        if obj.company is None:
            return "Groupe"
        return company_label(obj.company.code, obj.company.brand_name)

    def owner(self, obj: Risk) -> UUID | None:
        """Return the company, None for a risk of the group."""
        return obj.company_id

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Leave what is common to the group to its administrators."""
        if field == "is_global":
            return access_of(request.user).allowed(Action.CATALOG_EDIT, None)
        return super().may_write(request, field, obj)
