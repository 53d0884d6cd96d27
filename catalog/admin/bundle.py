"""Components of a bundle, below the version that sells it (§1, 1-10; reading P-01)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.frozen import ClosedWithVersion, FrozenTable
from catalog.admin.mapping import own_plans
from catalog.models import BundleComponent
from winvest.core.admin.base import OwnedTabularInline
from winvest.core.domain.roles import Action

COLUMNS = ("plan", "product", "plan_code", "quantity", "position")


class ComponentInline(ClosedWithVersion, OwnedTabularInline):
    """Products that a plan of the version puts together, while the version is open."""

    model = BundleComponent
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    fields = COLUMNS
    autocomplete_fields = ("product",)
    ordering = ("plan__position", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans and products with the components."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("plan", "product")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the plans of this version that are bundles."""
        if db_field.name == "plan":
            kwargs["queryset"] = own_plans(request).exclude(bundle_kind="")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ComponentTable(FrozenTable):
    """The same components where they may not be written."""

    model = BundleComponent
    edit_action = Action.CATALOG_EDIT
    fields = COLUMNS
    ordering = ("plan__position", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans and products with the components."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("plan", "product")
