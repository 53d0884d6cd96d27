"""Price grids in the back-office: asked for, taken, and brought back with other prices (5-05)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminSingleDateWidget

from accounting.admin.export_pages import ExportPages, RunForm
from accounting.choices import ExportKind, ExportProfile
from accounting.models.export import PriceGridExport
from catalog.choices import Channel
from catalog.exports.price_columns import EXPLAINED
from winvest.core.admin.display import display
from winvest.core.admin.fields import DayField
from winvest.core.admin.import_pages import ImportPage
from winvest.core.choices import ImportTarget
from winvest.core.clock import now
from winvest.core.domain.periods import parse_day
from winvest.core.domain.roles import Action


class PriceGridForm(RunForm):
    """Of which company, on which day, on which channel."""

    period = DayField(
        label="Date",
        widget=UnfoldAdminSingleDateWidget(),
        help_text="Prix au début de ce jour, à l'heure de la société ; pour aujourd'hui, les prix "
        "de maintenant.",
    )

    class Meta:
        model = PriceGridExport
        fields = ("company", "period", "channel", "format")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what no channel means."""
        super().__init__(*args, **kwargs)
        if "channel" in self.fields:
            choices = [("", "Tous les canaux"), *Channel.choices]
            self.fields["channel"].choices = choices  # type: ignore[attr-defined]

    def clean_period(self) -> str:
        """Return the day as the run keeps it."""
        return f"{self.cleaned_data['period']:%Y-%m-%d}"


class PriceGridAdmin(ImportPage, ExportPages):
    """Prices of what a company publishes, on a day and a channel."""

    kinds = (ExportKind.PRICE_GRID,)
    form = PriceGridForm
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_VIEW_ALL
    import_target = ImportTarget.PRICE_GRID
    import_right = Action.PRICING_EDIT
    import_note = (
        "Les prix en vigueur ne changent pas : chaque produit dont un prix change reçoit une "
        "nouvelle version en brouillon, proposée pour le 1er du mois prochain, à soumettre, "
        "approuver et mettre en production comme les autres."
    )
    list_display = (
        "name",
        "owner_label",
        "day",
        "where",
        "status",
        "shown_rows",
        "created_at",
        "created_by",
    )
    list_filter = ("company", "channel", "format")
    fieldsets = (("Grille demandée", {"fields": ("company", "period", ("channel", "format"))}),)
    run_fieldsets = (
        (
            "Grille demandée",
            {"fields": (("company", "day"), ("where", "format"), ("priced_at", "revision"))},
        ),
        (
            "Journal",
            {"fields": (("created_by", "created_at"), ("file_name", "finished_at"), "sha256")},
        ),
    )

    @display(description="date")
    def day(self, obj: PriceGridExport) -> str:
        """Show the day; of a month, its first."""
        return f"{parse_day(obj.period):%d/%m/%Y}"

    @display(description="canal")
    def where(self, obj: PriceGridExport) -> str:
        """Show the channel, or that all are there."""
        return obj.get_channel_display() if obj.channel else "Tous les canaux"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose today."""
        initial = super().get_changeform_initial_data(request)
        return {"period": timezone.localdate(now()), **initial}

    def wanted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the day, channel and format of the grid."""
        return {
            "kind": ExportKind.PRICE_GRID,
            "profile": ExportProfile.STANDARD,
            **{name: given[name] for name in ("period", "channel", "format")},
        }

    def import_name(self) -> str:
        """Say what is imported."""
        return "grille de prix"

    def file_columns(self) -> list[tuple[str, bool, str]]:
        """Return the columns that an import reads, whether each is compulsory, and what it says."""
        return EXPLAINED
