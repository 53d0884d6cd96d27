"""Commission schemes of the versions, with their tiers (§2.1, §3.3; readings K-01 to K-10)."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from catalog.admin.found import FoundByProduct
from catalog.models import ProductPlan
from commissions.admin.stories import WORDS, value_told
from commissions.choices import Direction, SplitKey
from commissions.models import CommissionScheme, CommissionTier
from commissions.selectors.wording import case_told, split_told
from commissions.services.simulate import failing_cases
from commissions.services.tiers import check_tiers
from winvest.core.admin.base import OwnedFormSet, OwnedTabularInline
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin, HistoryPart
from winvest.core.admin.notices import Notices
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.records import RecordsField
from winvest.core.admin.rights import companies_allowing
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason
from winvest.core.models import Company
from winvest.core.selectors.wording import in_words

DIRECTIONS = {Direction.INBOUND: "success", Direction.OUTBOUND: "info"}
SHARES = {f"share_{key.value}": key for key in SplitKey}
HUNDRED = Decimal(100)
MAX_CASES = 20
CASE = {
    "name": "libellé",
    "volume": "ventes",
    "revenue": "assiette",
    "margin": "marge",
    "month_rank": "mois depuis la vente",
    "expected": "commission attendue",
    **{key.value: f"part {key.label.lower()}" for key in SplitKey},
}


def _share(key: SplitKey) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{key.label} (%)",
        required=False,
        min_value=Decimal(0),
        max_value=HUNDRED,
        max_digits=7,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


class SchemeForm(CheckedModelForm):
    """A scheme whose split is typed as one percentage for each beneficiary."""

    share_company = _share(SplitKey.COMPANY)
    share_commercial = _share(SplitKey.COMMERCIAL)
    share_manager = _share(SplitKey.MANAGER)
    share_partner = _share(SplitKey.PARTNER)
    share_platform = _share(SplitKey.PLATFORM)

    test_cases = RecordsField(
        label="Cas d'essai",
        parts=CASE,
        needed=("name", "volume", "revenue", "expected"),
        numbers=[part for part in CASE if part != "name"],
        limit=MAX_CASES,
        help_text="Recalculés à chaque changement ; un cas en échec bloque la publication.",
    )

    class Meta:
        model = CommissionScheme
        exclude = ("split",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the percentages out of the split."""
        super().__init__(*args, **kwargs)
        split = self.instance.split or {}
        for name, key in SHARES.items():
            if name in self.fields and key in split:
                self.initial[name] = (Decimal(split[key]) * HUNDRED).normalize() + 0

    def clean(self) -> Any:
        """Write the percentages into the split; the model says what is wrong with it."""
        given = {key: self.cleaned_data.get(name) for name, key in SHARES.items()}
        if set(SHARES) <= set(self.fields) and not set(SHARES) & set(self.errors):
            self.instance.split = {
                key.value: share / HUNDRED for key, share in given.items() if share
            }
        version = self.cleaned_data.get("product_version")
        if version is not None:
            self.instance.company_id = version.company_id
        return super().clean()


