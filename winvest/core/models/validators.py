"""Validators of model fields, built on libraries."""

from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import available_timezones

import pycountry
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import CheckConstraint, Q
from django.utils.deconstruct import deconstructible

from winvest.core import schemas

ROOT = Path(__file__).resolve().parents[3]


def validate_time_zone(value: str) -> None:
    """Refuse what is not an IANA time zone name."""
    if value not in available_timezones():
        raise ValidationError("Ce fuseau horaire est inconnu.", code="timezone")


def validate_country(value: str) -> None:
    """Refuse what is not a country code of two letters (ISO 3166)."""
    if pycountry.countries.get(alpha_2=value) is None or not value.isupper():
        raise ValidationError("Ce code de pays est inconnu.", code="country")


# Signs that nobody sees, and those that turn the direction of writing: controls and ends of line,
# soft hyphen, zero width, joiners, marks, embeddings, overrides and isolates, byte order mark,
# Hangul fillers and tags.
# Both Python and PostgreSQL read this class.
UNSEEN_SIGNS = (
    r"[\u0001-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B-\u200F"
    r"\u2028-\u202E\u2060-\u206F"
    r"\u3164\uFEFF\uFFA0\U000E0000-\U000E007F]"
)
UNSEEN_MESSAGE = "Ce texte porte un signe invisible ou qui change le sens d'écriture."

# Of a name that people read and look for: two that look alike are alike (E.3-01).
validate_seen = RegexValidator(UNSEEN_SIGNS, UNSEEN_MESSAGE, code="unseen_sign", inverse_match=True)


def seen_text(table: str, column: str) -> Any:
    """Return the constraint that every sign of a column is seen (E.3-01)."""
    return CheckConstraint(
        condition=~Q(**{f"{column}__regex": UNSEEN_SIGNS}),
        name=f"{table}_{column}_seen",
        violation_error_message=UNSEEN_MESSAGE,
    )


@deconstructible
class SchemaValidator:
    """Refuse a JSON value that does not follow the schema file of this path in the project."""

    def __init__(self, schema: str) -> None:
        """Take the path from the root of the project, so that migrations can write it."""
        self.schema = schema

    def __call__(self, value: Any) -> None:
        """Raise with every wrong place."""
        schemas.validate(ROOT / self.schema, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SchemaValidator) and self.schema == other.schema

    def __hash__(self) -> int:
        return hash(self.schema)


@deconstructible
class StdnumValidator:
    """Refuse a number that the python-stdnum module `module` finds wrong."""

    def __init__(self, module: str, message: str) -> None:
        """Take the dotted name of the module, so that migrations can write it."""
        self.module = module
        self.message = message

    def __call__(self, value: str) -> None:
        """Raise with the French message when the number is not valid."""
        from importlib import import_module

        if not import_module(self.module).is_valid(value):
            raise ValidationError(self.message, code="invalid")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StdnumValidator) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.module, self.message))


def validate_with(module: ModuleType, message: str) -> Any:
    """Return the validator of a python-stdnum module."""
    return StdnumValidator(module.__name__, message)
