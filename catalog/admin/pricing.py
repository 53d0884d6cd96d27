"""Prices below a version: every type in one form, read in words once the version is released."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.admin.frozen import FrozenStack, FrozenTable
from catalog.admin.mapping import own_plans, whole
from catalog.admin.pricing_models import BUNDLE_FIELDS, SixTypes, comes_again, told_type
from catalog.choices import PriceIndex, PricingModel, PricingType, TierBase
from catalog.domain.tiers import inversion_warnings
from catalog.models import PricingRule
from catalog.models.pricing import moved_rates, rate_in_force
from catalog.selectors.wording import price_in_words
from winvest.core.admin.base import OwnedFormSet
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import rate
from winvest.core.admin.records import RecordsField
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason

MAX_TIERS = 100
NO_TIER = "Donnez au moins un palier."
# The fields of each type, the first of which shows what its schema refuses as a whole.
PARTS: dict[str, dict[str, str]] = {
    PricingType.FIXED: {"fixed_amount": "amount"},
    PricingType.USAGE: {"unit_price": "unit_price", "unit": "unit", "min_charge": "min_charge"},
    PricingType.INDEXED: {"formula": "formula", "index": "index"},
    PricingType.TIERED: {"tiers": "", "tier_mode": ""},
    PricingModel.RECURRING: {"fixed_amount": "amount"},
    PricingModel.BUNDLE: BUNDLE_FIELDS,
}
OWN_FIELDS = {name for parts in PARTS.values() for name in parts}


def _amount(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=4,
        help_text=help_text,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


class PayloadForm(CheckedModelForm):
    """A price of any type: what is typed for the chosen type becomes its payload.

    What stands in the boxes of another type, which the page hides, is left out.
    """

    fixed_amount = _amount("Montant par unité")
    unit = forms.CharField(
        label="Unité consommée",
        required=False,
        max_length=20,
        help_text="Par exemple kWh, Go, min.",
        widget=UnfoldAdminTextInputWidget(),
    )
    unit_price = _amount("Prix de l'unité")
    min_charge = _amount("Minimum facturé")
    index = forms.ChoiceField(
        label="Indice",
        required=False,
        choices=[("", "—"), *PriceIndex.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    formula = forms.CharField(
        label="Formule par unité",
        required=False,
        max_length=500,
        help_text="Nombres, + - * /, parenthèses, min, max, round, et les noms index, base "
        "(un paramètre de la formule tarifaire) et quantity. Exemple : base * index / 100",
        widget=UnfoldAdminTextInputWidget(),
    )
    tiers = RecordsField(
        label="Paliers",
        parts={"min": "de", "max": "à", "amount": "montant", "base": "le montant est"},
        needed=("min", "amount"),
        numbers=("min", "max", "amount"),
        choices={"base": TierBase.choices},
        limit=MAX_TIERS,
        help_text="Le premier palier commence à 0, chacun suit le précédent sans trou, le dernier "
        "n'a pas de fin.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the boxes of the type out of the payload."""
        super().__init__(*args, **kwargs)
        if "tier_mode" in self.fields:
            self.fields["tier_mode"].help_text = "Palier entier ou par tranche : toujours choisi."
        payload = self.instance.payload
        if self.instance.type == PricingType.TIERED:
            self.initial["tiers"] = payload
        elif isinstance(payload, dict):
            parts = PARTS.get(self.instance.type, {})
            self.initial.update({name: payload.get(key) for name, key in parts.items()})

    def clean(self) -> Any:
        """Write the payload."""
        given = self.cleaned_data
        self._leave_out_other_types(given)
        if given.get("type"):
            self.instance.payload = self._payload(given["type"], given)
        return super().clean()

    def place_of(self, name: str) -> str:
        """Show what is wrong with the payload beside the first box of its type."""
        if name != "payload":
            return super().place_of(name)
        return next(iter(PARTS.get(self.instance.type, {})), NON_FIELD_ERRORS)

    def _leave_out_other_types(self, given: dict[str, Any]) -> None:
        """Forget the boxes of the other types, their errors included."""
        own = PARTS.get(given.get("type", ""), {})
        for name in OWN_FIELDS - own.keys():
            self.errors.pop(name, None)
            given[name] = None
        if "tier_mode" in self.fields and "tier_mode" not in own:
            self.instance.tier_mode = None

    def _payload(self, kind: str, given: Mapping[str, Any]) -> Any:
        if kind == PricingType.TIERED:
            if "tiers" not in self.errors and not given.get("tiers"):
                self.add_error("tiers", forms.ValidationError(NO_TIER, "required"))
            return given.get("tiers") or []
        parts = {key: given.get(name) for name, key in PARTS[kind].items()}
        for name in PARTS[kind]:
            if name != "min_charge" and name not in self.errors and given.get(name) in (None, ""):
                self.add_error(name, forms.ValidationError("Ce champ est obligatoire.", "required"))
        return {key: value for key, value in parts.items() if value not in (None, "")}

    def _update_errors(self, errors: forms.ValidationError) -> None:
        """Say nothing of a payload whose boxes are already wrong."""
        if OWN_FIELDS & self.errors.keys() and hasattr(errors, "error_dict"):
            errors.error_dict.pop("payload", None)
        super()._update_errors(errors)


