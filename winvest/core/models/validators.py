"""Validators of model fields, built on libraries."""

from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import available_timezones

import pycountry
from django.core.exceptions import ValidationError
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
