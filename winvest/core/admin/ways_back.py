"""The way back to the wizard, from a page that one of its steps has sent to."""

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
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
