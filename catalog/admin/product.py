"""Products (§2.1, Annexe A.2.2)."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.admin.about import about_product
from catalog.admin.badges import LIFECYCLE
from catalog.admin.boxes import BADGE_STATES, BADGES, boxes
from catalog.admin.code_help import sku_help
from catalog.admin.facets import ProductFacets
from catalog.admin.lifecycle import ProductMoves, TransitionTable
from catalog.admin.mapping import ExternalMappingForm, PlanChoice, plans_of, whole
from catalog.admin.product_filters import PRODUCT_FILTERS
from catalog.admin.resources import ProductResource
from catalog.admin.restore import RestoresVersions
from catalog.admin.stories import WORDS, parts_of_product
from catalog.admin.twins import ProductTwins
from catalog.admin.version_rows import VersionInline
from catalog.domain.badges import BADGE_LABELS, Badge, badges_of
from catalog.models import ExternalMapping, Product, ProductVersion, Risk
from catalog.selectors.badges import with_badge_facts
from catalog.selectors.search import number_found, ordering_of, search_products
from catalog.selectors.visibility import visible_products
from catalog.services.copies import duplicate_product
from catalog.services.products import delete_product, why_kept
from catalog.services.sku import shown_sku, take_sku
from winvest.core.admin.asking import form_step
from winvest.core.admin.base import OwnedTabularInline
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import address, found
from winvest.core.admin.display import action, display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin, HistoryPart
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.admin.listing import CURSOR_VAR
from winvest.core.admin.numbers import as_text
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.rights import person
from winvest.core.admin.schema_fields import SchemaField, object_in_words
from winvest.core.admin.zones import LocalPages
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models.company import Company
from winvest.core.permissions import access_of


class ProductCopyForm(forms.Form):
    """What the copy of a product has of its own."""

    sku = forms.CharField(
        label="Code produit (SKU)",
        max_length=80,
        required=False,
        help_text="Laissé vide : le prochain code de la famille.",
        widget=UnfoldAdminTextInputWidget(),
    )
    name = forms.CharField(
        label="Nom",
        max_length=160,
        required=False,
        help_text="Laissé vide : « … (copie) ».",
        widget=UnfoldAdminTextInputWidget(),
    )


class ProductForm(CheckedModelForm):
    """A product; the fields of its family stand in boxes, which the chosen risk decides."""

    badges = boxes(BADGES, "Badges", flag=BADGE_STATES)
    attributes = SchemaField({}, label="Champs de la famille")

    class Meta:
        model = Product
        exclude = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the boxes of the risk that is chosen, the product's own by default."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("attributes")
        if field is None:
            return
        chosen = self.data.get(self.add_prefix("risk")) if self.is_bound else None
        risk = _risk(chosen) if chosen else self.instance.risk if self.instance.risk_id else None
        if risk is not None:
            field.follow(risk.fields())


class ExternalMappingInline(OwnedTabularInline):
    """How external systems name the product and its plans: never frozen (A.2.2, C.2)."""

    model = ExternalMapping
    form = ExternalMappingForm
    view_action = Action.CATALOG_VIEW
    edit_action = Action.CATALOG_EDIT
    fields = ("system", "external_code", "plan", "integration_status")
    ordering = ("system", "external_code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans with the codes."""
        return super().get_queryset(request).select_related("plan__product_version")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the plans of this product's versions, each with its version."""
        if db_field.name == "plan":
            product = request.resolver_match.kwargs["object_id"] if request.resolver_match else None
            kwargs["form_class"] = PlanChoice
            kwargs["queryset"] = plans_of(product)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return whole(field, "Tout le produit") if db_field.name == "plan" else field


