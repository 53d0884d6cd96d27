"""The reference: a Django view without middleware that sends one statement and answers in JSON."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from winvest.core import json

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


urlpatterns = [path("", read)]
