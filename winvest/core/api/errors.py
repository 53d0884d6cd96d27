"""Answers of the whole site when no view of the API could give one."""

from urllib.parse import urlencode, urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from winvest.core.api.problems import Answer, ApiProblem
from winvest.core.errors import Problem

PREFIX = "/api/"


@csrf_exempt
def unknown_route(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any address of the API that is not a route."""
    return Answer.of(404, ApiProblem.NOT_FOUND).response()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what Django finds suspect."""
    return _api(request, 400, ApiProblem.BAD_REQUEST) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a refusal."""
    return _api(request, 403, ApiProblem.FORBIDDEN) or defaults.permission_denied(
        request, exception
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form without the token of its page: to sign in anew, or to load the page again.

    401 for whoever is signed out, with the way to the sign-in and back to the page he was on.
    """
    refused = _api(request, 403, ApiProblem.FORBIDDEN)
    if refused is not None or request.user.is_authenticated:
        return refused or render(request, "403_csrf.html", status=403)
    came = urlsplit(request.headers.get("referer", ""))
    page = f"{came.path}?{came.query}" if came.query else came.path
    ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    back = urlencode({REDIRECT_FIELD_NAME: page}) if page and ours else ""
    context = {"sign_in": f"{reverse('admin:login')}?{back}".rstrip("?")}
    return render(request, "403_csrf.html", context, status=401)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an address that leads nowhere."""
    return _api(request, 404, ApiProblem.NOT_FOUND) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer what nobody foresaw, without detail."""
    return _api(request, 500, ApiProblem.INTERNAL) or defaults.server_error(request)


def _api(request: HttpRequest, status: int, problem: Problem) -> HttpResponse | None:
    if request.path_info.startswith(PREFIX):
        return Answer.of(status, problem).response()
    return None
