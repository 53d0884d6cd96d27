"""Accounts of products and of the company (§3.6, C.6, X-09)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounting.choices import MappingState
from accounting.models.mapping import AccountingMapping, CompanyAccount
from accounting.services.mapping import (
    WAITING,
    prepare_successor,
    validate_mapping,
)
from catalog.admin.found import FoundByProduct
from winvest.core.admin.confirm import address, ask, found
from winvest.core.admin.display import action, display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.formatting import number
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

STATES = {
    MappingState.TO_VALIDATE: "warning",
    MappingState.VALIDATED: "success",
    MappingState.REPLACED: "neutral",
    MappingState.ERROR: "danger",
}


class AccountingMappingAdmin(FoundByProduct, HistoryAdmin):
    """Accounts of a version for the company that sells it; Compta validates them."""

    view_action = Action.ACCOUNTING_VIEW
    edit_action = Action.MAPPING_EDIT
    list_display = ("product", "owner_label", "nature", "account", "journal", "tax_code", "status")
    list_filter = ("state", "nature", "company", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "product_version", "company")
    list_columns = (
        *("nature", "gl_account", "journal", "tax_code", "state"),
        *("product_version__version", "product__name", "product__sku"),
        *("company__code", "company__brand_name"),
    )
    ordering = ("-id",)
    search_codes = ("gl_account",)
    autocomplete_fields = ("product_version",)
    readonly_fields = ("status", "validated_by", "validated_at", "replaced_at")
    actions_detail = ("replace",)
    actions_submit_line = ("validate",)
    fieldsets = (
        ("Produit", {"fields": ("company", "product_version", "nature")}),
        ("Comptes", {"fields": (("gl_account", "journal"), ("tax_code", "cost_center"))}),
        ("Validation", {"fields": ("status", ("validated_by", "validated_at"), "replaced_at")}),
    )

    @display(description="produit", ordering="product__sku", header=True)
    def product(self, obj: AccountingMapping) -> tuple[str, str]:
        """Show the product and the version."""
        return obj.product.name, f"{obj.product.sku} v{obj.product_version.version}"

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: AccountingMapping) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="compte", ordering="gl_account")
    def account(self, obj: AccountingMapping) -> Any:
        """Show the account in tabular figures."""
        return number(obj.gl_account)

    @display(description="état", ordering="state", label=STATES)
    def status(self, obj: AccountingMapping) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what names an existing mapping; its accounts only may change."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "product_version", "nature"] if obj else fixed

    def is_frozen(self, obj: Any) -> bool:
        """Whether the mapping is or was validated."""
        return obj.state not in WAITING

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save; a mapping whose accounts change is to be validated (C.6)."""
        obj.state = MappingState.TO_VALIDATE
        obj.product_id = obj.product_version.product_id
        super().save_model(request, obj, form, change)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the button on what is in force, to whoever edits mappings there."""
        row = self.get_object(request, str(object_id))
        if row is None or row.state != MappingState.VALIDATED:
            return []
        if not access_of(request.user).allowed_on(Action.MAPPING_EDIT, row, row.company_id):
            return []
        return list(super().get_actions_detail(request, object_id))

    @action(description="Changer les comptes", icon="edit", url_path="replace")
    def replace(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the mapping that will take this one's place at its validation."""
        row = found(self, request, object_id)
        access = access_of(request.user)
        if not access.allowed_on(Action.MAPPING_EDIT, row, row.company_id):
            raise PermissionDenied
        if request.method != "POST":
            return ask(
                self,
                request,
                row,
                title="Changer les comptes",
                question="Ce mapping reste en vigueur jusqu'à la validation de celui qui le "
                "remplacera.",
            )
        successor = prepare_successor(actor=person(request), mapping=row)
        messages.info(request, "Saisissez les nouveaux comptes, puis validez.")
        return HttpResponseRedirect(address(successor))

    def has_validate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user validates the mappings of some company; the service asks for which."""
        return access_of(request.user).anywhere(Action.MAPPING_VALIDATE)

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to validate what waits for it alone: the rest does not change."""
        row = self.get_object(request, str(object_id)) if object_id else None
        if row is not None and self.is_frozen(row):
            return []
        return list(super().get_actions_submit_line(request, object_id))

    @action(description="Enregistrer et valider", permissions=("validate",))
    def validate(self, request: HttpRequest, obj: AccountingMapping) -> None:
        """Validate the saved mapping, or say everything that is wrong with it."""
        reasons = validate_mapping(actor=person(request), mapping=obj)
        for reason in reasons:
            messages.error(request, reason.message)
        if not reasons:
            messages.success(request, "Mapping validé.")


class CompanyAccountAdmin(HistoryAdmin):
    """Default accounts of a company: third parties, bank, VAT, journals."""

    is_short = True
    view_action = Action.ACCOUNTING_VIEW
    edit_action = Action.ACCOUNTING_SETTINGS
    list_display = ("purpose", "owner_label", "shown_account", "tax_code", "journal", "cost_center")
    list_filter = ("company", "purpose")
    list_select_related = ("company",)
    search_codes = ("account", "journal")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "company",
                    ("purpose", "tax_code"),
                    ("account", "journal"),
                    "cost_center",
                )
            },
        ),
    )

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: CompanyAccount) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="compte", ordering="account")
    def shown_account(self, obj: CompanyAccount) -> Any:
        """Show the account in tabular figures."""
        return number(obj.account)
