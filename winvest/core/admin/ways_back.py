"""The way back to the wizard, from a page that one of its steps has sent to."""

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


def asked_way(request: HttpRequest) -> str:
    """Return the page of ours that the address names as the one to go back to (`next`), else nothing."""
    asked = request.GET.get(REDIRECT_FIELD_NAME, "")
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours else ""


def way_to_wizard(request: HttpRequest) -> str:
    """Return the step of the wizard that one came from, nothing for any other page."""
    asked = asked_way(request)
    return asked if asked.startswith(reverse("wizard")) else ""


def with_way(link: str, back: str) -> str:
    """Return a link that leads back to a page."""
    if not link:
        return ""
    return f"{link}{'&' if '?' in link else '?'}{urlencode({REDIRECT_FIELD_NAME: back})}"


class LeadsBack:
    """Mixin of a page that goes back to the wizard, once saved, where that is what sent there."""

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go back where one came from."""
        return _back(request) or super().response_post_save_add(request, obj)  # type: ignore[misc]

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go back where one came from."""
        return _back(request) or super().response_post_save_change(request, obj)  # type: ignore[misc]


def _back(request: HttpRequest) -> HttpResponse | None:
    page = way_to_wizard(request)
    return HttpResponseRedirect(page) if page else None
