"""JSON Schemas: one file per payload, compiled once, read with Decimal numbers."""

from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator

from winvest.core import json


@cache
def validator(path: Path) -> Draft202012Validator:
    """Return the compiled validator of a schema file."""
    schema = json.loads(path.read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def validate(path: Path, payload: Any) -> None:
    """Raise a `ValidationError` in French that names every wrong place of `payload`."""
    errors = sorted(validator(path).iter_errors(payload), key=lambda error: list(error.path))
    if errors:
        raise ValidationError(
            [
                ValidationError(
                    "%(place)s : valeur refusée par la règle « %(rule)s ».",
                    code="schema",
                    params={
                        "place": "/".join(str(part) for part in error.absolute_path) or "Contenu",
                        "rule": error.validator,
                    },
                )
                for error in errors
            ]
        )
