"""Billing and logistics below the version that they belong to (§3.6): forms, then tables."""

from typing import Any

from django.db.models import QuerySet
from django.forms import Field, TypedChoiceField
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.admin.frozen import FrozenStack, FrozenTable
from catalog.admin.mapping import own_plans, whole
from catalog.models import VersionBilling, VersionLogistics
from catalog.models.billing import TEMPLATES, templates_for
from catalog.selectors.wording import money
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY
from winvest.core.domain.roles import Action

WHOLE = "Toute la version"


class BillingInline(FrozenStack):
    """How the version and its plans are invoiced and collected, while the version is open."""

    model = VersionBilling
    edit_action = Action.CATALOG_EDIT
    fields = (
        "plan",
        ("payment_method", "collection_cycle"),
        "collection_day",
        ("invoice_template", "mandate_template"),
        ("fee_amount", "fee_label"),
        ("fee_tax_code", "fee_tax_included"),
    )
    ordering = ("plan__position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans with the rows."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("plan", "product_version__product")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the plans of this version."""
        if db_field.name == "plan":
            kwargs["queryset"] = own_plans(request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return whole(field, WHOLE) if db_field.name == "plan" else field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the types of documents that are such templates."""
        if db_field.name in TEMPLATES:
            return _template_field(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class BillingTable(FrozenTable):
    """The same rows where they may not be written."""

    model = VersionBilling
    edit_action = Action.CATALOG_EDIT
    fields = (
        *("shown_plan", "payment_method", "shown_cycle"),
        *("invoice_template", "mandate_template", "shown_fee"),
    )
    ordering = ("plan__position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans, and the company, whose currency the amounts have."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("plan", "company", "product_version__product")

    @display(description="formule")
    def shown_plan(self, obj: VersionBilling) -> str:
        """Show the plan, or that the row holds for all of them."""
        return WHOLE if obj.plan is None else str(obj.plan)

    @display(description="prélèvement")
    def shown_cycle(self, obj: VersionBilling) -> str:
        """Show how often, and on which day."""
        cycle = obj.get_collection_cycle_display()
        return f"{cycle}, le {obj.collection_day}" if obj.collection_day else cycle

    @display(description="frais initiaux")
    def shown_fee(self, obj: VersionBilling) -> str:
        """Show the fees with their VAT."""
        if obj.fee_amount is None:
            return EMPTY
        base = "TTC" if obj.fee_tax_included else "HT"
        amount = money(obj.fee_amount, obj.company.currency)
        return f"{obj.fee_label} : {amount} {base} ({obj.fee_tax_code})"


class LogisticsInline(FrozenStack):
    """What a sale of the version asks of logistics, while the version is open."""

    model = VersionLogistics
    edit_action = Action.CATALOG_EDIT
    max_num = 1
    fields = (
        ("delivery", "delivery_days"),
        ("stock_managed", "stock_reference"),
        "ticket_title",
        "ticket_body",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the product with the row, which names it."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("product_version__product")


class LogisticsTable(FrozenTable):
    """The same row where it may not be written."""

    model = VersionLogistics
    edit_action = Action.CATALOG_EDIT
    fields = ("shown_delivery", "shown_stock", "ticket_title", "ticket_body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the product with the row, which names it."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("product_version__product")

    @display(description="livraison")
    def shown_delivery(self, obj: VersionLogistics) -> str:
        """Show how and in how many days."""
        told = obj.get_delivery_display() or EMPTY
        return f"{told}, {obj.delivery_days} j" if obj.delivery_days else told

    @display(description="stock")
    def shown_stock(self, obj: VersionLogistics) -> str:
        """Show whether a sale takes from a stock, and what."""
        if not obj.stock_managed:
            return "Non suivi"
        return f"Suivi : {obj.stock_reference}" if obj.stock_reference else "Suivi"


def _template_field(db_field: Any) -> Field:
    return TypedChoiceField(
        label=capfirst(db_field.verbose_name),
        help_text=db_field.help_text,
        choices=[
            ("", "Aucun"),
            *((code, f"{code} — {label}") for code, label in templates_for(db_field.name)),
        ],
        coerce=str,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
