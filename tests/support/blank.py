"""A middleware that leaves a page unwritten, where only the status of an answer is looked at."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template import engines
from django.test import Client, override_settings
from django.utils.deprecation import MiddlewareMixin


class BlankPages(MiddlewareMixin):
    """Everything is done but the HTML: writing it is most of the time of a page."""

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """Write an empty page."""
        response.template_name = engines["django"].from_string("")
        return response


def blank_client(**options: Any) -> Client:
    """Return a test client whose pages are left unwritten."""
    client = Client(**options)
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, "tests.support.blank.BlankPages"]):
        client.handler.load_middleware()
    return client
