"""JSON Schemas: one file per payload, compiled once, read with Decimal numbers."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError
from jsonschema.validators import extend

from winvest.core import json

MAX_ERRORS = 20
# What each keyword refuses, in words; `{value}` is the keyword's own value.
SENTENCES = {
    "additionalProperties": "un champ inconnu figure ici",
    "const": "la valeur attendue est {value}",
    "enum": "cette valeur n'est pas dans la liste",
    "exclusiveMaximum": "le nombre doit être inférieur à {value}",
    "format": "la date s'écrit AAAA-MM-JJ",
    "maxItems": "pas plus de {value} éléments",
    "maxLength": "pas plus de {value} caractères",
    "maximum": "le nombre doit être au plus {value}",
    "minItems": "au moins {value} élément",
    "minLength": "au moins {value} caractère",
    "minProperties": "au moins {value} champ",
    "minimum": "le nombre doit être au moins {value}",
    "multipleOf": "pas plus de 4 décimales",
    "pattern": "ces caractères ne sont pas admis",
    "required": "il manque un champ obligatoire ({missing})",
    "type": "la valeur attendue est de type {value}",
    "uniqueItems": "une valeur figure deux fois",
}
TYPES = {
    "array": "liste",
    "boolean": "oui ou non",
    "integer": "nombre entier",
    "null": "rien",
    "number": "nombre",
    "object": "objet",
    "string": "texte",
}


@cache
def validator(path: Path) -> Draft202012Validator:
    """Return the compiled validator of a schema file."""
    return _compile(json.loads(path.read_bytes()))


@lru_cache(maxsize=256)
def _validator_of(text: str) -> Draft202012Validator:
    return _compile(json.loads(text))


def validate(path: Path, payload: Any) -> None:
    """Raise a `ValidationError` in French that names every wrong place of `payload`."""
    _raise(errors_of(validator(path), payload))


def problems_with(
    schema: Mapping[str, Any], payload: Any, *, partial: bool = False
) -> list[ValidationError]:
    """Return what a schema held in the database finds wrong; `partial` lets fields be missing."""
    found = errors_of(_validator_of(json.dumps(schema, canonical=True)), payload)
    return [error for error in found if not (partial and error.code == "schema.required")]


def errors_of(compiled: Draft202012Validator, payload: Any) -> list[ValidationError]:
    """Return one French error for each wrong place, in the order of the places."""
    found = sorted(compiled.iter_errors(payload), key=lambda error: list(map(str, error.path)))
    return [_in_french(error) for error in found[:MAX_ERRORS]]


def _in_french(error: SchemaError) -> ValidationError:
    rule, expected, found = str(error.validator), error.validator_value, error.instance
    missing: list[str] = []
    if rule == "required" and isinstance(expected, list) and isinstance(found, dict):
        missing = [str(name) for name in expected if name not in found]
    if rule == "type":
        kinds = map(str, expected if isinstance(expected, list) else [expected])
        expected = " ou ".join(TYPES.get(kind, kind) for kind in kinds)
    words = SENTENCES.get(rule, "valeur refusée").format(value=expected, missing=", ".join(missing))
    place = "/".join(str(part) for part in error.absolute_path)
    text = f"{place} : {words}." if place else f"{words[0].upper()}{words[1:]}."
    return ValidationError(text, code=f"schema.{rule}")


def _raise(errors: list[ValidationError]) -> None:
    if errors:
        raise ValidationError(errors)


def _compile(schema: Any) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    compiled: Draft202012Validator = _Exact(
        schema, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return compiled


def _multiple_of(validator: Any, step: Any, instance: Any, schema: Any) -> Iterator[SchemaError]:
    """Divide exactly: the remainder of a large decimal is beyond the precision of its context."""
    if not validator.is_type(instance, "number"):
        return
    if not Decimal(instance).is_finite() or Fraction(instance) % Fraction(step):
        yield SchemaError(f"{instance!r} is not a multiple of {step}")


_Exact = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"multipleOf": _multiple_of}
)
