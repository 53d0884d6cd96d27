"""Accounting exports in the back-office (F.6, §3.6)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from accounting.admin.export_pages import ExportPages, RunForm
from accounting.choices import ExportKind
from accounting.models.export import ExportRun
from winvest.core.admin.display import display
from winvest.core.admin.formatting import amount
from winvest.core.clock import now
from winvest.core.domain.periods import add_months
from winvest.core.domain.roles import Action

KINDS = (ExportKind.ACCOUNTING, ExportKind.VAT)


class ExportForm(RunForm):
    """What file is wanted, for which company and which month."""

    period = forms.RegexField(
        label="Mois",
        regex=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z",
        help_text="Année et mois, par exemple 2025-09.",
        error_messages={"invalid": "Un mois s'écrit AAAA-MM."},
        widget=UnfoldAdminTextInputWidget(attrs={"type": "month"}),
    )

    class Meta:
        model = ExportRun
        fields = ("company", "period", "kind", "profile", "format")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the kinds of the ledger."""
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            offered = [(kind.value, kind.label) for kind in KINDS]
            self.fields["kind"].choices = offered  # type: ignore[attr-defined]


class KindFilter(SimpleListFilter):
    """What the file holds; price grids have a list of their own."""

    title = "contenu"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the kinds of the ledger."""
        return [(kind.value, str(kind.label)) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the runs of this kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ExportRunAdmin(ExportPages):
    """Files made for the accountants."""

    kinds = KINDS
    form = ExportForm
    view_action = Action.ACCOUNTING_VIEW
    edit_action = Action.EXPORT_RUN
    list_display = (
        "name",
        "owner_label",
        "period",
        "content",
        "status",
        "shown_rows",
        "created_at",
        "created_by",
    )
    list_filter = ("company", KindFilter, "profile", "format")
    fieldsets = (
        (
            "Fichier demandé",
            {"fields": ("company", "period", ("kind", "profile"), "format")},
        ),
    )
    run_fieldsets = (
        (
            "Fichier demandé",
            {"fields": (("company", "period"), ("kind", "profile"), ("format", "revision"))},
        ),
        (
            "Journal",
            {
                "fields": (
                    ("created_by", "created_at"),
                    ("file_name", "finished_at"),
                    "sha256",
                    ("shown_debit", "shown_credit"),
                )
            },
        ),
    )

    @display(description="contenu")
    def content(self, obj: ExportRun) -> str:
        """Show what the file holds and in which form."""
        if obj.kind == ExportKind.VAT:
            return f"TVA, {obj.get_format_display()}"
        return f"{obj.get_profile_display()}, {obj.get_format_display()}"

    @display(description="total débit")
    def shown_debit(self, obj: ExportRun) -> Any:
        """Show the sum of the Debit column."""
        return amount(obj.total_debit, obj.company.currency)

    @display(description="total crédit")
    def shown_credit(self, obj: ExportRun) -> Any:
        """Show the sum of the Credit column."""
        return amount(obj.total_credit, obj.company.currency)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the month that has just ended."""
        initial = super().get_changeform_initial_data(request)
        ended = add_months(timezone.localdate(now()), -1)
        return {"period": f"{ended:%Y-%m}", **initial}

    def wanted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the kind, month, profile and format."""
        return {name: given[name] for name in ("kind", "period", "profile", "format")}
