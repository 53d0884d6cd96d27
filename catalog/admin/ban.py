"""Black lists: what a company does not sell (§8)."""

from typing import Any

from catalog.models import SalesBan
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.zones import LocalPages, local_instant
from winvest.core.domain.roles import Action


class BanForm(CheckedModelForm):
    """A ban."""

    class Meta:
        model = SalesBan
        exclude = ()


class SalesBanAdmin(LocalPages, HistoryAdmin):
    """Products and channels that a company does not sell."""

    form = BanForm
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PUBLICATION_EDIT
    list_display = ("target", "owner_label", "shown_channel", "reason", "shown_start", "shown_end")
    shown_start = local_instant("start_at", "début")
    shown_end = local_instant("end_at", "fin (exclue)")
    list_filter = ("company", "channel", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "company")
    ordering = ("-start_at", "-id")
    autocomplete_fields = ("product",)
    fieldsets = (
        (None, {"fields": ("company", ("product", "channel"), "reason", "start_at", "end_at")}),
    )

    @display(description="produit", header=True)
    def target(self, obj: SalesBan) -> tuple[str, str]:
        """Show the product, or that all of them are banned."""
        return (obj.product.name, obj.product.sku) if obj.product else ("Tous les produits", "")

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: SalesBan) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="canal")
    def shown_channel(self, obj: SalesBan) -> str:
        """Show the channel, or that all of them are banned."""
        return str(obj.get_channel_display()) if obj.channel else "Tous les canaux"
