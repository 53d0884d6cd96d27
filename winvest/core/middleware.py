"""What surrounds every request: its id, and the scope of the signed-in user."""

import re
from collections.abc import Callable
from uuid import UUID

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from winvest.core import context, scoping
from winvest.core.models.base import new_id
from winvest.core.models.company import Company
from winvest.core.permissions import access_of

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


class ScopeMiddleware:
    """Open the scope of the session's user, narrowed to the company he chose in the switcher.

    The API opens its own scope after its authentication (`winvest.core.api.views`).
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the request inside the scope; an anonymous visitor's is empty."""
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
    with scoping.scope(companies):
        chosen = Company.objects.filter(code=code).values_list("pk", flat=True)
        return frozenset(chosen) or companies