class TierFormSet(OwnedFormSet):
    """Tiers of one scheme, checked together."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        if form.instance.product_version_id is None:
            form.instance.product_version_id = self.instance.product_version_id
        return form

    def clean(self) -> None:
        """Refuse gaps, overlaps and mixed bases."""
        super().clean()
        if any(self.errors):
            return
        kept = [
            form.instance
            for form in self.forms
            if form.has_changed() or (form.instance.pk and not form.instance._state.adding)
        ]
        deleted = {form.instance.pk for form in self.deleted_forms}
        tiers = [tier for tier in kept if tier.pk not in deleted]
        reasons = check_tiers(tiers, mode=self.instance.tier_mode)
        if reasons:
            raise forms.ValidationError(list(dict.fromkeys(reason.message for reason in reasons)))


class FrozenWithVersion:
    """Mixin of pages whose rows are closed with their version."""

    def is_frozen(self, obj: Any) -> bool:
        """Whether the version was released (decision 4)."""
        return obj.product_version.released_at is not None


class TierInline(FrozenWithVersion, OwnedTabularInline):
    """Tiers of the scheme."""

    model = CommissionTier
    formset = TierFormSet
    view_action = Action.COMMISSION_VIEW
    edit_action = Action.COMMISSION_EDIT
    fields = ("basis", "min", "max", "value_type", "value", "month_from", "month_to")
    ordering = ("month_from", "min")

    @display(description="de – à")
    def shown_range(self, obj: CommissionTier) -> str:
        """Show the bounds without useless zeros."""
        return f"{_number(obj.min)} – {_number(obj.max)}"

    @display(description="valeur")
    def shown_value(self, obj: CommissionTier) -> str:
        """Show the percentage, or the amount per sale."""
        return _value(obj, obj.company.currency)

    @display(description="mois")
    def shown_months(self, obj: CommissionTier) -> str:
        """Show the months to which the tier is limited."""
        return f"M{obj.month_from} – M{obj.month_to or '…'}" if obj.month_from else EMPTY

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show texts in place of the fields that may not be written."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("basis", "shown_range", "shown_value", "shown_months")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Close what is only shown."""
        return [name for name in self.get_fields(request, obj) if name.startswith("shown_")]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the scheme may change."""
        return self.has_change_permission(request, obj)


class CommissionSchemeAdmin(
    Notices, FoundByProduct, FrozenWithVersion, ReadableInstead, HistoryAdmin
):
    """Schemes of the versions; closed once the version is released."""

    form = SchemeForm
    view_action = Action.COMMISSION_VIEW
    edit_action = Action.COMMISSION_EDIT
    list_display = (
        "product",
        "owner_label",
        "shown_direction",
        "applies_to",
        "shown_scope",
        "shown_tiers",
        "shown_split",
    )
    list_filter = ("direction", "applies_to", "company", "channel")
    ordering = ("-id",)
    list_select_related = ("product_version__product", "company", "plan", "seller", "partner")
    product_path = "product_version__product"
    autocomplete_fields = ("product_version", "partner")
    inlines = (TierInline,)
    history_parts = (
        HistoryPart(CommissionTier, "scheme", lambda tier: f"à partir de {_number(tier.min)}"),
    )
    history_words = WORDS
    readonly_fields = ("shown_cases",)
    readable: ClassVar[dict[str, str | None]] = {"test_cases": "shown_cases"}
    change_form_outer_before_template = "admin/commissions/commissionscheme/frozen.html"
    fieldsets = (
        (
            "Portée",
            {
                "fields": (
                    "product_version",
                    ("direction", "applies_to"),
                    ("plan", "channel"),
                    ("seller", "partner"),
                    ("valid_from", "valid_to"),
                    "name",
                )
            },
        ),
        (
            "Répartition",
            {
                "fields": (
                    ("share_company", "share_commercial"),
                    ("share_manager", "share_partner"),
                    "share_platform",
                )
            },
        ),
        (
            "Calcul",
            {
                "fields": (
                    ("base", "tier_mode"),
                    ("counting_scope", "counting_period"),
                    ("min_amount", "max_amount"),
                    ("bonus", "malus"),
                )
            },
        ),
        (
            "Règlement",
            {
                "fields": (
                    ("settlement", "trigger"),
                    ("offset_months", "offset_day"),
                    ("mode", "flow"),
                )
            },
        ),
        (
            "Avance et reprise",
            {
                "fields": (
                    ("advance_months", "advance_percent"),
                    ("clawback_months", "earned_basis"),
                    "recognition",
                )
            },
        ),
        ("Essais", {"fields": ("test_cases",)}),
    )

    @display(description="produit", ordering="product_version__product__natural_label", header=True)
    def product(self, obj: CommissionScheme) -> tuple[str, str]:
        """Show the product and the version."""
        product = obj.product_version.product
        return product.name, f"{product.sku} v{obj.product_version.version}"

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: CommissionScheme) -> Any:
        """Show the owner with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="sens", ordering="direction", label=DIRECTIONS)
    def shown_direction(self, obj: CommissionScheme) -> tuple[str, str]:
        """Show who pays."""
        return obj.direction, obj.get_direction_display()

    @display(description="portée")
    def shown_scope(self, obj: CommissionScheme) -> str:
        """Show the axes that narrow the scheme."""
        axes = [
            obj.plan.code if obj.plan else "",
            obj.get_channel_display() if obj.channel else "",
            obj.seller.code if obj.seller else "",
            obj.partner.name if obj.partner else "",
        ]
        return ", ".join(axis for axis in axes if axis) or "Toutes les ventes"

    @display(description="paliers")
    def shown_tiers(self, obj: CommissionScheme) -> str:
        """Show the rates of the tiers, from the first to the last."""
        return " / ".join(_value(tier, obj.company.currency) for tier in obj.tiers.all())

    @display(description="cas d'essai")
    def shown_cases(self, obj: CommissionScheme) -> str:
        """Show the cases in words, one a line."""
        lines = [case_told(case, obj.company.currency) for case in obj.test_cases]
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines)) or EMPTY

    def notices(self, request: HttpRequest, obj: Any) -> list[Reason]:
        """Return the test cases that fail, whoever looks."""
        rows = CommissionScheme.objects.filter(pk=obj.pk).select_related("company")
        return [reason for _, reason in failing_cases(rows.prefetch_related("tiers"))]

    @display(description="répartition")
    def shown_split(self, obj: CommissionScheme) -> str:
        """Show the shares in percent."""
        return split_told(obj.split)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the tiers of a page of schemes at once."""
        return super().get_queryset(request).prefetch_related("tiers")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the split as a text where it may not be written."""
        groups = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return groups
        return [
            (title, {"fields": ("shown_split",)} if title == "Répartition" else options)
            for title, options in groups
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the version of an existing scheme."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "product_version"] if obj else fixed

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the open versions where the user edits, their plans, and the sellers in scope."""
        if db_field.name == "seller":
            return Company.objects.all()
        rows = super().choices_of(db_field, request)
        companies = companies_allowing(request, Action.COMMISSION_EDIT)
        if db_field.name == "product_version":
            return rows.filter(company__in=companies, released_at__isnull=True)
        if db_field.name == "plan":
            return _plans(request)
        return rows

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give the scheme the owner of its version."""
        obj.company_id = obj.product_version.company_id
        super().save_model(request, obj, form, change)


def _plans(request: HttpRequest) -> QuerySet[ProductPlan]:
    """Return the plans of the scheme's version, or of the one chosen for a new scheme."""
    key = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
    if key:
        versions = CommissionScheme.objects.filter(pk=key).values("product_version")
        return ProductPlan.objects.filter(product_version__in=versions)
    chosen = request.POST.get("product_version") or request.GET.get("product_version") or ""
    try:
        return ProductPlan.objects.filter(product_version=UUID(chosen))
    except ValueError:
        return ProductPlan.objects.none()


def _number(value: Decimal | None) -> str:
    return "…" if value is None else in_words(None, value)


def _value(tier: CommissionTier, currency: str) -> str:
    return value_told(tier.value_type, tier.value, currency)
