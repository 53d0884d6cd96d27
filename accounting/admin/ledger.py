"""Operations and entries, which nobody edits (`design/domain.md` §6)."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from unfold.admin import TabularInline

from accounting.choices import EntryType, OperationState
from accounting.models.entry import Entry, Line
from accounting.models.operation import Operation
from winvest.core.admin.base import ReadOnlyAdmin
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY, amount, amount_text, number, rate
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import Rights
from winvest.core.domain.roles import Action

STATES = {OperationState.BOOKED: "success", OperationState.PARKED: "warning"}
TYPES = {
    EntryType.REVENUE: "success",
    EntryType.COMMISSION: "info",
    EntryType.FEE: "warning",
    EntryType.VAT: "neutral",
    EntryType.PAYMENT: "neutral",
}


class ReadOnlyInline(Rights, TabularInline):  # type: ignore[misc]
    """Rows that are only read, below their parent."""

    view_action = Action.ACCOUNTING_VIEW
    extra = 0
    can_delete = False
    hide_title = True
    ordering: Any = ("position",)


class LineInline(ReadOnlyInline):
    """Lines of an entry."""

    model = Line
    fields = readonly_fields = (
        "account",
        "auxiliary",
        "product_label",
        "partner_label",
        "shown_debit",
        "shown_credit",
        "shown_vat",
        "cost_center",
    )

    @display(description="débit")
    def shown_debit(self, obj: Line) -> Any:
        """Show the debit, a dash when it is zero."""
        return amount(obj.debit or None)

    @display(description="crédit")
    def shown_credit(self, obj: Line) -> Any:
        """Show the credit, a dash when it is zero."""
        return amount(obj.credit or None)

    @display(description="TVA")
    def shown_vat(self, obj: Line) -> Any:
        """Show the VAT and its rate, where the line bears some."""
        if not obj.tax_amount:
            return EMPTY
        return format_html("{} ({})", amount(obj.tax_amount), rate(obj.tax_rate))


class EntryAdmin(ReadOnlyAdmin):
    """The journal: balanced, never modified."""

    view_action = Action.ACCOUNTING_VIEW
    list_display = ("name", "date", "owner_label", "kind", "label", "total")
    list_filter = ("company", "type")
    list_select_related = ("company",)
    ordering = ("-date", "-id")
    search_fields = ("label",)
    search_codes = ("journal",)
    inlines = (LineInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("company", "date"),
                    ("journal", "shown_number"),
                    ("type", "label"),
                    ("source", "total"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Add the total of each entry."""
        lines = Line.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
        total = Subquery(lines.annotate(total=Sum("debit")).values("total"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(debit_total=total)
        return rows

    @display(description="écriture", ordering="number", header=True)
    def name(self, obj: Entry) -> tuple[str, str]:
        """Show the journal and the number."""
        return f"{obj.journal} {obj.number}", str(obj.year)

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Entry) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="type", ordering="type", label=TYPES)
    def kind(self, obj: Entry) -> tuple[str, str]:
        """Show the type with its colour."""
        return obj.type, obj.get_type_display()

    @display(description="total débit = crédit")
    def total(self, obj: Any) -> Any:
        """Show the sum of the debits, which is that of the credits."""
        return amount(obj.debit_total, obj.company.currency)

    @display(description="numéro")
    def shown_number(self, obj: Entry) -> Any:
        """Show the number in the journal and the year."""
        return number(f"{obj.number} ({obj.year})")

    @display(description="opération")
    def source(self, obj: Entry) -> Any:
        """Link to the operation that gave the entry."""
        url = reverse("admin:accounting_operation_change", args=[obj.operation_id])
        return format_html('<a href="{}">{}</a>', url, obj.operation)


class OperationAdmin(ReadOnlyAdmin):
    """Facts told by other modules, with their reasons when they wait."""

    view_action = Action.ACCOUNTING_VIEW
    list_display = (
        "name",
        "owner_label",
        "product",
        "shown_amount",
        "occurred_at",
        "status",
        "waits_for",
    )
    list_filter = ("state", "kind", "company")
    list_select_related = ("company",)
    search_codes = ("external_id", "sku")
    fieldsets = (
        (
            "Opération",
            {
                "fields": (
                    ("company", "kind"),
                    ("source", "external_id"),
                    ("status", "waits_for"),
                    "signals",
                )
            },
        ),
        (
            "Objet",
            {
                "fields": (
                    ("sku", "plan_code"),
                    ("product_version", "channel"),
                    ("quantity", "shown_amount"),
                    ("analytic_label", "supplier_ref"),
                    ("contract_ref", "client_ref"),
                    ("reverses", "collects"),
                )
            },
        ),
        (
            "Comptabilité",
            {
                "fields": (
                    ("occurred_at", "accounting_date"),
                    ("booked_at", "posted_by"),
                    "shown_entries",
                )
            },
        ),
    )

    @display(description="opération", ordering="external_id", header=True)
    def name(self, obj: Operation) -> tuple[str, str]:
        """Show the nature and the source's number."""
        return obj.get_kind_display(), f"{obj.source} / {obj.external_id}"

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Operation) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="produit", ordering="sku")
    def product(self, obj: Operation) -> str:
        """Show the product, or the label of a fee."""
        return obj.sku or obj.analytic_label or EMPTY

    @display(description="montant", ordering="amount")
    def shown_amount(self, obj: Operation) -> Any:
        """Show the total, and whether it includes VAT."""
        vat = "TTC" if obj.tax_included else "HT"
        return number(f"{amount_text(obj.amount, obj.currency)} {vat}")

    @display(description="état", ordering="state", label=STATES)
    def status(self, obj: Operation) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()

    @display(description="motif")
    def waits_for(self, obj: Operation) -> str:
        """Show what a parked operation waits for."""
        return " ".join(reason["message"] for reason in obj.reasons) or EMPTY

    @display(description="signalements")
    def signals(self, obj: Operation) -> str:
        """Show what was odd about a booked operation."""
        return " ".join(flag["message"] for flag in obj.flags) or EMPTY

    @display(description="écritures")
    def shown_entries(self, obj: Operation) -> Any:
        """Link to the entries of the operation."""
        links = format_html_join(
            ", ",
            '<a href="{}">{} du {}</a>',
            (
                (
                    reverse("admin:accounting_entry_change", args=[entry.pk]),
                    entry,
                    date_format(entry.date),
                )
                for entry in obj.entries.order_by("date", "number")
            ),
        )
        return links or EMPTY