def warn_of_inversions(request: HttpRequest, prices: Iterable[Any]) -> None:
    """Tell whoever saves a grid where it makes more units cheaper than fewer; nothing is refused."""
    for price in prices:
        for warning in _inversions(price):
            messages.warning(request, f"{price.get_type_display()} : {warning.message}")


def _inversions(price: Any) -> list[Reason]:
    if price.type != PricingType.TIERED:
        return []
    return inversion_warnings(price.payload, price.tier_mode)


class PriceForm(SixTypes, PayloadForm):
    """A price of a version.

    The currency is the company's, the rate the VAT code's on the day the version takes effect.
    """

    class Meta:
        model = PricingRule
        fields = ("plan", "type", "tier_mode", "tax_included", "tax_code")

    def clean(self) -> Any:
        """Add the currency, and the VAT rate of the day the version takes effect."""
        cleaned = super().clean()
        if self.bundle is not None:
            return cleaned
        price, version = self.instance, self.instance.product_version
        price.currency = version.company.currency
        if code := self.cleaned_data.get("tax_code"):
            found = rate_in_force(code, version)
            if found is None:
                self.add_error("tax_code", "Ce code TVA n'a pas de taux à la date d'effet.")
            else:
                price.tax_rate = found
        return cleaned


class PriceFormSet(OwnedFormSet):
    """The prices of a version, each with the rate that is not the one of its date of effect."""

    forms: list[Any]

    @cached_property
    def moved(self) -> dict[UUID, Reason]:
        """Read them once for the page."""
        return moved_rates(self.instance)

    def add_fields(self, form: Any, index: Any) -> None:
        """Tell it beside the VAT code."""
        super().add_fields(form, index)
        price = form.instance
        if price.type == PricingType.FIXED and comes_again(self.instance, price.plan):
            form.initial["type"] = PricingModel.RECURRING.value
        if "tax_code" in form.fields and (moved := self.moved.get(form.instance.pk)):
            form.fields["tax_code"].help_text = moved.message

    def save_new_objects(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Write the bundles on their plans, the other prices as rows of their own."""
        bundles = [
            form
            for form in self.extra_forms
            if form.bundle is not None and not self._should_delete_form(form)
        ]
        self.forms = [form for form in self.forms if form not in bundles]
        found = super().save_new_objects(commit)
        for form in bundles:
            form.save_bundle()
        return found


class PriceInline(FrozenStack):
    """Prices of the version and of its plans."""

    model = PricingRule
    form = PriceForm
    formset = PriceFormSet
    edit_action = Action.PRICING_EDIT
    fieldsets = (
        (None, {"fields": (("plan", "type"),)}),
        (None, {"classes": ("price-fixed",), "fields": ("fixed_amount",)}),
        (None, {"classes": ("price-usage",), "fields": (("unit_price", "unit"), "min_charge")}),
        (None, {"classes": ("price-indexed",), "fields": ("index", "formula")}),
        (None, {"classes": ("price-bundle",), "fields": (("bundle_kind", "bundle_value"),)}),
        (None, {"classes": ("price-tiered",), "fields": ("tier_mode", "tiers")}),
        (None, {"fields": (("tax_code", "tax_included"),)}),
    )
    ordering = ("plan__position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans with the prices."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("plan")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the plans of this version only."""
        if db_field.name == "plan":
            kwargs["queryset"] = own_plans(request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return whole(field, "Toute la version") if db_field.name == "plan" else field


class PriceTable(FrozenTable):
    """The same prices where they may not be written."""

    model = PricingRule
    # Of the page that is shown: Django makes the table anew for each.
    moved: Mapping[UUID, Reason] = {}
    edit_action = Action.PRICING_EDIT
    fields = ("plan", "shown_type", "shown_price", "tax_included", "tax_code", "shown_rate")
    ordering = ("plan__position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the plans with the prices."""
        return super().get_queryset(request).select_related("plan", "product_version")

    @display(description="type")
    def shown_type(self, obj: PricingRule) -> str:
        """Show the type in the words of §2.2."""
        return told_type(obj, again=comes_again(obj.product_version, obj.plan))

    @display(description="tarif")
    def shown_price(self, obj: PricingRule) -> str:
        """Show the price in words, and where its tiers make more cheaper than less."""
        told = price_in_words(obj.type, obj.tier_mode, obj.payload, obj.currency)
        found = [one.message for one in _inversions(obj)]
        return " ".join([f"{told}.", *found]) if found else told

    @display(description="taux")
    def shown_rate(self, obj: PricingRule) -> Any:
        """Show the stored rate, and where the day the version takes effect has another."""
        if obj._state.adding:
            return rate(None)
        moved = self.moved.get(obj.pk)
        shown = rate(obj.tax_rate)
        return format_html("{} {}", shown, moved.message) if moved else shown

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Read which rates are of an earlier date of effect."""
        self.moved = moved_rates(obj) if obj is not None else {}
        return super().get_formset(request, obj, **kwargs)
