"""Partners and their activation by company (§2.1; readings M-01, M-16)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from partners.choices import PartnerStatus
from partners.models import Partner, PartnerActivation
from winvest.core.admin.base import OwnedTabularInline
from winvest.core.admin.display import display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.domain.roles import Action

STATUSES = {
    PartnerStatus.ACTIVE: "success",
    PartnerStatus.INACTIVE: "neutral",
    PartnerStatus.TEST: "warning",
}


class ActivationInline(OwnedTabularInline):
    """Companies for which the partner is open; each is written by who edits its partners."""

    model = PartnerActivation
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PARTNER_EDIT
    fields = ("company", "status", "activated_at")
    ordering = ("company__code",)


class PartnerAdmin(HistoryAdmin):
    """Insurers, providers and marketplaces, managed by one company, opened to others."""

    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PARTNER_EDIT
    list_display = ("shown_name", "type", "owner_label", "export_label", "shown_status")
    list_filter = ("type", "status", "company")
    list_select_related = ("company",)
    search_fields = ("name", "legal_name")
    search_codes = ("siren",)
    inlines = (ActivationInline,)
    fieldsets = (
        ("Identité", {"fields": ("company", ("name", "legal_name"), ("type", "siren"), "status")}),
        ("Comptabilité", {"fields": (("export_label", "is_insurance"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Order by name as a French reader expects."""
        return super().get_queryset(request).order_by("name", "pk")

    @display(description="partenaire", ordering="name", header=True)
    def shown_name(self, obj: Partner) -> tuple[str, str]:
        """Show the name and the legal one."""
        return obj.name, obj.legal_name

    @display(description="société gestionnaire", ordering="company__code")
    def owner_label(self, obj: Partner) -> Any:
        """Show the managing company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="statut", ordering="status", label=STATUSES)
    def shown_status(self, obj: Partner) -> tuple[str, str]:
        """Show the status with its colour."""
        return obj.status, obj.get_status_display()

    def owner(self, obj: Any) -> UUID:
        """Return the managing company of a partner."""
        company: UUID = obj.company_id
        return company
