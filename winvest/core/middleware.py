"""What surrounds every request: its id, and the scope of the signed-in user."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxMiddleware

from winvest.core import context, scoping
from winvest.core.models.base import new_id
from winvest.core.permissions import access_of
from winvest.core.selectors.own_companies import companies_of

SESSION_COMPANY = "company"
_given_id = re.compile(r"[A-Za-z0-9-]{8,64}")

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give each request an id, taken from `X-Request-ID` when it is sane, and answer it."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the id for the log, the audit trigger and the error pages."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _given_id.fullmatch(given) else str(new_id())
        token = context.request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            context.request_id.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response


class PagePolicyMiddleware(CSPMiddleware):
    """The Content-Security-Policy of pages; an answer that states its own keeps it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the policy, which is worked out for each answer."""
        return response if HEADER in response else super().process_response(request, response)


def brings_token(request: HttpRequest) -> bool:
    """Whether another program calls the API: its token says who it is, no cookie is read."""
    scheme = request.META.get("HTTP_AUTHORIZATION", "")[:7].lower()
    return scheme == "bearer " and request.path_info.startswith("/api/catalog/")


class _BrowserOnly:
    """What browsers need, and a call with a token goes past: it took a tenth of a quote."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Do the work for a browser."""
        given: HttpResponse = (
            self.get_response(request) if brings_token(request) else super().__call__(request)  # type: ignore[misc]
        )
        return given


class BrowserSessionMiddleware(_BrowserOnly, SessionMiddleware):
    """The session of a browser."""


class BrowserUserMiddleware(_BrowserOnly, AuthenticationMiddleware):
    """The signed-in user."""


class BrowserMessagesMiddleware(_BrowserOnly, MessageMiddleware):
    """What a page tells on the next one."""


class BrowserHtmxMiddleware(_BrowserOnly, HtmxMiddleware):
    """What htmx says of its requests."""


class ScopeMiddleware:
    """Open the scope of the session's user, narrowed to the company he chose in the switcher.

    The API opens its own scope after its authentication (`winvest.core.api.views`).
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the request inside the scope; an anonymous visitor's is empty."""
        if brings_token(request):
            return self.get_response(request)
        with scoping.scope(companies_in_scope(request)), context.acting(None):
            if request.user.is_authenticated:
                context.actor.set(request.user)
            return self.get_response(request)


def companies_in_scope(request: HttpRequest) -> frozenset[UUID]:
    """Return the companies of the user, or the chosen one as long as he has a role there."""
    companies = access_of(request.user).all_companies
    code = request.session.get(SESSION_COMPANY)
    if not code or not companies:
        return companies
    chosen = (company.pk for company in companies_of(request.user) if company.code == code)
    return frozenset(chosen) or companies
