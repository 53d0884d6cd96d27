"""Versions with their plans and prices; what was released is only read (decision 4)."""

from typing import Any, ClassVar

from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.admin.badges import VERSION, standing
from catalog.admin.billing import BillingInline, BillingTable, LogisticsInline, LogisticsTable
from catalog.admin.boxes import ELIGIBILITY, GEOGRAPHY, boxes, channels_field, told
from catalog.admin.bundle import ComponentInline, ComponentTable
from catalog.admin.found import FoundByProduct
from catalog.admin.plan import PlanInline, PlanTable
from catalog.admin.pricing import PriceInline, PriceTable, warn_of_inversions
from catalog.admin.quality import CqRuleTable
from catalog.admin.restore import RestoresVersions
from catalog.admin.stories import PARTS_OF_VERSION, WORDS
from catalog.admin.version_steps import STEPS, VersionSteps
from catalog.choices import Channel
from catalog.models import PricingRule, ProductVersion
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.rights import companies_allowing
from winvest.core.admin.zones import LocalPages, local_instant
from winvest.core.clock import now
from winvest.core.domain.periods import next_month_start
from winvest.core.domain.roles import Action


class VersionForm(CheckedModelForm):
    """A version, with its channels ticked, its area and its conditions in boxes."""

    channels = channels_field(required=False, help_text="Aucun : tous les canaux.")
    geography = boxes(GEOGRAPHY, "Périmètre géographique", help_text="Vide : partout.")
    eligibility = boxes(
        ELIGIBILITY, "Éligibilité", help_text="Vide : tous les clients de la famille de risques."
    )

    class Meta:
        model = ProductVersion
        exclude = ()


class ProductVersionAdmin(
    FoundByProduct, LocalPages, VersionSteps, ReadableInstead, RestoresVersions, HistoryAdmin
):
    """Dated versions of the products."""

    form = VersionForm
    readable: ClassVar[dict[str, str | None]] = {
        "channels": "shown_channels",
        "geography": "shown_geography",
        "eligibility": "shown_eligibility",
    }
    zone_field = "product"
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    list_display = ("shown_name", "version", "shown_state", "shown_start", "shown_end")
    shown_start = local_instant("effective_from", "date d'effet")
    shown_end = local_instant("effective_to", "fin d'effet (exclue)")
    list_filter = ("state", "company", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "company")
    list_columns = (
        *("version", "state", "effective_from", "effective_to"),
        *("product__name", "product__sku", "company__timezone"),
    )
    ordering = ("-effective_from", "-id")
    autocomplete_fields = ("product",)
    readonly_fields = (
        "version",
        "shown_state",
        "effective_to",
        "released_at",
        "released_by",
        "release_reason",
        "content_hash",
        "shown_channels",
        "shown_geography",
        "shown_eligibility",
        "shown_approval",
    )
    # The forms of the parts, and the tables that take their place where nothing may be written.
    parts = (
        (PlanInline, PlanTable),
        (PriceInline, PriceTable),
        (ComponentInline, ComponentTable),
        (BillingInline, BillingTable),
        (LogisticsInline, LogisticsTable),
    )
    history_parts = PARTS_OF_VERSION
    history_words = WORDS
    actions_detail = tuple(STEPS)
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
        ("Diffusion", {"fields": ("channels", "geography")}),
        ("Conditions du client", {"fields": ("eligibility",)}),
        ("Approbations", {"fields": ("shown_approval",)}),
        (
            "Mise en production",
            {
                "classes": ("collapse",),
                "fields": (
                    ("released_at", "released_by"),
                    ("release_reason", "content_hash"),
                ),
            },
        ),
    )

    @display(description="produit", ordering="product__natural_label", header=True)
    def shown_name(self, obj: ProductVersion) -> tuple[str, str]:
        """Show the product."""
        return obj.product.name, obj.product.sku

    @display(description="état", ordering="state", label=VERSION)
    def shown_state(self, obj: ProductVersion) -> tuple[str, str]:
        """Show the state, and for a released version its place in time, with its colour."""
        return standing(obj)

    @display(description="canaux autorisés")
    def shown_channels(self, obj: ProductVersion) -> str:
        """Show the channels where they may not be written."""
        return ", ".join(Channel(one).label for one in obj.channels) or "Tous"

    @display(description="périmètre géographique")
    def shown_geography(self, obj: ProductVersion) -> str:
        """Show the area where it may not be written."""
        return told(GEOGRAPHY, obj.geography) if obj.geography else "Partout"

    @display(description="éligibilité")
    def shown_eligibility(self, obj: ProductVersion) -> str:
        """Show the conditions where they may not be written."""
        return told(ELIGIBILITY, obj.eligibility) if obj.eligibility else "Tous les clients"

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
        if obj is None:
            return ()
        parts = [
            form if form(self.model, self.admin_site).has_change_permission(request, obj) else table
            for form, table in self.parts
        ]
        return [*parts, CqRuleTable]

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> Any:
        """Offer a quality rule to whoever may add one to this version."""
        obj = options.get("obj")
        if obj is not None and not self.is_frozen(obj):
            context["may_add_rule"] = self.allows(request, Action.CQ_EDIT, obj)
        return super().render_change_form(request, context, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new version its owner and the product's next number."""
        if not change:
            obj.company_id = obj.product.company_id
            last = ProductVersion.objects.filter(product=obj.product).aggregate(n=Max("version"))
            obj.version = (last["n"] or 0) + 1
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Save the rows below, and tell where a grid makes more units cheaper than fewer."""
        super().save_formset(request, form, formset, change)
        if formset.model is PricingRule:
            changed = [row for row, _ in formset.changed_objects]
            warn_of_inversions(request, [*formset.new_objects, *changed])

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the first of the next month (4-06)."""
        zone = timezone.get_current_timezone_name()
        initial = {"effective_from": next_month_start(now(), zone)}
        return {**initial, **super().get_changeform_initial_data(request)}
