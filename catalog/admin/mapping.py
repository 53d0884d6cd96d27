"""External codes of products and plans, looked for by the code (A.2.2, C.2; readings M-08, M-13)."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from catalog.admin.about import about_product
from catalog.admin.found import FoundByProduct
from catalog.admin.resources import ExternalMappingResource
from catalog.choices import IntegrationStatus
from catalog.models import ExternalMapping, ProductPlan
from catalog.services.publication import record_trial
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import found, step
from winvest.core.admin.display import action, display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.domain.roles import Action
from winvest.core.selectors.wording import in_words

STATUSES = {
    IntegrationStatus.NONE: "neutral",
    IntegrationStatus.REQUESTED: "warning",
    IntegrationStatus.API: "success",
    IntegrationStatus.IMPORT: "info",
    IntegrationStatus.INACTIVE: "danger",
}


class PlanChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A plan, told with the number of its version."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the code, the name and the version."""
        return f"{obj} (v{obj.product_version.version})"


def plans_of(product: Any) -> QuerySet[ProductPlan]:
    """Return the plans of a product's versions, the last version first."""
    try:
        key = UUID(str(product))
    except ValueError:
        return ProductPlan.objects.none()
    plans = ProductPlan.objects.filter(product_version__product=key)
    return plans.select_related("product_version").order_by("-product_version__version", "position")


def own_plans(request: HttpRequest) -> QuerySet[ProductPlan]:
    """Return the plans of the version whose page is asked for; none for a new version."""
    key = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
    return ProductPlan.objects.filter(product_version=key) if key else ProductPlan.objects.none()


def whole(field: Any, label: str) -> Any:
    """Return the choice of a plan that may be left out, saying what it then stands for."""
    field.empty_label = label
    return field


class ExternalMappingForm(CheckedModelForm):
    """A code, owned by the company of its product."""

    class Meta:
        model = ExternalMapping
        exclude = ()

    def clean(self) -> Any:
        """Give the code its owner."""
        product = self.cleaned_data.get("product")
        if product and self.instance._state.adding:
            self.instance.company_id = product.company_id
        return super().clean()


class ExternalMappingAdmin(RowFilesMixin, FoundByProduct, HistoryAdmin):
    """Codes of every product; the product's page holds its own."""

    row_resource = ExternalMappingResource

    form = ExternalMappingForm
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    list_display = ("shown_code", "shown_product", "shown_plan", "shown_status")
    list_filter = ("integration_status", "company", ("product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product", "plan__product_version")
    ordering = ("system", "external_code")
    search_codes = ("external_code",)
    autocomplete_fields = ("product",)
    actions_detail = ("sandbox",)
    readonly_fields = ("shown_trial",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("product", "plan"),
                    ("system", "external_code"),
                    "integration_status",
                    "shown_trial",
                )
            },
        ),
    )

    @display(description="code externe", ordering="system", header=True)
    def shown_code(self, obj: ExternalMapping) -> tuple[str, str]:
        """Show the code and the system."""
        return obj.external_code, obj.system

    @display(description="produit", header=True)
    def shown_product(self, obj: ExternalMapping) -> tuple[str, str]:
        """Show the product."""
        return obj.product.name, obj.product.sku

    @display(description="formule")
    def shown_plan(self, obj: ExternalMapping) -> str:
        """Show the plan with its version."""
        return f"{obj.plan} (v{obj.plan.product_version.version})" if obj.plan else EMPTY

    @display(description="intégration", ordering="integration_status", label=STATUSES)
    def shown_status(self, obj: ExternalMapping) -> tuple[str, str]:
        """Show how far the product is linked."""
        return obj.integration_status, obj.get_integration_status_display()

    @display(description="essai en sandbox")
    def shown_trial(self, obj: ExternalMapping) -> str:
        """Show who saw the partner's sandbox answer, and when."""
        if obj.sandbox_passed_at is None:
            return EMPTY
        return f"Réussi le {in_words(None, obj.sandbox_passed_at)} ({obj.sandbox_passed_by})"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show IT the trial of a code by which an API prices the product."""
        row = self.get_object(request, str(object_id))
        by_api = row is not None and row.integration_status == IntegrationStatus.API
        open_to_it = by_api and self.allows(request, Action.INTEGRATION_CONSOLE, row)
        return super().get_actions_detail(request, object_id) if open_to_it else []

    @action(description="Essai en sandbox réussi", icon="science", url_path="sandbox")
    def sandbox(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record that the partner's sandbox answered for the code."""
        row = found(self, request, object_id)
        if not self.allows(request, Action.INTEGRATION_CONSOLE, row):
            raise PermissionDenied
        return step(
            self,
            request,
            row,
            title="Essai en sandbox réussi",
            about=about_product(row.product),
            question=f"Enregistrer que le sandbox de {row.system} a répondu juste pour le code "
            f"« {row.external_code} » ? Un autre code demandera un autre essai.",
            done="Essai enregistré.",
            run=lambda: record_trial(actor=person(request), mapping=row),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the product of an existing code."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "product"] if obj else fixed

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the products where the user edits the catalogue."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "product":
            return rows.filter(company__in=companies_allowing(request, self.edit_action))
        return rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the plans of the product: the code's own, or the one chosen for a new code."""
        if db_field.name == "plan":
            kwargs |= {"form_class": PlanChoice, "queryset": plans_of(_product(request))}
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return whole(field, "Tout le produit") if db_field.name == "plan" else field


def _product(request: HttpRequest) -> Any:
    key = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
    if key:
        return ExternalMapping.objects.filter(pk=key).values_list("product", flat=True).first()
    return request.POST.get("product") or request.GET.get("product")
