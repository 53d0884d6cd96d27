"""Values in words, for histories and the log: labels instead of codes, French dates and numbers."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats, timezone
from simple_history.models import DeletedObject

from winvest.core import json
from winvest.core.models.validators import SchemaValidator

EMPTY = "—"
# Between a number and its sign, which stay on one line.
NO_BREAK = "\u00a0"
# The French labels of the codes that a JSON column of this name lists.
_CODES: dict[str, dict[str, str]] = {}


# What an empty column of a table stands for, where that is not nothing.
_NOTHING: dict[tuple[str, str], str] = {}


# What a column of a table says in the log, told by the row that holds it.
LogWords = Callable[[Mapping[str, Any], Any], str]
LOG_WORDS: dict[tuple[str, str], LogWords] = {}


def register_log_words(table: str, column: str, words: LogWords) -> None:
    """Say how the log tells a column that its model alone does not explain; numbers are decimals."""
    LOG_WORDS[table, column] = words


# How the log calls a filter of a table's list, and its values that are those of no column.
FilterWords = tuple[str, Mapping[str, str]]
FILTER_WORDS: dict[tuple[str, str], FilterWords] = {}


def register_filters(table: str, filters: Mapping[str, FilterWords]) -> None:
    """Say how the log tells the filters that no column of the table explains."""
    FILTER_WORDS.update({(table, key): words for key, words in filters.items()})


def register_codes(column: str, choices: type[models.TextChoices]) -> None:
    """Tell what the codes listed by the JSON columns of this name mean, in every table."""
    _CODES[column] = dict(choices.choices)


def register_nothing(table: str, words: Mapping[str, str]) -> None:
    """Say what empty columns of a table stand for: no channel means all of them."""
    _NOTHING.update({(table, column): text for column, text in words.items()})


def or_nothing(field: Any, text: str) -> str:
    """Return the text of a column that changed; of an empty one, what it stands for."""
    if text != EMPTY or field is None:
        return text
    return _NOTHING.get((field.model._meta.db_table, field.name), text)


def in_words(field: Any, value: Any) -> str:
    """Return `value` of a model field as a French reader expects it; a dash when it is empty."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if isinstance(value, DeletedObject) and value.pk is None:
        return EMPTY  # what simple-history makes of a foreign key that was not filled in
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(field, models.FileField):
        return Path(str(value)).name  # where the store keeps it says nothing to people
    choices = dict(getattr(field, "flatchoices", ()))
    if choices:
        return str(choices.get(value, value))
    if isinstance(field, models.JSONField):
        labels = _CODES.get(field.name, {})
        if labels and isinstance(value, list):
            value = [labels.get(code, code) for code in value]
        return structured(value, titles_of(field))
    return _plain(value)


def from_log(field: Any, value: Any) -> str:
    """Return a value of the audit log, which is JSON, in words."""
    if field is None:
        return structured(value)
    if value is not None and not field.is_relation and not isinstance(field, models.JSONField):
        try:
            # A JSON number is what it is written like: 29.9, whatever its binary says.
            value = field.to_python(str(value) if isinstance(value, float) else value)
        except (ValidationError, UnicodeEncodeError):
            return str(value)  # a masked column keeps its mask, a sealed one too
    return in_words(field, value)


def structured(value: Any, titles: Mapping[str, str] | None = None) -> str:
    """Return a JSON value as text: lists joined by commas, objects as « clé : valeur ».

    `titles` gives the French name of a key, where there is one.
    """
    names = titles or {}
    if isinstance(value, dict):
        return ", ".join(
            f"{names.get(key, key)} : {structured(item, names)}" for key, item in value.items()
        )
    if isinstance(value, list):
        return " ; ".join(structured(item, names) for item in value)
    if isinstance(value, str):
        return value
    return EMPTY if value is None else _plain(value)


def exact_amount(value: Decimal, currency: str) -> str:
    """Return an amount with all its decimals, two at least: « 9,90 € », « 0,174 € »."""
    digits = max(2, -int(Decimal(value).normalize().as_tuple().exponent))
    text = formats.number_format(value, decimal_pos=digits, force_grouping=True)
    return f"{text}{NO_BREAK}{'€' if currency == 'EUR' else currency}"


def percentage(value: Decimal) -> str:
    """Return a percentage with all its decimals: « 5,5 % »."""
    return f"{_plain(Decimal(value))}{NO_BREAK}%"


def titles_of(field: Any) -> dict[str, str]:
    """Return the French names that the schema file of a JSON column gives to its keys."""
    return {
        key: title
        for validator in field.validators
        if isinstance(validator, SchemaValidator)
        for key, title in _named(validator.schema)
    }


@cache
def _named(schema: str) -> tuple[tuple[str, str], ...]:
    return tuple(_titles_of(json.loads((Path(settings.BASE_DIR) / schema).read_bytes())))


def _titles_of(schema: Any) -> Iterator[tuple[str, str]]:
    if isinstance(schema, list):
        for item in schema:
            yield from _titles_of(item)
    if isinstance(schema, dict):
        for key, item in schema.get("properties", {}).items():
            if isinstance(item, dict) and "title" in item:
                yield key, item["title"]
        for item in schema.values():
            yield from _titles_of(item)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "d/m/Y H:i")
    if isinstance(value, date):
        return formats.date_format(value, "d/m/Y")
    if isinstance(value, Decimal | float):
        return formats.number_format(Decimal(str(value)).normalize() + 0, force_grouping=True)
    if isinstance(value, int):
        return formats.number_format(value, force_grouping=True)
    return value if isinstance(value, str) else json.dumps(value)
