"""Promotions: planned, running, ended (§1, §2.1)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from catalog.choices import Channel, DiscountKind
from catalog.domain.promotions import PromotionProblem
from catalog.models import Promotion
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import amount, rate
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.zones import LocalPages, local_instant
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.domain.roles import Action

STATES = {"planned": "info", "running": "success", "ended": "neutral"}
# What changes no more once the promotion has begun.
FIXED_ONCE_STARTED = (
    *("code", "on_code", "kind", "value", "priority", "cumulative"),
    *("product", "plan_code", "channels", "start_at"),
)


class PromotionForm(CheckedModelForm):
    """A promotion whose channels are ticked."""

    channels = forms.MultipleChoiceField(
        label="Canaux",
        choices=Channel.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Aucun : tous les canaux.",
    )

    class Meta:
        model = Promotion
        exclude = ()


class PromotionAdmin(LocalPages, HistoryAdmin):
    """Amounts and percents off, by period and target."""

    form = PromotionForm
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PRICING_EDIT
    list_display = (
        "shown_name",
        "owner_label",
        "target",
        "shown_value",
        "shown_rule",
        "shown_state",
        "shown_start",
        "shown_end",
    )
    shown_start = local_instant("start_at", "début")
    shown_end = local_instant("end_at", "fin (exclue)")
    list_filter = ("company", "on_code", "cumulative", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "company")
    ordering = ("-start_at", "-id")
    search_fields = ("name",)
    named_in_log = True
    search_codes = ("code",)
    autocomplete_fields = ("product",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "company",
                    ("code", "name"),
                    ("kind", "value"),
                    "start_at",
                    "end_at",
                )
            },
        ),
        ("Cible", {"fields": (("product", "plan_code"), "channels")}),
        ("Application", {"fields": ("on_code", "cumulative", "priority")}),
    )

    @display(description="promotion", header=True)
    def shown_name(self, obj: Promotion) -> tuple[str, str]:
        """Show the name and the code."""
        return obj.name, obj.code

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Promotion) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="cible")
    def target(self, obj: Promotion) -> str:
        """Show on what it bears."""
        if obj.product is None:
            return "Tous les produits"
        return " ".join(filter(None, (obj.product.sku, obj.plan_code)))

    @display(description="remise")
    def shown_value(self, obj: Promotion) -> Any:
        """Show the amount or the percentage."""
        value = Decimal(obj.value)
        return (
            rate(value) if obj.kind == DiscountKind.PERCENT else amount(value, obj.company.currency)
        )

    @display(description="application")
    def shown_rule(self, obj: Promotion) -> str:
        """Show whether it asks for its code and adds to others."""
        for_whom = "Sur code" if obj.on_code else "Pour tous"
        return f"{for_whom}, {'cumulable' if obj.cumulative else 'seule'}"

    @display(description="état", label=STATES)
    def shown_state(self, obj: Promotion) -> tuple[str, str]:
        """Show whether it runs."""
        at = now()
        if at < obj.start_at:
            return "planned", "À venir"
        if obj.end_at is not None and obj.end_at <= at:
            return "ended", "Terminée"
        return "running", "En cours"

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Close what a promotion that has begun keeps."""
        if obj is not None and field in FIXED_ONCE_STARTED and obj.start_at <= now():
            return False
        return super().may_write(request, field, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the first of the next month (4-06)."""
        start = next_month_start(now(), timezone.get_current_timezone_name())
        return {"start_at": start, **super().get_changeform_initial_data(request)}

    def why_kept(self, obj: Promotion) -> str:
        """Keep what has been applied: it ends."""
        return "" if obj.start_at > now() else PromotionProblem.KEPT.message
