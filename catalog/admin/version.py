"""Versions with their plans and prices; what was released is only read (decision 4)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Max
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from catalog.admin.badges import VERSION
from catalog.choices import PricingType
from catalog.models import PricingRule, ProductPlan, ProductVersion
from winvest.core.admin.base import OwnedTabularInline
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import amount
from winvest.core.admin.history import HistoryAdmin
from winvest.core.domain.roles import Action


class PriceForm(CheckedModelForm):
    """A fixed price typed as an amount; the payload of Annexe A.3.3 is made from it."""

    fixed_amount = forms.DecimalField(
        label="montant",
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget(),
    )

    class Meta:
        model = PricingRule
        fields = ("plan", "fixed_amount", "tax_included", "tax_code", "tax_rate", "currency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the amount out of the payload."""
        super().__init__(*args, **kwargs)
        if self.instance.payload and "fixed_amount" in self.fields:
            self.initial["fixed_amount"] = self.instance.payload.get("amount")

    def clean(self) -> Any:
        """Write the amount into the payload."""
        self.instance.type = PricingType.FIXED
        if "fixed_amount" in self.cleaned_data:
            self.instance.payload = {"amount": self.cleaned_data["fixed_amount"]}
        return super().clean()


class FrozenWithVersion(OwnedTabularInline):
    """Content of a version: closed with it."""

    view_action = Action.CATALOG_VIEW_ALL

    def is_frozen(self, obj: Any) -> bool:
        """Whether the version was released."""
        version = obj if isinstance(obj, ProductVersion) else obj.product_version
        return version.released_at is not None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the version's content may change."""
        return self.has_change_permission(request, obj)


class PlanInline(FrozenWithVersion):
    """Plans of the version."""

    model = ProductPlan
    edit_action = Action.CATALOG_EDIT
    fields = ("code", "name", "recurrence", "billing_cycle_days", "position")
    ordering = ("position", "code")


class PriceInline(FrozenWithVersion):
    """Fixed prices of the version's plans."""

    model = PricingRule
    form = PriceForm
    edit_action = Action.PRICING_EDIT
    fields = ("plan", "fixed_amount", "tax_included", "tax_code", "tax_rate", "currency")
    ordering = ("plan__position", "pk")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the plans of this version only."""
        if db_field.name == "plan":
            version = (
                request.resolver_match.kwargs.get("object_id") if request.resolver_match else ""
            )
            plans = ProductPlan.objects.filter(product_version=version) if version else None
            kwargs["queryset"] = plans if plans is not None else ProductPlan.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="montant")
    def fixed_amount(self, obj: PricingRule) -> Any:
        """Show the amount where it may not be written."""
        return amount(Decimal(str(obj.payload.get("amount", 0))), obj.currency)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Close every field with the version."""
        if obj is not None and not self.has_change_permission(request, obj):
            return self.fields
        return super().get_readonly_fields(request, obj)


class ProductVersionAdmin(HistoryAdmin):
    """Dated versions of the products."""

    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    list_display = ("shown_name", "version", "shown_state", "effective_from", "effective_to")
    list_filter = ("state", "company")
    list_select_related = ("product",)
    search_fields = ("product__sort_label",)
    search_codes = ("product__sku",)
    autocomplete_fields = ("product",)
    readonly_fields = (
        "version",
        "shown_state",
        "effective_to",
        "released_at",
        "released_by",
        "release_reason",
        "content_hash",
    )
    inlines = (PlanInline, PriceInline)
    change_form_outer_before_template = "admin/catalog/productversion/frozen.html"
    fieldsets = (
        (
            "Version",
            {
                "fields": (
                    ("product", "version"),
                    ("shown_state", "breaking_changes"),
                    ("effective_from", "effective_to"),
                    ("applies_to_inforce", "notes"),
                )
            },
        ),
        (
            "Mise en production",
            {
                "classes": ("collapse",),
                "fields": (("released_at", "released_by"), ("release_reason", "content_hash")),
            },
        ),
    )

    @display(description="produit", ordering="product__sort_label", header=True)
    def shown_name(self, obj: ProductVersion) -> tuple[str, str]:
        """Show the product."""
        return obj.product.name, obj.product.sku

    @display(description="état", ordering="state", label=VERSION)
    def shown_state(self, obj: ProductVersion) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()

    def is_frozen(self, obj: Any) -> bool:
        """Whether the version was released."""
        return obj.released_at is not None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the product of an existing version."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "product"] if obj else fixed

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Plans come once the version exists, prices once it has plans."""
        return super().get_inlines(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new version its owner and the product's next number."""
        if not change:
            obj.company_id = obj.product.company_id
            last = ProductVersion.objects.filter(product=obj.product).aggregate(n=Max("version"))
            obj.version = (last["n"] or 0) + 1
        super().save_model(request, obj, form, change)
