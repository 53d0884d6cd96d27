"""Negotiated prices: a client's or a contract's own (1-12)."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.found import FoundByProduct
from catalog.admin.pricing import OWN_FIELDS, PayloadForm, warn_of_inversions
from catalog.admin.promotion import STATES
from catalog.admin.stories import WORDS
from catalog.domain.negotiated import NegotiatedProblem
from catalog.models import NegotiatedPrice
from catalog.selectors.wording import price_in_words
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.rights import companies_allowing
from winvest.core.admin.zones import LocalPages, local_instant
from winvest.core.clock import now
from winvest.core.domain.roles import Action

# What changes no more once the price has begun.
FIXED_ONCE_STARTED = {
    *("product", "plan_code", "client_ref", "contract_ref", "type", "tier_mode"),
    *("tax_included", "start_at", *OWN_FIELDS),
}


class NegotiatedPriceForm(PayloadForm):
    """A negotiated price, of any type."""

    class Meta:
        model = NegotiatedPrice
        exclude = ("payload", "company")

    def clean(self) -> Any:
        """Take the owner from the product."""
        cleaned = super().clean()
        product = self.cleaned_data.get("product")
        if product is not None:
            self.instance.company_id = product.company_id
        return cleaned


class NegotiatedPriceAdmin(FoundByProduct, LocalPages, ReadableInstead, HistoryAdmin):
    """Prices of a client or a contract."""

    form = NegotiatedPriceForm
    zone_field = "product"
    readable: ClassVar[dict[str, str | None]] = {
        **dict.fromkeys(OWN_FIELDS),
        "fixed_amount": "shown_price",
    }
    history_words = WORDS
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PRICING_EDIT
    list_display = (
        "shown_product",
        "for_whom",
        "shown_price",
        "shown_state",
        "shown_start",
        "shown_end",
    )
    shown_start = local_instant("start_at", "début")
    shown_end = local_instant("end_at", "fin (exclue)")
    list_filter = ("company", "type", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "company")
    ordering = ("-start_at", "-id")
    autocomplete_fields = ("product",)
    readonly_fields = ("shown_price",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("product", "plan_code"),
                    ("client_ref", "contract_ref"),
                    "start_at",
                    "end_at",
                    "note",
                )
            },
        ),
        ("Prix", {"fields": (("type", "tax_included"),)}),
        (None, {"classes": ("price-fixed",), "fields": ("fixed_amount",)}),
        (None, {"classes": ("price-usage",), "fields": (("unit_price", "unit"), "min_charge")}),
        (None, {"classes": ("price-indexed",), "fields": ("index", "formula")}),
        (None, {"classes": ("price-tiered",), "fields": ("tier_mode", "tiers")}),
    )

    @display(description="produit", header=True)
    def shown_product(self, obj: NegotiatedPrice) -> tuple[str, str]:
        """Show the product and the plan."""
        return obj.product.name, " ".join(filter(None, (obj.product.sku, obj.plan_code)))

    @display(description="pour")
    def for_whom(self, obj: NegotiatedPrice) -> str:
        """Show the client or the contract."""
        if obj.contract_ref is not None:
            return f"Contrat {obj.contract_ref}"
        return f"Client {obj.client_ref}"

    @display(description="prix")
    def shown_price(self, obj: NegotiatedPrice) -> str:
        """Show the price in words."""
        told = price_in_words(obj.type, obj.tier_mode, obj.payload, obj.company.currency)
        return f"{told} {'TTC' if obj.tax_included else 'HT'}"

    @display(description="état", label=STATES)
    def shown_state(self, obj: NegotiatedPrice) -> tuple[str, str]:
        """Show whether it runs."""
        at = now()
        if at < obj.start_at:
            return "planned", "À venir"
        if obj.end_at is not None and obj.end_at <= at:
            return "ended", "Terminé"
        return "running", "En cours"

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the products of the companies where the user sets prices."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "product":
            return rows.filter(company__in=companies_allowing(request, Action.PRICING_EDIT))
        return rows

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Close what a price that has begun keeps."""
        if obj is not None and field in FIXED_ONCE_STARTED and obj.start_at <= now():
            return False
        return super().may_write(request, field, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save, and tell where a grid makes more units cheaper than fewer."""
        super().save_model(request, obj, form, change)
        warn_of_inversions(request, [obj])

    def why_kept(self, obj: NegotiatedPrice) -> str:
        """Keep what has been applied: it ends."""
        return "" if obj.start_at > now() else NegotiatedProblem.KEPT.message
