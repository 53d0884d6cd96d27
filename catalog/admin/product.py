"""Products (§2.1, Annexe A.2.2)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from catalog.admin.badges import LIFECYCLE, VERSION
from catalog.admin.resources import ProductResource
from catalog.domain.lifecycle import STATUS_LABELS, LifecycleStatus
from catalog.models import Product, ProductVersion
from catalog.selectors.visibility import visible_products
from catalog.services.lifecycle import move_product, possible_moves
from winvest.core.admin.confirm import address, found, step
from winvest.core.admin.display import action, display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.admin.rights import Rights, person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of


class VersionInline(Rights, TabularInline):  # type: ignore[misc]
    """Versions of a product, each with its page."""

    model = ProductVersion
    view_action = Action.CATALOG_VIEW_ALL
    extra = 0
    can_delete = False
    hide_title = True
    ordering = ("-version",)
    fields = readonly_fields = ("link", "shown_state", "effective_from", "effective_to")

    @display(description="version")
    def link(self, obj: ProductVersion) -> Any:
        """Link to the version's own page."""
        url = reverse("admin:catalog_productversion_change", args=[obj.pk])
        return format_html('<a href="{}">Version {}</a>', url, obj.version)

    @display(description="état", label=VERSION)
    def shown_state(self, obj: ProductVersion) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()


class ProductAdmin(RowFilesMixin, HistoryAdmin):
    """Products of the user's companies; sellers see those on sale only."""

    row_resource = ProductResource
    view_action = Action.CATALOG_VIEW
    edit_action = Action.CATALOG_EDIT
    list_display = (
        "shown_name",
        "owner_label",
        "risk",
        "shown_partner",
        "brand",
        "revenue_model",
        "shown_status",
    )
    list_filter = (
        "lifecycle_status",
        "company",
        ("risk", RowFilter),
        ("partner", RowFilter),
        ("brand", RowFilter),
        "revenue_model",
    )
    list_filter_submit = True
    list_select_related = ("company", "risk", "partner", "brand")
    ordering = ("sort_label", "id")
    search_fields = ("sort_label",)
    search_codes = ("sku",)
    autocomplete_fields = ("risk", "partner")
    readonly_fields = ("shown_status", "created_by", "created_at", "updated_at")
    inlines = (VersionInline,)
    actions_detail = ("move",)
    fieldsets = (
        (
            "Identité",
            {
                "fields": (
                    ("company", "brand"),
                    ("sku", "shown_status"),
                    ("name", "short_name"),
                )
            },
        ),
        ("Classement", {"fields": (("risk", "partner"), "revenue_model")}),
        ("Suivi", {"fields": ("created_by", ("created_at", "updated_at"))}),
    )

    @display(description="produit", ordering="sort_label", header=True)
    def shown_name(self, obj: Product) -> tuple[str, str]:
        """Show the name and the SKU."""
        return obj.name, obj.sku

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Product) -> Any:
        """Show the owner with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="partenaire", ordering="partner__name")
    def shown_partner(self, obj: Product) -> str:
        """Show the partner, « Interne » without one (M-15)."""
        return obj.partner.name if obj.partner else "Interne"

    @display(description="statut", ordering="lifecycle_status", label=LIFECYCLE)
    def shown_status(self, obj: Product) -> tuple[str, str]:
        """Show the status with its colour."""
        return obj.lifecycle_status, obj.get_lifecycle_status_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep what is on sale for those who may not see the rest."""
        seen = visible_products(access_of(request.user), at=now())
        return self.readable_rows(request, seen.order_by(*self.ordering))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show the versions to whoever may see drafts."""
        if obj is None or not access_of(request.user).allowed(
            Action.CATALOG_VIEW_ALL, obj.company_id
        ):
            return ()
        return super().get_inlines(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Remember who created the product."""
        if not change:
            obj.created_by = person(request)
        super().save_model(request, obj, form, change)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the button where a status is open to the user."""
        product = self.get_object(request, str(object_id))
        if product is None or not possible_moves(access_of(request.user), product):
            return []
        return list(super().get_actions_detail(request, object_id))

    @action(description="Changer le statut", icon="swap_horiz", url_path="move")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask which of the statuses open to the user, then move the product there."""
        product = found(self, request, object_id)
        moves = possible_moves(access_of(request.user), product)
        if not moves:
            raise PermissionDenied
        wanted = request.POST.get("to", "")
        if request.method == "POST" and wanted not in STATUS_LABELS:
            return HttpResponseRedirect(address(product))
        return step(
            self,
            request,
            product,
            title="Changer le statut",
            question=f"{product} est « {product.get_lifecycle_status_display()} ».",
            choices=[(status.value, STATUS_LABELS[status]) for status in moves],
            done="Statut changé.",
            run=lambda: move_product(
                actor=person(request), product=product, to=LifecycleStatus(wanted)
            ),
        )
