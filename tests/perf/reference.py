"""The reference: a Django view without middleware that sends one statement and answers in JSON."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from catalog.selectors import quote_sql
from winvest.core import json
from winvest.core.clock import now
from winvest.core.prepared import Statement

_READS: list[str] = []
_OFFER = Statement(quote_sql.OFFER)


class BareRequest(WSGIRequest):
    """A request of the routes below."""

    urlconf = __name__


class BareHandler(WSGIHandler):
    """A handler that knows nothing of the product's.

    It has routes of its own rather than other settings: Django forgets every route, the
    product's too, when the setting changes, and finding them again takes longer than a page.
    """

    request_class = BareRequest

    def load_middleware(self, is_async: bool = False) -> None:
        """Load none."""
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)


@contextmanager
def reading(sql: str) -> Iterator[None]:
    """Make the view send `sql`."""
    _READS.append(sql)
    try:
        yield
    finally:
        _READS.pop()


def read(request: HttpRequest) -> HttpResponse:
    """Send the statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(_READS[-1])
        rows = cursor.fetchall()
    return HttpResponse(json.dumps([list(map(str, row)) for row in rows]), "application/json")


def quote(request: HttpRequest) -> HttpResponse:
    """Send the statement of a quote, prepared, and return its rows."""
    asked = json.loads(request.body)
    values = {
        **dict.fromkeys(("promo_code", "client_ref", "contract_ref", "version")),
        "companies": [asked["company_id"]],
        "company": asked["company_id"],
        "sku": asked["sku"],
        "plan": asked["plan"],
        "channel": asked["channel"],
        "at": now(),
    }
    rows = _OFFER.rows(values)
    return HttpResponse(json.dumps([list(map(str, row)) for row in rows]), "application/json")


urlpatterns = [path("", read), path("quote", csrf_exempt(quote))]
