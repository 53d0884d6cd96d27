"""The quote beside a bare Django view that sends the same statement: quotes per second (§4, H.2.4).

Both are called as a server calls them (WSGI), without a network: the whole endpoint from the
bearer token to the signed answer, and the read alone, prepared, its rows written as JSON.
"""

import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.urls import set_urlconf

from tests.perf.measure import Times
from tests.perf.people import HOST, Person
from tests.perf.reference import BareHandler
from winvest.core import json
from winvest.core.clock import now

URL = "/api/catalog/pricing/quote"
CORES = 2
TARGET_PER_SECOND = 1_000
TARGET_RATIO = 0.5
TARGET_P99 = 50.0  # milliseconds
SEED = 20_261_126

# What is on sale on the web, whatever its price is: at most this many plans are asked for.
ON_SALE = """
SELECT p.sku, plan.code, publication.company_id
FROM publication JOIN product_version v ON v.id = publication.product_version_id
JOIN product p ON p.id = v.product_id AND p.lifecycle_status = 'active' AND p.partner_id IS NULL
JOIN product_plan plan ON plan.product_version_id = v.id
WHERE publication.company_id = ANY(%s) AND publication.channels @> '["web"]'
  AND publication.start_at <= %s AND (publication.end_at IS NULL OR publication.end_at > %s)
  AND v.state = 'released' AND v.effective_from <= %s
  AND (v.effective_to IS NULL OR v.effective_to > %s)
ORDER BY md5(plan.id::text) LIMIT %s
"""


def quote_report(reader: Person, samples: int) -> dict[str, Any]:
    """Return the measures of `samples` quotes of plans drawn from what `reader` may sell."""
    bodies = _bodies(reader, samples)
    if not bodies:
        return {"samples": 0}
    token = reader.api.defaults["HTTP_AUTHORIZATION"]
    whole, bare, nothing = Times(), Times(), Times()
    with _both() as (quote, read):
        asks = [(partial(quote, body, token), partial(read, body, "")) for body in bodies]
        answers = [quote(body, token) for body in bodies]
        _check(answers + [alone() for _, alone in asks[:1]])
        for full, alone in asks:
            whole.add(full)
            bare.add(alone)
            nothing.add(int)
    # What measuring itself costs stands in both, and would make them look alike.
    cost = statistics.median(nothing.work)
    for times in (whole, bare):
        times.work = [work - cost for work in times.work]
    return {
        "reader": reader.name,
        "samples": len(bodies),
        "priced": sum(status == HTTPStatus.OK for status in answers),
        **_figures("quote", whole),
        **_figures("bare", bare),
        "ratio": round(_mean(bare.work) / _mean(whole.work), 2),
        "targets": {
            "per_second": TARGET_PER_SECOND,
            "ratio": TARGET_RATIO,
            "p99_ms": TARGET_P99,
        },
    }


def _bodies(reader: Person, samples: int) -> list[dict[str, Any]]:
    at = now()
    companies = list(reader.access.all_companies)
    with connection.cursor() as cursor:
        cursor.execute(ON_SALE, [companies, at, at, at, at, samples])
        rows = cursor.fetchall()
    drawn = random.Random(SEED).choices(rows, k=samples) if rows else []
    return [
        {
            "sku": sku,
            "plan": plan,
            "company_id": str(company),
            "channel": "web",
            "quantity": 1,
            "subject": {"age": 42, "postal_code": "75011", "customer_type": "personal"},
        }
        for sku, plan, company in drawn
    ]


@contextmanager
def _both() -> Iterator[tuple[Callable[..., int], Callable[..., int]]]:
    """Give the whole endpoint and the bare view, each on a handler of its own."""
    whole, bare = WSGIHandler(), BareHandler()
    # What is read stands in a transaction of the bench: the connection stays open, as in service.
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        yield (
            lambda body, token: _call(whole, URL, body, token),
            lambda body, token: _call(bare, "/quote", body, token),
        )
    finally:
        for signal in ends:
            signal.connect(close_old_connections)
        set_urlconf(None)  # the last request's routes would stay this thread's


def _call(handler: WSGIHandler, path: str, body: dict[str, Any], token: str) -> int:
    """Call a handler as a server does, and return the status."""
    content = json.dumps(body).encode()
    status = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": HOST,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "HTTP_AUTHORIZATION": token,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(content),
        "wsgi.errors": BytesIO(),
    }
    answer = handler(environ, lambda told, headers, *_: status.append(told))
    b"".join(answer)
    return int(status[0].split()[0])


def _check(answers: Sequence[int]) -> None:
    """Refuse to measure what is no quote; a price in percent asks for more than is sent (422)."""
    strange = set(answers) - {HTTPStatus.OK, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    if strange:
        raise RuntimeError(f"the quote answers {sorted(strange)}")


def _figures(name: str, times: Times) -> dict[str, float]:
    """Return the rate on two cores by the work done, and the durations by the clock."""
    work = _mean(times.work)
    return {
        f"{name}_per_second_on_{CORES}_cores": round(CORES / work),
        f"{name}_work_ms": round(work * 1000, 3),
        f"{name}_p50_ms": round(statistics.median(times.clock) * 1000, 2),
        f"{name}_p99_ms": round(_p99(times.clock) * 1000, 2),
        f"{name}_work_p99_ms": round(_p99(times.work) * 1000, 2),
    }


def _mean(seconds: Sequence[float]) -> float:
    """Return the mean, the slowest hundredth left out: another process had the core."""
    kept = sorted(seconds)[: max(1, math.floor(len(seconds) * 0.99))]
    return statistics.fmean(kept)


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[math.ceil(len(seconds) * 0.99) - 1]
