"""Versions with their plans and prices; what was released is only read (decision 4)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from catalog.admin.badges import VERSION
from catalog.admin.version_steps import VersionSteps
from catalog.choices import PricingType
from catalog.models import PricingRule, Product, ProductPlan, ProductVersion
from catalog.models.pricing import rate_in_force
from winvest.core.admin.base import OwnedTabularInline
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import amount, rate
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import companies_allowing
from winvest.core.admin.zones import local_page
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.domain.roles import Action
from winvest.core.models.company import Company


class PriceForm(CheckedModelForm):
    """A fixed price typed as an amount; its currency is the company's, its rate the VAT code's."""

    fixed_amount = forms.DecimalField(
        label="Montant",
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget(),
    )

    class Meta:
        model = PricingRule
        fields = ("plan", "fixed_amount", "tax_included", "tax_code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the amount out of the payload."""
        super().__init__(*args, **kwargs)
        if self.instance.payload and "fixed_amount" in self.fields:
            self.initial["fixed_amount"] = self.instance.payload.get("amount")

    def clean(self) -> Any:
        """Write the amount into the payload, and the VAT rate of the day it takes effect."""
        price, version = self.instance, self.instance.product_version
        price.type = PricingType.FIXED
        price.currency = version.company.currency
        if "fixed_amount" in self.cleaned_data:
            price.payload = {"amount": self.cleaned_data["fixed_amount"]}
        if code := self.cleaned_data.get("tax_code"):
            found = rate_in_force(code, version)
            if found is None:
                self.add_error("tax_code", "Ce code TVA n'a pas de taux à la date d'effet.")
            else:
                price.tax_rate = found
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
    fields = ("plan", "fixed_amount", "tax_included", "tax_code", "shown_rate")
    readonly_fields = ("shown_rate",)
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

    @display(description="taux")
    def shown_rate(self, obj: PricingRule) -> Any:
        """Show the rate of the VAT code on the day the version takes effect."""
        return rate(None if obj._state.adding else obj.tax_rate)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Close every field with the version."""
        if obj is not None and not self.has_change_permission(request, obj):
            return self.fields
        return super().get_readonly_fields(request, obj)


class ProductVersionAdmin(VersionSteps, HistoryAdmin):
    """Dated versions of the products."""

    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    list_display = ("shown_name", "version", "shown_state", "effective_from", "effective_to")
    list_filter = ("state", "company", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product",)
    ordering = ("-effective_from", "-id")
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
    actions_detail = ("submit", "release", "withdraw", "duplicate", "roll_back", "compare")
    change_form_outer_before_template = "admin/catalog/productversion/frozen.html"
    fieldsets = (
        (
            "Version",
            {
                "fields": (
                    ("product", "version"),
                    ("shown_state", "breaking_changes"),
                    "effective_from",
                    ("effective_to", "applies_to_inforce"),
                    "notes",
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

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the products of the companies where the user edits the catalogue."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "product":
            return rows.filter(company__in=companies_allowing(request, self.edit_action))
        return rows

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

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Type and show instants in the company's time zone."""
        show = super().changeform_view
        return local_page(
            self._company(request, object_id),
            lambda: show(request, object_id, form_url, extra_context),
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say in which zone the start is typed."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "effective_from":
            field.help_text = f"Heure de {timezone.get_current_timezone_name()}."
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the first of the next month (4-06)."""
        zone = timezone.get_current_timezone_name()
        initial = {"effective_from": next_month_start(now(), zone)}
        return {**initial, **super().get_changeform_initial_data(request)}

    def _company(self, request: HttpRequest, object_id: str | None) -> Company | None:
        """Return the company of the version, or of the product that the form names."""
        if object_id is not None:
            version = self.get_object(request, object_id)
            return None if version is None else version.company
        named = request.POST.get("product") or request.GET.get("product")
        try:
            product = Product.objects.filter(pk=named).select_related("company").first()
        except ValidationError:
            product = None  # no identifier at all: the form says so
        if product is not None:
            company: Company = product.company
            return company
        companies = companies_allowing(request, self.edit_action)
        return Company.objects.get(pk__in=companies) if len(companies) == 1 else None
