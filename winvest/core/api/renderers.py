"""Answers in JSON: exact decimals as strings, instants in UTC with a Z, identifiers as text."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import simplejson
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer

from winvest.core import json


def encode(value: Any) -> str:
    """Return the text of a value that JSON does not know."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def render(data: Any) -> bytes:
    """Return `data` as JSON in UTF-8; a number that JSON cannot hold is an error."""
    text = simplejson.dumps(
        data, default=encode, use_decimal=False, ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def exact(payload: Any) -> simplejson.RawJSON:
    """Return a payload whose decimals are written as numbers, digit for digit (A.3.3)."""
    return simplejson.RawJSON(json.dumps(payload))


class JsonAnswer(HttpResponse):
    """An answer written at once: the framework's own waits for a renderer to be chosen."""

    def __init__(self, data: Any) -> None:
        """Keep `data` too, which `Idempotency-Key` reads."""
        super().__init__(render(data), content_type=JSONRenderer.media_type)
        self.data = data


class JSONRenderer(BaseRenderer):
    """The only format of the API's answers."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body; an answer without data is empty."""
        return b"" if data is None else render(data)
