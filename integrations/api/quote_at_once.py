"""The short way through `POST pricing/quote`, for the calls that nearly all callers make.

A token, a JSON body, nothing else: what the framework does around a view takes as long as the
quote itself. Whatever is not that plain, or is refused before it is read, goes the whole way,
which says why in the order of the contract.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException

from integrations.api.serializers import QuoteRequestSerializer
from integrations.services.quote import ManualQuote, Quote, QuoteRequest, quote_call, read_call
from winvest.core.api.authentication import token_digest
from winvest.core.api.parsers import read_body
from winvest.core.api.problems import answer_of
from winvest.core.api.renderers import JsonAnswer
from winvest.core.api.throttling import may_post
from winvest.core.api.views import ANSWER_HEADERS
from winvest.core.errors import DomainError
from winvest.core.json import MalformedJSON, loads_strict

View = Callable[..., HttpResponseBase]
# Built once: a serializer copies its fields each time it is made, a fifth of a quote.
BODY = QuoteRequestSerializer()
HEADERS = {"Allow": "POST", **ANSWER_HEADERS}
# What asks for more than a quote, or for another form of it.
MORE = ("HTTP_IDEMPOTENCY_KEY", "HTTP_TRANSFER_ENCODING")


def at_once(
    whole: View,
    request_of: Callable[[dict[str, Any]], QuoteRequest],
    answer_of_quote: Callable[[Quote | ManualQuote], dict[str, Any]],
) -> View:
    """Return the view that answers plain calls by itself, and leaves the others to `whole`."""

    def answer(request: HttpRequest) -> HttpResponse | None:
        digest = token_digest(request)
        asked = _body(request) if digest and _is_plain(request) else None
        # A contract in force asks for its releases first.
        if digest is None or asked is None or asked["contract"]:
            return None
        call = read_call(digest=digest, asked=request_of(asked))
        if call is None or not may_post(call.caller.user_id):
            return None
        try:
            return JsonAnswer(answer_of_quote(quote_call(call)))
        except DomainError as error:
            return answer_of(error).response()

    @wraps(whole)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = answer(request)
        if given is None:
            return whole(request, *args, **kwargs)
        for name, value in HEADERS.items():
            given.headers[name] = value
        return given

    return view


def _is_plain(request: HttpRequest) -> bool:
    told = request.META
    return (
        request.method == "POST"
        and told.get("CONTENT_TYPE") == "application/json"
        and told.get("HTTP_ACCEPT", "*/*") in ("*/*", "application/json")
        and not told.get("QUERY_STRING")
        and not any(name in told for name in MORE)
    )


def _body(request: HttpRequest) -> dict[str, Any] | None:
    """Return the checked body, None for one that is refused."""
    try:
        checked: dict[str, Any] = BODY.run_validation(loads_strict(read_body(request)))
    except (APIException, MalformedJSON):
        return None
    return checked
