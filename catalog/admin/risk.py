"""Risks (§2.1, M-02): the group's are edited by its administrators."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.widgets import RADIO_CLASSES

from catalog.admin.boxes import CONSTRAINTS, boxes, told
from catalog.admin.family_fields import FamilyFields, fields_in_words
from catalog.admin.resources import RiskResource
from catalog.admin.stories import WORDS
from catalog.choices import RiskIcon
from catalog.models import Risk
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.admin.readable import ReadableInstead
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of


class IconChoice(forms.RadioSelect):
    """The icons themselves, each with its name."""

    template_name = "admin/widgets/icons.html"

    def __init__(self) -> None:
        """Take the look of the theme's choices."""
        super().__init__(attrs={"class": " ".join(RADIO_CLASSES)})


class RiskForm(CheckedModelForm):
    """A family, its rules in boxes and its own fields in rows."""

    icon = forms.ChoiceField(
        label="Icône",
        required=False,
        choices=[("", "Aucune"), *RiskIcon.choices],
        widget=IconChoice,
    )
    constraints = boxes(
        CONSTRAINTS,
        "Contraintes",
        help_text="S'imposent aux produits et versions de la famille et de ses sous-familles.",
    )
    field_schema = FamilyFields(
        label="Champs propres",
        help_text="Demandés sur la fiche des produits de la famille, par l'API et dans les "
        "imports. Valeurs d'une liste : séparées par « ; ».",
    )

    class Meta:
        model = Risk
        exclude = ()

    def clean_icon(self) -> Any:
        """Keep nothing rather than an empty text, as Annexe A does."""
        return self.cleaned_data["icon"] or None


class RiskAdmin(RowFilesMixin, ReadableInstead, HistoryAdmin):
    """Families of products."""

    is_short = True
    form = RiskForm
    readable: ClassVar[dict[str, str | None]] = {
        "icon": "shown_icon",
        "constraints": "shown_constraints",
        "field_schema": "shown_fields",
    }
    row_resource = RiskResource
    view_action = Action.CATALOG_VIEW
    history_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.CATALOG_EDIT
    list_display = ("shown_label", "parent", "shown_scope", "owner_label")
    list_filter = ("is_global", "scope", "company")
    list_select_related = ("company", "parent")
    search_fields = ("sort_label",)
    named_in_log = True
    search_codes = ("code",)
    autocomplete_fields = ("parent",)
    readonly_fields = ("shown_icon", "shown_constraints", "shown_fields")
    history_words = WORDS
    fieldsets = (
        (
            "Famille",
            {"fields": ("company", "is_global", ("label", "code"), ("scope", "parent"), "icon")},
        ),
        ("Règles de la famille", {"fields": ("constraints",)}),
        ("Champs propres à la famille", {"fields": ("field_schema",)}),
    )

    @display(description="libellé", ordering="sort_label")
    def shown_label(self, obj: Risk) -> Any:
        """Show the icon, the label and the code."""
        return format_html(
            '<span class="with-icon">{}<span class="two-lines"><strong>{}</strong>'
            "<span>{}</span></span></span>",
            _icon(obj.icon or ""),
            obj.label,
            obj.code,
        )

    @display(description="clientèle", ordering="scope")
    def shown_scope(self, obj: Risk) -> str:
        """Show to whom the family is sold."""
        return obj.get_scope_display()

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Risk) -> Any:
        """Show the owner, or that the risk is everyone's."""
        if obj.company is None:
            return "Groupe"
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="icône")
    def shown_icon(self, obj: Risk) -> Any:
        """Show the icon with its name."""
        if not obj.icon:
            return EMPTY
        return format_html(
            '<span class="with-icon">{}{}</span>', _icon(obj.icon), obj.get_icon_display()
        )

    @display(description="contraintes")
    def shown_constraints(self, obj: Risk) -> str:
        """Show the rules where they may not be written."""
        return told(CONSTRAINTS, obj.constraints)

    @display(description="champs propres")
    def shown_fields(self, obj: Risk) -> str:
        """Show the fields where they may not be written."""
        return fields_in_words(obj.field_schema)

    def owner(self, obj: Risk) -> UUID | None:
        """Return the company, None for a risk of the group."""
        return obj.company_id

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Leave what is common to the group to its administrators."""
        if field == "is_global":
            return access_of(request.user).allowed(Action.CATALOG_EDIT, None)
        return super().may_write(request, field, obj)


def _icon(name: str) -> Any:
    return format_html('<span class="material-symbols-outlined" aria-hidden="true">{}</span>', name)
