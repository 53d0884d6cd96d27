"""Values in words, for histories and the log: labels instead of codes, French dates and numbers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats, timezone
from simple_history.models import DeletedObject

from winvest.core import json

EMPTY = "—"
# The French labels of the codes that a JSON column of this name lists.
_CODES: dict[str, dict[str, str]] = {}


def register_codes(column: str, choices: type[models.TextChoices]) -> None:
    """Tell what the codes listed by the JSON columns of this name mean, in every table."""
    _CODES[column] = dict(choices.choices)


def in_words(field: Any, value: Any) -> str:
    """Return `value` of a model field as a French reader expects it; a dash when it is empty."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if isinstance(value, DeletedObject) and value.pk is None:
        return EMPTY  # what simple-history makes of a foreign key that was not filled in
    if isinstance(value, models.Model):
        return str(value)
    choices = dict(getattr(field, "flatchoices", ()))
    if choices:
        return str(choices.get(value, value))
    if isinstance(field, models.JSONField):
        labels = _CODES.get(field.name, {})
        if labels and isinstance(value, list):
            value = [labels.get(code, code) for code in value]
        return structured(value)
    return _plain(value)


def from_log(field: Any, value: Any) -> str:
    """Return a value of the audit log, which is JSON, in words."""
    if field is None:
        return structured(value)
    if value is not None and not field.is_relation and not isinstance(field, models.JSONField):
        try:
            value = field.to_python(value)
        except (ValidationError, UnicodeEncodeError):
            return str(value)  # a masked column keeps its mask, a sealed one too
    return in_words(field, value)


def structured(value: Any) -> str:
    """Return a JSON value as text: lists joined by commas, objects as « clé : valeur »."""
    if isinstance(value, dict):
        return ", ".join(f"{key} : {structured(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " ; ".join(structured(item) for item in value)
    if isinstance(value, str):
        return value
    return EMPTY if value is None else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "d/m/Y H:i")
    if isinstance(value, date):
        return formats.date_format(value, "d/m/Y")
    if isinstance(value, Decimal | float):
        return formats.localize(Decimal(str(value)).normalize() + 0, use_l10n=True) or ""
    if isinstance(value, int):
        return formats.number_format(value, force_grouping=True)
    return value if isinstance(value, str) else json.dumps(value)
