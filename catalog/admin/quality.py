"""What ADV and quality control ask for when a version is sold (§3.6): their own page (`cq.edit`)."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from catalog.admin.boxes import ticks
from catalog.admin.found import FoundByProduct
from catalog.admin.frozen import FrozenTable
from catalog.choices import RequiredField, RuleSet
from catalog.models import CqRule
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.filters import RowFilter
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.rights import companies_allowing
from winvest.core.domain.roles import Action


class CqRuleForm(CheckedModelForm):
    """A rule, its documents and its sets of checks ticked."""

    required_fields = ticks("Champs et pièces exigés", RequiredField.choices, required=False)
    rule_sets = ticks("Jeux de règles", RuleSet.choices, required=False)

    class Meta:
        model = CqRule
        exclude = ()

    def clean(self) -> Any:
        """Give the rule the owner of its version."""
        if version := self.cleaned_data.get("product_version"):
            self.instance.company_id = version.company_id
        return super().clean()


class CqRuleAdmin(FoundByProduct, ReadableInstead, HistoryAdmin):
    """Rules of the versions; closed once the version is released (decision 4)."""

    form = CqRuleForm
    readable: ClassVar[dict[str, str | None]] = {
        "required_fields": "shown_fields",
        "rule_sets": "shown_sets",
    }
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CQ_EDIT
    list_display = ("product", "owner_label", "shown_fields", "shown_sets")
    list_filter = ("company", ("product_version__product", RowFilter))
    list_filter_submit = True
    list_select_related = ("product_version__product", "company")
    ordering = ("-id",)
    product_path = "product_version__product"
    autocomplete_fields = ("product_version",)
    readonly_fields: ClassVar[tuple[str, ...]] = ("shown_fields", "shown_sets")
    change_form_outer_before_template = "admin/catalog/cqrule/frozen.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "product_version",
                    "required_fields",
                    "rule_sets",
                    "call_script_id",
                    "notes",
                )
            },
        ),
    )

    @display(description="produit", ordering="product_version__product__natural_label", header=True)
    def product(self, obj: CqRule) -> tuple[str, str]:
        """Show the product and the version."""
        product = obj.product_version.product
        return product.name, f"{product.sku} v{obj.product_version.version}"

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: CqRule) -> Any:
        """Show the owner with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="champs et pièces exigés")
    def shown_fields(self, obj: CqRule) -> str:
        """Show what is asked for, in words."""
        return fields_in_words(obj)

    @display(description="jeux de règles")
    def shown_sets(self, obj: CqRule) -> str:
        """Show the sets of checks, in words."""
        return sets_in_words(obj)

    def is_frozen(self, obj: Any) -> bool:
        """Whether the version was released."""
        return obj.product_version.released_at is not None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the version of an existing rule."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "product_version"] if obj else fixed

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the open versions of the companies where the user keeps the rules."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "product_version":
            companies = companies_allowing(request, self.edit_action)
            return rows.filter(company__in=companies, released_at__isnull=True)
        return rows

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give the rule the owner of its version."""
        obj.company_id = obj.product_version.company_id
        super().save_model(request, obj, form, change)


class CqRuleTable(FrozenTable):
    """Rules of a version, each with its page, where whoever has the right writes it."""

    model = CqRule
    edit_action = Action.CQ_EDIT
    template_after = "admin/catalog/cqrule/below_version.html"
    fields = ("link", "shown_fields", "shown_sets", "notes")
    ordering = ("id",)

    @display(description="règle")
    def link(self, obj: CqRule) -> Any:
        """Link to the rule's own page."""
        url = reverse("admin:catalog_cqrule_change", args=[obj.pk])
        return format_html('<a href="{}">Ouvrir</a>', url)

    @display(description="champs et pièces exigés")
    def shown_fields(self, obj: CqRule) -> str:
        """Show what is asked for, in words."""
        return fields_in_words(obj)

    @display(description="jeux de règles")
    def shown_sets(self, obj: CqRule) -> str:
        """Show the sets of checks, in words."""
        return sets_in_words(obj)


def fields_in_words(rule: CqRule) -> str:
    """Return the fields and documents that a rule asks for."""
    return ", ".join(RequiredField(code).label for code in rule.required_fields) or EMPTY


def sets_in_words(rule: CqRule) -> str:
    """Return the sets of checks of a rule."""
    return ", ".join(RuleSet(code).label for code in rule.rule_sets) or EMPTY
