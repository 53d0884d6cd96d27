"""Lists of small records in a form: one row of boxes for each, no one types JSON."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.numbers import as_number, as_text

MAX_RECORDS = 20
TYPES = {"email": "email", "phone": "tel", "url": "url"}
Choices = Sequence[tuple[str, str]]


class RecordsWidget(forms.Widget):
    """One row of boxes for each record, and an empty one; a button of `theme.js` adds others.

    The boxes are named `field-0-part`.
    """

    template_name = "admin/widgets/records.html"
    use_fieldset = True

    def __init__(
        self,
        parts: Mapping[str, str],
        choices: Mapping[str, Choices] | None = None,
        limit: int = MAX_RECORDS,
    ) -> None:
        """`parts` gives the key and the French name of each part, `choices` what some may be."""
        super().__init__()
        self.parts = parts
        self.choices = choices or {}
        self.limit = limit

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
            "max": self.limit,
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """Return the records of the rows that are not empty, in order.

        A row where nothing but choices is filled is empty: some choices are always made.
        """
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
        return [row for row in filled if not row.keys() <= self.choices.keys()]

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
                "value": as_text(known.get(part, "")),
                "choices": self.choices.get(part),
                "classes": " ".join(SELECT_CLASSES if part in self.choices else INPUT_CLASSES),
            }
            for part, title in self.parts.items()
        ]


class RecordsField(forms.Field):
    """A list of records; the parts `needed` of each are compulsory.

    `numbers` are parts that become numbers, `flags` parts that are true or absent; `choices` gives
    the values of a part that is chosen. A part left empty is absent.
    """

    def __init__(
        self,
        *,
        parts: Mapping[str, str],
        needed: str | Collection[str],
        numbers: Collection[str] = (),
        flags: Collection[str] = (),
        choices: Mapping[str, Choices] | None = None,
        limit: int = MAX_RECORDS,
        **options: Any,
    ) -> None:
        """`parts` gives the key and the French name of each part, in order."""
        self.parts = parts
        self.needed = [needed] if isinstance(needed, str) else [*needed]
        self.numbers, self.flags, self.limit = numbers, flags, limit
        offered = dict.fromkeys(flags, YES_OR_NO) | dict(choices or {})
        super().__init__(required=False, widget=RecordsWidget(parts, offered, limit), **options)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Return the records, or say which row is wrong; the model's schema checks the rest."""
        records: list[dict[str, str]] = value or []
        if len(records) > self.limit:
            raise ValidationError(f"Pas plus de {self.limit} lignes.")
        errors = [
            ValidationError(f"Ligne {number} : {problem}", code=code)
            for number, record in enumerate(records, start=1)
            for code, problem in self._problems(record)
        ]
        if errors:
            raise ValidationError(errors)
        return [self._read(record) for record in records]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the records as they are shown."""
        return [_shown(record) for record in initial or []] != [
            _shown(record) for record in data or []
        ]

    def worded(self, error: ValidationError) -> ValidationError:
        """Name the row and the part of what the model's schema refuses."""
        place, separator, text = str(error.message).partition(" : ")
        number, _, part = place.partition("/")
        if not separator or not number.isdecimal():
            return error
        named = f", « {self.parts[part]} »" if part in self.parts else ""
        return ValidationError(f"Ligne {int(number) + 1}{named} : {text}", code=error.code)

    def _read(self, record: Mapping[str, str]) -> dict[str, Any]:
        return {
            part: as_number(text) if part in self.numbers else part in self.flags or text
            for part, text in record.items()
        }

    def _problems(self, record: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for part in self.needed:
            if part not in record:
                yield "required", f"« {self.parts[part]} » manque."
        for part, text in record.items():
            if "\x00" in text:
                yield (
                    "null_characters_not_allowed",
                    f"« {self.parts[part]} » porte le caractère NUL.",
                )
        for part in self.numbers:
            if part in record and isinstance(as_number(record[part]), str):
                yield "invalid", f"« {record[part]} » n'est pas un nombre."
        try:
            EmailValidator()(record.get("email", "a@b.example"))
        except ValidationError:
            yield "invalid", f"« {record['email']} » n'est pas une adresse e-mail."


YES_OR_NO: Choices = (("", "Non"), ("true", "Oui"))


def _shown(record: Any) -> dict[str, str]:
    texts = {part: as_text(value) for part, value in record.items()}
    return {part: text for part, text in texts.items() if text}


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
