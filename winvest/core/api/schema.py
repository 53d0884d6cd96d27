"""The OpenAPI document: what every operation shares, and where it is read."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Erreur (RFC 9457) : `code` est stable, les textes sont en français.",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "examples": ["not_sellable"]},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "properties": {
                    "path": {"type": "string", "description": "Champ en cause, vide pour tout."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
}

IDEMPOTENCY_KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "La même requête sous la même clé rend la même réponse ; une autre requête, 409.",
}

IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "L'`ETag` de la fiche lue : si quelqu'un l'a changée depuis, 412.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Bearer tokens."""

    target_class = "winvest.core.api.authentication.BearerAuthentication"
    name = "Jeton"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer wv_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the back-office."""

    target_class = "winvest.core.api.authentication.SessionAuthentication"
    name = "Session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Describe the cookie."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Session du back-office, avec l'en-tête X-CSRFToken pour écrire.",
        }


def page_of(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Describe a page of a list by cursor."""
    return inline_serializer(
        name=f"PageOf{serializer.__name__.removesuffix('Serializer')}",
        fields={
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": serializer(many=True),
        },
    )


def add_problems(
    result: dict[str, Any],
    generator: Any,
    request: Any,
    public: bool,  # noqa: FBT001 - a hook
) -> dict[str, Any]:
    """Give every operation the problem as its default answer, and the writing ones their header."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    answer = {
        "description": "Erreur",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for path in result["paths"].values():
        for method, operation in path.items():
            operation["responses"]["default"] = answer
            header = {"post": IDEMPOTENCY_KEY, "patch": IF_MATCH, "delete": IF_MATCH}.get(method)
            if header:
                operation.setdefault("parameters", []).append(header)
    return result
