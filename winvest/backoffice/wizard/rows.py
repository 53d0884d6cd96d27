"""The lines of the small tables of step 2: a plan and its price, a tier (E.2.3-02)."""

import json
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from catalog.choices import PriceIndex, Recurrence, TierBase, Unit
from catalog.domain import formula
from winvest.backoffice.wizard.models import (
    FIXED,
    INDEXED,
    MAY_HAVE,
    METHODS,
    NEEDS,
    OWN_BOXES,
    SLAB,
    USAGE,
    Model,
)
from winvest.backoffice.wizard.numbers import number_box, unit_written
from winvest.core.domain.written_numbers import WrittenUnit
from winvest.core.errors import Invalid

NEEDED = "Ce champ est obligatoire."
NO_BASE = "Le calcul lit « base » : donnez-la."
UNITS = {str(label).lower(): code for code, label in Unit.choices}


# How people call what the lists hold, besides its name and its code.
ALSO = {
    "recurrence": {
        "mois": "monthly",
        "par mois": "monthly",
        "an": "yearly",
        "par an": "yearly",
        "unique": "one_shot",
        "ponctuel": "one_shot",
    },
    "method": {"fixe": FIXED, "forfait": FIXED, "palier": SLAB, "usage": USAGE},
}
NOT_PERCENT = "« {text} » est un pourcentage : choisissez « Pourcentage d'une assiette » à côté."
NOT_AMOUNT = "« {text} » est une somme d'argent : ce palier est un pourcentage."


class Row(forms.Form):
    """A line of a small table: each box is named by the head of its column."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Dress the boxes."""
        super().__init__(*args, **options)
        self.dress()

    def dress(self) -> None:
        """Name each box, and draw it as those of a table are."""
        for name, one in self.fields.items():
            one.widget.attrs |= {"class": "plain-input", "aria-label": one.label or name}


class PlanRow(Row):
    """A line: a plan and what it costs for one unit, or by tiers."""

    plan = forms.UUIDField(required=False, widget=forms.HiddenInput())
    code = forms.CharField(label="Code", max_length=60)
    name = forms.CharField(label="Nom", max_length=120)
    recurrence = forms.ChoiceField(
        label="Récurrence", choices=Recurrence.choices, initial=Recurrence.MONTHLY
    )
    amount = number_box("Prix", units="amount", required=False)
    tax_code = forms.ChoiceField(label="TVA")
    tax_included = forms.BooleanField(label="TTC", required=False, initial=True)
    method = forms.ChoiceField(label="Calcul", choices=METHODS, initial=FIXED, required=False)
    unit = forms.CharField(label="Unité", max_length=20, required=False)
    min_charge = number_box("Minimum facturé", units="amount", required=False)
    index = forms.ChoiceField(
        label="Indice", choices=[("", "—"), *PriceIndex.choices], required=False
    )
    base = number_box("Base", units="amount", required=False)
    formula = forms.CharField(label="Calcul du prix", max_length=500, required=False)

    def __init__(
        self, *args: Any, codes: list[tuple[str, str]], model: Model, **options: Any
    ) -> None:
        """Offer the VAT codes that have a rate when the version takes effect; begin as the model."""
        super().__init__(*args, **options)
        self.fields["recurrence"].initial = model.recurrence
        self.fields["method"].initial = model.method
        self.fields["unit"].widget.attrs |= {"list": "units", "placeholder": "kWh"}
        self.fields["formula"].widget.attrs["placeholder"] = "base * index / 100"
        for name, also in ALSO.items():
            self.fields[name].widget.attrs["data-also"] = json.dumps(also)
        field: Any = self.fields["tax_code"]
        field.choices = codes
        # As the browser sends it of a line that nobody touched.
        field.initial = codes[0][0] if codes else None

    def clean_unit(self) -> str:
        """Return the code of a unit of the list, else the unit as it is written."""
        text: str = self.cleaned_data["unit"]
        return UNITS.get(text.lower(), text)

    def clean(self) -> dict[str, Any]:
        """Ask for what the method needs; what stands in the boxes of another is left out."""
        given: dict[str, Any] = super().clean() or {}
        method = given["method"] = given.get("method") or FIXED
        needed = NEEDS.get(method, ())
        for name in OWN_BOXES - {*needed, *MAY_HAVE.get(method, ())}:
            self.errors.pop(name, None)
            given[name] = None
        for name in needed:
            if name not in self.errors and given.get(name) in (None, ""):
                self.add_error(name, forms.ValidationError(NEEDED, "required"))
        if method == INDEXED and "formula" not in self.errors:
            self._check_formula(given)
        return given

    def _check_formula(self, given: dict[str, Any]) -> None:
        try:
            names = formula.names_of(formula.parse(given["formula"]))
        except Invalid as error:
            self.add_error("formula", str(error))
            return
        if "base" in names and given.get("base") is None and "base" not in self.errors:
            self.add_error("base", NO_BASE)

    def full_clean(self) -> None:
        """Take out a line that somebody has emptied, as if he had ticked « Retirer »."""
        super().full_clean()
        texts = [self.data.get(self.add_prefix(name), "") for name in ("code", "name", "amount")]
        if self.is_bound and self.has_changed() and not any(text.strip() for text in texts):
            self._errors = ErrorDict()
            self.cleaned_data["DELETE"] = True


class TierRow(Row):
    """A line: from how much, up to how much, what a tier of a plan costs. An empty line is none."""

    plan = forms.CharField(label="Formule", max_length=60, required=False)
    min = number_box("De", required=False)
    max = number_box("À", required=False)
    amount = number_box("Montant", units="amount percent", required=False)
    base = forms.ChoiceField(label="Le montant est", choices=TierBase.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for what a tier needs, unless the whole line is empty."""
        given: dict[str, Any] = super().clean() or {}
        if not self.is_blank():
            for name in ("plan", "min", "amount"):
                if name not in self.errors and given.get(name) in (None, ""):
                    self.add_error(name, forms.ValidationError(NEEDED, "required"))
        self._check_unit(is_percent=given.get("base") == TierBase.PERCENT)
        return given

    def _check_unit(self, *, is_percent: bool) -> None:
        """Refuse a percentage among amounts, and money among percentages."""
        unit, text = unit_written(self, "amount"), self["amount"].data
        if unit == WrittenUnit.PERCENT and not is_percent:
            self.add_error("amount", NOT_PERCENT.format(text=text))
        if unit == WrittenUnit.AMOUNT and is_percent:
            self.add_error("amount", NOT_AMOUNT.format(text=text))

    def is_blank(self) -> bool:
        """Whether nothing stands in the line."""
        given = getattr(self, "cleaned_data", {})
        names = ("plan", "min", "max", "amount")
        return not self.errors and all(given.get(name) in (None, "") for name in names)


class NamedRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Lines that are taken out by a box named like the others."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Retirer"
            form.fields["DELETE"].widget.attrs["aria-label"] = "Retirer"
