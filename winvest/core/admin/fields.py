"""Form fields for structured columns: no one types JSON."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextareaWidget

from winvest.core.admin.formatting import EMPTY

SEPARATOR = ";"
MAX_RECORDS = 20


class RecordsField(forms.CharField):
    """A list of records, one a line, whose parts are separated by semicolons."""

    def __init__(self, *, parts: Mapping[str, str], **options: Any) -> None:
        """`parts` gives the key and the French name of each part, in order."""
        self.parts = parts
        names = f" {SEPARATOR} ".join(parts.values())
        super().__init__(
            required=False,
            help_text=f"Une ligne pour chaque : {names}.",
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        """Return the lines of a list of records; what the user typed stays as it is."""
        return records_as_text(value, self.parts) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the records of the lines; empty lines and empty parts are left out."""
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > MAX_RECORDS:
            raise ValidationError(f"Pas plus de {MAX_RECORDS} lignes.")
        return [self._record(line) for line in lines]

    def validate(self, value: Any) -> None:
        """Accept any list of records, empty too."""

    def run_validators(self, value: Any) -> None:
        """Run none: the validators of a text do not fit a list."""

    def _record(self, line: str) -> dict[str, str]:
        texts = [text.strip() for text in line.split(SEPARATOR)]
        if len(texts) > len(self.parts):
            raise ValidationError(f"« {line.strip()} » a plus de {len(self.parts)} parties.")
        return {key: text for key, text in zip(self.parts, texts, strict=False) if text}


def records_as_text(records: Any, parts: Mapping[str, str]) -> str:
    """Return records as lines for reading, a dash when there is none."""
    lines = [
        f" {SEPARATOR} ".join(str(record.get(key, "")) for key in parts).rstrip(f" {SEPARATOR}")
        for record in records or []
        if isinstance(record, dict)
    ]
    return "\n".join(lines)


def records_or_dash(records: Any, parts: Mapping[str, str]) -> str:
    """Return records for a read-only page, empty parts left out."""
    lines = [
        ", ".join(str(record[key]) for key in parts if record.get(key))
        for record in records or []
        if isinstance(record, dict)
    ]
    return " ; ".join(lines) or EMPTY


class ColorField(forms.RegexField):
    """A colour `#rrggbb`."""

    def __init__(self, **options: Any) -> None:
        """Use the browser's colour chooser."""
        super().__init__(
            r"\A#[0-9a-fA-F]{6}\Z",
            widget=UnfoldAdminColorInputWidget(),
            error_messages={"invalid": "Une couleur s'écrit #rrvvbb."},
            **options,
        )
