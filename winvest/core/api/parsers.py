"""Request bodies: bounded before they are read, then read strictly (`design/quality.md`)."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, UnreadablePostError
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from winvest.core import json

MEGABYTE = 1024 * 1024
MAX_BODY = 2 * MEGABYTE
# A file of 25 MB, the other fields and what separates them.
MAX_FORM = 26 * MEGABYTE


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
    """A request whose body is read by `read_body`, or piece by piece when it brings a file."""

    received: MultiValueDict[str, Any] | None = None

    def _load_data_and_files(self) -> None:
        """Leave the files to Django, which erases what went to the disk once the answer left."""
        super()._load_data_and_files()  # type: ignore[misc]
        if self.received is not None:
            self._request._files = self.received  # type: ignore[attr-defined]

    def _load_stream(self) -> None:
        if self._brings_file():
            self._stream: Any = self._request
            return
        body = read_body(self._request)
        self._stream = BytesIO(body) if body else None

    def _brings_file(self) -> bool:
        """Whether the view takes files and the body is a form; 413 for one that is too long."""
        if not self.content_type.startswith("multipart/form-data"):
            return False
        if not any(isinstance(parser, FormParser) for parser in self.parsers or ()):
            return False
        length = self.META.get("CONTENT_LENGTH") or "0"
        if length == "0" and "chunked" in self.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            raise ParseError("Un fichier s'envoie avec sa longueur.", code="length_required")
        if not length.isdecimal() or int(length) > MAX_FORM:
            raise TooLarge(f"Le formulaire dépasse {MAX_FORM // MEGABYTE} Mo.")
        return int(length) > 0


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


class FormParser(MultiPartParser):
    """A form that brings a file: every field is a text, a list of texts, or a file."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the fields as one object, as a JSON body would be; files go to the disk."""
        try:
            parsed = super().parse(stream, media_type, parser_context)
        except (ParseError, SuspiciousOperation, UnreadablePostError) as error:
            raise ParseError("Le formulaire est illisible.", code="malformed") from error
        request: ApiRequest = (parser_context or {})["request"]
        request.received = parsed.files
        fields = {**dict(parsed.data.lists()), **dict(parsed.files.lists())}
        return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
