"""The reference: a Django view without middleware that sends one statement and answers in JSON."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from catalog.selectors import quote_sql
from winvest.core import json
from winvest.core.clock import now

_READS: list[str] = []


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
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = 0
    with psycopg.Cursor(raw) as cursor:
        rows = cursor.execute(quote_sql.OFFER, values).fetchall()
    return HttpResponse(json.dumps([list(map(str, row)) for row in rows]), "application/json")


urlpatterns = [path("", read), path("quote", csrf_exempt(quote))]
