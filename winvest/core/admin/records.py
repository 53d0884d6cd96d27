"""Lists of small records in a form: one row of boxes for each, no one types JSON."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from unfold.widgets import INPUT_CLASSES

from winvest.core.admin.formatting import EMPTY

MAX_RECORDS = 20
TYPES = {"email": "email", "phone": "tel", "url": "url"}


class RecordsWidget(forms.Widget):
    """One row of boxes for each record, and an empty one; a button of `theme.js` adds others.

    The boxes are named `field-0-part`.
    """

    template_name = "admin/widgets/records.html"
    use_fieldset = True

    def __init__(self, parts: Mapping[str, str]) -> None:
        """`parts` gives the key and the French name of each part, in order."""
        super().__init__()
        self.parts = parts

    def id_for_label(self, id_: str) -> str:
        """Return none: the group has a legend, each box its own name."""
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the rows with their boxes."""
        context = super().get_context(name, value, attrs)
        records = [*(value if isinstance(value, list) else []), {}]
        context["widget"] |= {
            "titles": list(self.parts.values()),
            "rows": [self._row(name, number, record) for number, record in enumerate(records)],
            "max": MAX_RECORDS,
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """Return the records of the rows that are not empty, in order."""
        numbers = sorted(
            int(number)
            for key in data
            if key.startswith(f"{name}-")
            and (number := key.removeprefix(f"{name}-").partition("-")[0]).isdecimal()
        )
        rows = [
            {part: str(data.get(f"{name}-{number}-{part}", "")).strip() for part in self.parts}
            for number in dict.fromkeys(numbers)
        ]
        filled = [{part: text for part, text in row.items() if text} for row in rows]
        return [row for row in filled if row]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the page did not show the rows at all."""
        return not any(key.startswith(f"{name}-") for key in data)

    def _row(self, name: str, number: int, record: Any) -> list[dict[str, Any]]:
        known = record if isinstance(record, dict) else {}
        return [
            {
                "name": f"{name}-{number}-{part}",
                "label": title,
                "type": TYPES.get(part, "text"),
                "value": known.get(part, ""),
                "classes": " ".join(INPUT_CLASSES),
            }
            for part, title in self.parts.items()
        ]


class RecordsField(forms.Field):
    """A list of records; the part `needed` of each is compulsory."""

    def __init__(self, *, parts: Mapping[str, str], needed: str, **options: Any) -> None:
        """`parts` gives the key and the French name of each part, in order."""
        self.parts = parts
        self.needed = needed
        super().__init__(required=False, widget=RecordsWidget(parts), **options)

    def clean(self, value: Any) -> list[dict[str, str]]:
        """Return the records, or say which row is wrong; the model's schema checks the rest."""
        records: list[dict[str, str]] = value or []
        if len(records) > MAX_RECORDS:
            raise ValidationError(f"Pas plus de {MAX_RECORDS} lignes.")
        errors = [
            f"Ligne {number} : {problem}"
            for number, record in enumerate(records, start=1)
            if (problem := self._problem(record))
        ]
        if errors:
            raise ValidationError(errors)
        return records

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the records."""
        return (initial or []) != (data or [])

    def _problem(self, record: Mapping[str, str]) -> str:
        if self.needed not in record:
            return f"« {self.parts[self.needed]} » manque."
        try:
            EmailValidator()(record.get("email", "a@b.example"))
        except ValidationError:
            return f"« {record['email']} » n'est pas une adresse e-mail."
        return ""


ADDRESS = {
    "label": "libellé",
    "street": "rue",
    "postcode": "code postal",
    "city": "ville",
    "country": "pays",
}
CONTACT = {
    "name": "nom",
    "role": "fonction",
    "email": "e-mail",
    "phone": "téléphone",
    "note": "note",
}


def addresses_field() -> RecordsField:
    """Return the field of a list of addresses, each with a city at least."""
    return RecordsField(
        label="Adresses", parts=ADDRESS, needed="city", help_text="Pays : FR, BE, PF…"
    )


def contacts_field() -> RecordsField:
    """Return the field of a list of people, each with a name at least."""
    return RecordsField(label="Contacts", parts=CONTACT, needed="name")


def records_or_dash(records: Any, parts: Mapping[str, str]) -> str:
    """Return records for a read-only page, empty parts left out."""
    lines = [
        ", ".join(str(record[key]) for key in parts if record.get(key))
        for record in records or []
        if isinstance(record, dict)
    ]
    return " ; ".join(lines) or EMPTY
