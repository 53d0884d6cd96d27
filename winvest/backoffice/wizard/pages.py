"""The forms of the wizard's steps: those of the usual pages, in the wizard's frame."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from catalog.admin.boxes import channels_field
from catalog.admin.bundle import ComponentInline
from catalog.admin.code_help import sku_help
from catalog.admin.plan import PlanInline
from catalog.admin.pricing import PriceInline
from catalog.admin.product import ProductAdmin, ProductForm
from catalog.admin.version import ProductVersionAdmin
from catalog.choices import LifecycleStatus
from catalog.services.copies import proposed_start
from catalog.services.versions import create_version
from commissions.admin.scheme import CommissionSchemeAdmin
from winvest.backoffice.wizard.effect import late_start
from winvest.core.admin.fields import LocalInstantField
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.services.rows import change_row

FOLDED = ("Règlement", "Avance et reprise")


class StepPage:
    """Mixin of a page shown as a step: no buttons of its own, no history, and another way out."""

    change_form_template = "admin/wizard/form.html"
    add_form_template = "admin/wizard/form.html"
    change_form_outer_before_template: Any = None
    warn_unsaved_form = False
    has_history = False
    # What the step asks for: groups of boxes, and rows below them.
    groups: ClassVar[Any] = ()
    rows: ClassVar[tuple[Any, ...]] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the groups of the step."""
        return self.groups

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the rows of the step."""
        return self.rows

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer none: the frame has its own."""
        return []

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Show again what was kept, without writing it."""
        form: Any = super().get_form(request, obj, **options)  # type: ignore[misc]
        if not getattr(request, "shown_again", False):
            return form
        return type(form.__name__, (form,), {"is_valid": _never_valid})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Go where the frame says."""
        return self._out(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        """Go where the frame says."""
        return self._out(request, obj)

    def _out(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return request.accepted(obj)  # type: ignore[attr-defined,no-any-return]


def _never_valid(form: Any) -> bool:
    """Fill the errors in, and say no."""
    form.full_clean()
    return False


class GeneralForm(ProductForm):
    """A product, and what its version says of where and when it may be sold."""

    channels = channels_field(required=False, help_text="Aucun : tous les canaux.")
    effective_from = LocalInstantField(
        label="Date d'effet prévue", widget=UnfoldAdminSplitDateTimeWidget()
    )


SALE = ("Diffusion", {"fields": ("channels", "effective_from")})


class GeneralStep(StepPage, ProductAdmin):
    """Step 1: who the product is, its company, risk, channels and way of earning (3.1-02)."""

    form = GeneralForm
    groups = (
        (
            "Identité",
            {"fields": (("company", "brand"), ("risk", "partner"), ("name", "short_name"), "sku")},
        ),
        ("Classement", {"fields": (("revenue_model", "carrier"), "unit")}),
        SALE,
        ("Champs de la famille", {"fields": ("attributes",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask of a later version what is its own: its product stands on its own page."""
        return [SALE] if is_later(_draft(request)) else self.groups

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the company of the draft alone, and leave the code to its family's sequence."""
        if db_field.name == "sku":
            version = _draft(request).product_version
            risk = version.product.risk_id if version else request.GET.get("risk")
            example = sku_help(_draft(request).company_id, risk)
            kwargs |= {"required": False, "help_text": example}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "company" and field is not None:
            field.queryset = field.queryset.filter(pk=_draft(request).company_id)
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Begin by what the version says, or by the next useful date."""
        form = super().get_form(request, obj, **options)
        version = _draft(request).product_version
        company = _draft(request).company
        form.base_fields["channels"].initial = version.channels if version else []
        start = version.effective_from if version else proposed_start(company)
        form.base_fields["effective_from"].initial = start
        told = late_start(start, company) if version else ""
        form.base_fields["effective_from"].help_text = told
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the draft's company."""
        return super().get_changeform_initial_data(request) | {
            "company": _draft(request).company_id
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Leave the product of a later version as it is: nothing is asked of it."""
        if not is_later(_draft(request)):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Make the first version, or change the one being prepared."""
        super().save_related(request, form, formsets, change)
        draft = _draft(request)
        columns = {name: form.cleaned_data[name] for name in ("channels", "effective_from")}
        if draft.product_version is None:
            request.version = create_version(  # type: ignore[attr-defined]
                actor=person(request), product=form.instance, **columns
            )
        else:
            change_row(
                actor=person(request),
                row=draft.product_version,
                changes=columns,
                action=Action.CATALOG_EDIT,
            )
        if told := late_start(columns["effective_from"], draft.company):
            messages.warning(request, told)


class PricingStep(StepPage, ProductVersionAdmin):
    """Step 2: plans, prices, taxes, options (3.1-03)."""

    groups = (("Formules et prix", {"fields": ("notes",)}),)
    rows = (PlanInline, PriceInline, ComponentInline)


class BundlePlanInline(PlanInline):
    """The plans that are bundles: how each makes its price of its components."""

    fields: Any = (
        ("code", "name", "recurrence"),
        ("bundle_kind", "bundle_value"),
        "bundle_tax_included",
    )
    verbose_name, verbose_name_plural = "bundle", "bundles"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out the plans with prices of their own."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.exclude(bundle_kind="")


class BundleStep(StepPage, ProductVersionAdmin):
    """Step 2 for what is sold as one: the bundles of the version, then their components (P-01)."""

    groups = ()
    rows = (BundlePlanInline, ComponentInline)


class CommissionStep(StepPage, CommissionSchemeAdmin):
    """Step 3: one scheme at a time, with its tiers and its split (3.1-04)."""

    # What most schemes leave as it is stays folded.
    groups = tuple(
        (title, {**options, "classes": ["collapse"] if title in FOLDED else []})
        for title, options in CommissionSchemeAdmin.fieldsets
        if title != "Essais"
    )
    rows = CommissionSchemeAdmin.inlines

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the version that is prepared, and its plans."""
        rows = super().choices_of(db_field, request)
        version = _draft(request).product_version_id
        if db_field.name == "product_version":
            return rows.filter(pk=version)
        return rows.filter(product_version=version) if db_field.name == "plan" else rows

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the version that is prepared."""
        return super().get_changeform_initial_data(request) | {
            "product_version": _draft(request).product_version_id
        }


def is_later(draft: Any) -> bool:
    """Whether the draft prepares a version of a product that has left its own draft.

    What is written of the product would count at once, for what is on sale too.
    """
    version = draft.product_version
    return version is not None and version.product.lifecycle_status != LifecycleStatus.DRAFT


def _draft(request: HttpRequest) -> Any:
    return request.draft  # type: ignore[attr-defined]
