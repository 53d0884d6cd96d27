"""Structured fields of bodies: their form is that of a schema file, checked by the model."""

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from winvest.core import json

SCHEMAS = Path(settings.BASE_DIR) / "catalog" / "schemas"


class PayloadField(serializers.Field):  # type: ignore[type-arg]
    """A JSON object or list; `schemas` name the files that may describe it."""

    default_error_messages = {  # noqa: RUF012 - as in the framework
        "invalid": "Un objet ou une liste est attendu.",
    }

    def __init__(self, *schemas: str, **options: Any) -> None:
        """Take the names of the schema files, relative to `catalog/schemas`."""
        self.schemas = schemas
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the value as it was read."""
        if not isinstance(data, dict | list):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        """Return the value as it is."""
        return value


class PayloadFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Describes a payload by its schema files."""

    target_class = "catalog.api.payloads.PayloadField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the schema, or the choice of schemas."""
        found = [described(name) for name in self.target.schemas]
        if len(found) == 1:
            return found[0]
        return {"oneOf": found} if found else {"type": "object"}


@cache
def described(name: str) -> dict[str, Any]:
    """Return a schema file as OpenAPI takes it: plain numbers, local references written out."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_bytes())
    defs = schema.pop("$defs", {})
    schema.pop("$schema")
    return dict(_inlined(schema, defs))


def _inlined(value: Any, defs: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        if "$ref" in value:
            return _inlined(defs[value["$ref"].rsplit("/", 1)[1]], defs)
        # The generator of the document wants a type beside each list of values.
        typed = {"type": "string"} if isinstance(value.get("enum"), list) else {}
        return typed | {key: _inlined(item, defs) for key, item in value.items()}
    if isinstance(value, list):
        return [_inlined(item, defs) for item in value]
    return value if isinstance(value, str | int | bool | None) else float(value)
