"""Request bodies: bounded before they are read, then read strictly (`design/quality.md`)."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, UnreadablePostError
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from winvest.core import json

MAX_BODY = 2 * 1024 * 1024


class TooLarge(APIException):
    """The body passes the limit; it was not read."""

    status_code = 413
    default_detail = "Le corps de la requête dépasse 2 Mo."
    default_code = "too_large"


def read_body(request: HttpRequest) -> bytes:
    """Return the body, at most 2 MB; raise `TooLarge` before reading a longer one.

    A body sent in chunks has no length, and Django takes it for empty: it is read from the
    server's stream, when that one ends by itself, until one byte past the limit.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    try:
        if length.isdecimal() and int(length) > MAX_BODY:
            raise TooLarge
        if length or not isinstance(request, WSGIRequest) or not _is_chunked(request):
            return request.body
        body: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    except UnreadablePostError as error:
        raise ParseError("La requête n'est pas arrivée entière.") from error
    if len(body) > MAX_BODY:
        raise TooLarge
    return body


def _is_chunked(request: WSGIRequest) -> bool:
    return bool(request.environ.get("wsgi.input_terminated")) and (
        "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    )


class ApiRequest(Request):
    """A request whose body is read by `read_body`."""

    def _load_stream(self) -> None:
        body = read_body(self._request)
        self._stream: Any = BytesIO(body) if body else None


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, refused as 400 wherever it is doubtful."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value with `Decimal` for fractional numbers."""
        try:
            return json.loads_strict(stream.read())
        except json.MalformedJSON as error:
            raise ParseError(str(error), code="malformed") from error
