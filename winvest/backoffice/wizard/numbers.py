"""Boxes for numbers as people write them, with the units that a box takes (E.2.3-02)."""

from decimal import Decimal
from typing import Any

from django import forms

from winvest.core.domain.written_numbers import WrittenUnit, read_number
from winvest.core.errors import Invalid

WRONG_UNIT = {
    WrittenUnit.AMOUNT: "« {text} » est une somme d'argent : donnez ici {asked}.",
    WrittenUnit.PERCENT: "« {text} » est un pourcentage : donnez ici {asked}.",
}
ASKED = {
    "": "un nombre sans unité",
    WrittenUnit.AMOUNT.value: "un montant",
    WrittenUnit.PERCENT.value: "un pourcentage",
}


class NumberField(forms.DecimalField):
    """A number that is never negative, read as it is written; `units` are those it takes."""

    def __init__(self, *, units: str = "", **options: Any) -> None:
        """Tell the page which units the box takes."""
        given: Any = {"min_value": Decimal(0), "max_digits": 18, "decimal_places": 4} | options
        super().__init__(localize=True, **given)
        self.units = units
        self.widget.attrs |= {"inputmode": "decimal", "data-units": units}

    def to_python(self, value: Any) -> Any:
        """Read the text; say what is wrong with it beside the box."""
        if not isinstance(value, str) or not value.strip():
            return None
        try:
            written = read_number(value)
        except Invalid as error:
            raise forms.ValidationError(str(error), error.reasons[0].code) from error
        if written.unit and written.unit not in self.units.split():
            told = WRONG_UNIT[written.unit].format(text=value.strip(), asked=ASKED[self.units])
            raise forms.ValidationError(told, "unit")
        return written.value


def number_box(label: str, **options: Any) -> NumberField:
    """Return a box for an amount or a bound, named by its label."""
    return NumberField(label=label, **options)


def unit_written(form: Any, name: str) -> WrittenUnit:
    """Return the unit that was written with the number of a box that is right."""
    text = form[name].data
    right = form.cleaned_data.get(name) is not None and isinstance(text, str)
    return read_number(text).unit if right else WrittenUnit.NONE