class ProductAdmin(
    ProductFacets,
    RowFilesMixin,
    ProductTwins,
    LocalPages,
    ProductMoves,
    ReadableInstead,
    RestoresVersions,
    HistoryAdmin,
):
    """Products of the user's companies; sellers see those on sale only."""

    form = ProductForm
    readable: ClassVar[dict[str, str | None]] = {
        "badges": "shown_badges",
        "attributes": "shown_attributes",
    }
    row_resource = ProductResource
    view_action = Action.CATALOG_VIEW
    edit_action = Action.CATALOG_EDIT
    history_action = Action.CATALOG_VIEW_ALL
    list_display = (
        "shown_name",
        "owner_label",
        "risk",
        "shown_partner",
        "brand",
        "revenue_model",
        "shown_status",
        "shown_now",
    )
    list_filter = PRODUCT_FILTERS
    list_filter_submit = True
    list_select_related = ("company", "risk", "partner", "brand")
    list_columns = (
        *("name", "sku", "natural_label", "revenue_model", "lifecycle_status"),
        *("company__code", "company__brand_name", "risk__code", "risk__label"),
        *("partner__name", "brand__name", "badges", "created_at"),
    )
    ordering = ("natural_label", "id")
    search_fields = ("sort_label",)
    named_in_log = True
    search_codes = ("sku",)
    autocomplete_fields = ("brand", "risk", "partner")
    readonly_fields = (
        *("shown_status", "shown_badges", "shown_attributes"),
        *("created_by", "created_at", "updated_at"),
    )
    inlines = (VersionInline, ExternalMappingInline, TransitionTable)
    history_words = WORDS
    actions_detail = ("sheet", "move", "freeze", "retire", "cancel", "duplicate")
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
        (
            "Classement",
            {"fields": (("risk", "partner"), ("revenue_model", "carrier"), "unit", "badges")},
        ),
        ("Champs de la famille", {"fields": ("attributes",)}),
        ("Suivi", {"fields": ("created_by", ("created_at", "updated_at"))}),
    )

    @display(description="produit", ordering="natural_label", header=True)
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

    @display(description="badges")
    def shown_now(self, obj: Product) -> str:
        """Show the badges of the day, computed or forced (3.4-07)."""
        found = badges_of(
            obj.badges,
            status=obj.lifecycle_status,
            created_at=obj.created_at,
            at=now(),
            has_promotion=getattr(obj, "has_promotion", False),
            is_pilot=getattr(obj, "is_pilot", False),
        )
        return ", ".join(BADGE_LABELS[badge] for badge in found)

    @display(description="badges")
    def shown_badges(self, obj: Product) -> str:
        """Show what is forced, where it may not be written."""
        names = {"true": "toujours montré", "false": "jamais montré"}
        forced = [
            f"{BADGE_LABELS[Badge(key)]} {names[as_text(on) or 'false']}"
            for key, on in obj.badges.items()
        ]
        return ", ".join(forced) or "Calculés"

    @display(description="champs de la famille")
    def shown_attributes(self, obj: Product) -> str:
        """Show the fields of the family, where they may not be written."""
        return object_in_words(obj.risk.fields(), obj.attributes)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep what is on sale for those who may not see the rest."""
        at = now()
        return with_badge_facts(self._seen(request, at), access_of(request.user), at=at)

    def past_parts(self) -> Sequence[HistoryPart]:
        """Return all that the product and its versions hold, as the sheet's history does."""
        return parts_of_product()

    def _seen(self, request: HttpRequest, at: datetime) -> QuerySet[Any]:
        """Return the products that the user sees, without what their badges ask."""
        seen = visible_products(access_of(request.user), at=at)
        return self.readable_rows(request, seen.order_by(*self.ordering))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as the API does, the most relevant first."""
        if not search_term:
            return queryset, False
        seen, cursor = self._seen(request, now()), request.GET.get(CURSOR_VAR)
        found = search_products(queryset, search_term, seen=seen, cursor=cursor)
        return found.order_by(*ordering_of(found)), False

    def list_ordering(self, request: HttpRequest, rows: QuerySet[Any]) -> Any:
        """Sort what is found by relevance."""
        return ordering_of(rows)

    def known_number(self, changes: Any) -> int | None:
        """Return what the search has counted; a filter leaves fewer of them."""
        return None if changes.has_active_filters else number_found(changes.queryset)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show the versions to whoever may see drafts, the external codes to everybody."""
        if obj is None:
            return ()
        sees = access_of(request.user).allowed(Action.CATALOG_VIEW_ALL, obj.company_id)
        return self.inlines if sees else (ExternalMappingInline,)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave the code of a new product to the sequence of its family (A.5-01)."""
        match = request.resolver_match
        if db_field.name == "sku" and match and (match.url_name or "").endswith("_add"):
            example = sku_help(request.GET.get("company"), request.GET.get("risk"))
            kwargs |= {"required": False, "help_text": example}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Show the next code of the family that the address names (`?risk=`), not yet kept."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        company = Company.objects.filter(pk=initial.get("company")).first()
        risk = Risk.objects.filter(pk=initial.get("risk")).first()
        if company and risk and risk.company_id in (None, company.pk):
            initial.setdefault("sku", shown_sku(company, risk))
        return initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Remember who created the product; give it a code when none was typed."""
        if not change:
            obj.created_by = person(request)
            if not obj.sku:
                obj.sku = take_sku(actor=person(request), company=obj.company, risk=obj.risk)
        super().save_model(request, obj, form, change)

    def why_kept(self, obj: Product) -> str:
        """Keep what is more than a draft, or was published (M-18)."""
        return " ".join(reason.message for reason in why_kept(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the versions that go with a draft."""
        names, numbers, denied, protected = super().get_deleted_objects(objs, request)
        versions = ProductVersion.objects.filter(product__in=objs).order_by("product", "version")
        held = [f"Version {number}" for number in versions.values_list("version", flat=True)]
        return [*names, *held], {**numbers, "versions": len(held)}, denied, protected

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        """Delete the draft with its versions and their parts."""
        delete_product(actor=person(request), product=obj)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the buttons that the product's status and the user's rights open."""
        product = self.get_object(request, str(object_id))
        if product is None:
            return []
        access = access_of(request.user)
        opened = {
            "sheet": True,
            **self.opened_moves(request, product),
            "duplicate": access.allowed_on(Action.CATALOG_EDIT, product, product.company_id),
        }
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        buttons = super().get_actions_detail(request, object_id)
        return [one for one in buttons if opened[one.action_name.removeprefix(prefix)]]

    @action(description="Fiche", icon="description", url_path="sheet")
    def sheet(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the sheet that reads the product whole."""
        return redirect("product-sheet", pk=found(self, request, object_id).pk)

    @action(description="Dupliquer", icon="content_copy", url_path="duplicate")
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a new product with the same content, and show it."""
        product = found(self, request, object_id)
        if not self.allows(request, Action.CATALOG_EDIT, product):
            raise PermissionDenied
        return form_step(
            self,
            request,
            product,
            title="Dupliquer",
            text=f"Un nouveau produit en brouillon, du contenu de « {product} » : version en "
            "vigueur, sinon la dernière. Les codes externes et les publications ne suivent pas.",
            done="Produit créé.",
            form=self._copy_form(),
            follow=address,
            about=about_product(product),
            run=lambda data: duplicate_product(actor=person(request), product=product, **data),
        )

    def _copy_form(self) -> type[ProductCopyForm]:
        """Return the form of a copy, which tells what it looks like while one types (E.3-01)."""
        fields = {box: copy(ProductCopyForm.base_fields[box]) for box in self.typed_boxes}
        for box, field in fields.items():
            field.help_text = format_html("{}{}", field.help_text, self.typed_notices(box))
        return type("CopyForm", (ProductCopyForm,), fields)


def _risk(key: str) -> Risk | None:
    try:
        return Risk.objects.filter(pk=UUID(key)).first()
    except ValueError:
        return None
