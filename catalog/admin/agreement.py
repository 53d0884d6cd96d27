"""Sale agreements: what an owner lets another company sell (R-10)."""

from copy import copy
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.admin.found import FoundByProduct
from catalog.models import SaleAgreement
from catalog.services.agreements import check_start, follow_agreement, why_kept
from catalog.services.sale_tellings import tell_agreement
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.admin.zones import LocalPages, local_instant
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.models import Company
from winvest.core.transaction import transaction

FIXED_ONCE_STARTED = {"product", "start_at"}


class AgreementForm(CheckedModelForm):
    """An agreement of the product's owner."""

    # Typed: a list would name the group's other companies to whoever opens the page.
    seller_code = forms.CharField(
        label="Code de la société vendeuse",
        max_length=12,
        widget=UnfoldAdminTextInputWidget,
        help_text="Exemple : FT.",
    )

    before: SaleAgreement | None = None

    class Meta:
        model = SaleAgreement
        exclude = ("company", "seller")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for the seller of a new agreement alone."""
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            self.fields.pop("seller_code", None)

    def clean_seller_code(self) -> str:
        """Find the company."""
        code: str = self.cleaned_data["seller_code"]
        seller = Company._base_manager.filter(code=code.strip().upper()).first()
        if seller is None:
            raise forms.ValidationError(f"Aucune société n'a le code « {code} ».", "unknown")
        self.instance.seller = seller
        return code

    def place_of(self, name: str) -> str:
        """Show beside the code what is said of the company."""
        return super().place_of("seller_code" if name == "seller" else name)

    def clean(self) -> Any:
        """Take the owner from the product; keep the sales that rest on the agreement inside."""
        cleaned = super().clean()
        product, start = (self.cleaned_data.get(name) for name in ("product", "start_at"))
        if product is not None:
            self.instance.company_id = product.company_id
        if self.before is not None and start is not None:
            after = copy(self.before)
            after.start_at = start
            try:
                check_start(self.before, after)
            except DomainError as error:
                for reason in error.reasons:
                    self.add_error("start_at", forms.ValidationError(reason.message, reason.code))
        return cleaned


class SaleAgreementAdmin(FoundByProduct, LocalPages, HistoryAdmin):
    """Agreements that the user's companies gave, or have."""

    form = AgreementForm
    zone_field = "product"
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PUBLICATION_EDIT
    list_display = ("shown_product", "owner_label", "shown_seller", "shown_start", "shown_end")
    shown_start = local_instant("start_at", "début")
    shown_end = local_instant("end_at", "fin (exclue)")
    list_filter = (("product", RowFilter),)
    list_filter_submit = True
    list_select_related = ("product", "company", "seller")
    ordering = ("-start_at", "-id")
    autocomplete_fields = ("product",)

    @display(description="produit", header=True)
    def shown_product(self, obj: SaleAgreement) -> tuple[str, str]:
        """Show the product."""
        return obj.product.name, obj.product.sku

    @display(description="propriétaire", ordering="company__code")
    def owner_label(self, obj: SaleAgreement) -> Any:
        """Show the owner with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="vendeuse", ordering="seller__code")
    def shown_seller(self, obj: SaleAgreement) -> Any:
        """Show the seller with its colour."""
        return company_label(obj.seller.code, obj.seller.brand_name)

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the products that the user publishes."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "product":
            return rows.filter(company__in=companies_allowing(request, Action.PUBLICATION_EDIT))
        return rows

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Close what an agreement that has begun keeps."""
        if obj is not None and field in FIXED_ONCE_STARTED and obj.start_at <= now():
            return False
        return super().may_write(request, field, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the seller once: it never changes."""
        seller = "shown_seller" if obj else "seller_code"
        return ((None, {"fields": (("product", seller), "terms", "start_at", "end_at")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the seller of an agreement."""
        return [*super().get_readonly_fields(request, obj), "shown_seller"]

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Tell the form what the agreement was."""
        form = super().get_form(request, obj, **options)
        form.before = copy(obj)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save; the sales that it no longer covers end with it, and the seller is told."""
        actor = person(request)
        with transaction(actor, obj.company_id):
            super().save_model(request, obj, form, change)
            if change:
                follow_agreement(actor=actor, before=form.before, after=obj)
            else:
                tell_agreement(actor=actor, agreement=obj)

    def why_kept(self, obj: SaleAgreement) -> str:
        """Keep what began, and what a sale rests on."""
        problem = why_kept(obj)
        return problem.message if problem else ""
