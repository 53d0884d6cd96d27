"""Times a page beside a bare Django view that does the same read, and looks at its statements."""

import json
import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import set_urlconf

from tests.perf import reference
from tests.perf.people import HOST

# A table beyond which reading every row is no way to fill a page.
LARGE = 20_000
# Steps of a plan that take every row before they give one.
_WHOLE = {"Sort", "Hash", "Aggregate", "Materialize", "Incremental Sort"}
_LIMITED = re.compile(r" LIMIT (\d+)$")


@dataclass(slots=True)
class Times:
    """Durations of calls, in seconds: by the clock, and of work (of Python and of PostgreSQL).

    The work is what the clock would show on a machine with nothing else to do.
    """

    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    def add(self, call: Callable[[], object]) -> None:
        """Call once more."""
        clock, work = perf_counter(), _worked()
        call()
        self.clock.append(perf_counter() - clock)
        self.work.append(_worked() - work)


def middle(seconds: Sequence[float]) -> float:
    """Return the median in milliseconds."""
    return round(statistics.median(seconds) * 1000, 1)


def p95(seconds: Sequence[float]) -> float:
    """Return what 95 % of the durations do not exceed, in milliseconds."""
    place = math.ceil(len(seconds) * 0.95) - 1
    return round(sorted(seconds)[place] * 1000, 1)


def _worked() -> float:
    """Return the processor seconds of this process and of its PostgreSQL session.

    A session on another machine counts for nothing: there the clock alone is to be believed.
    """
    raw: Any = connection.connection
    account = Path(f"/proc/{raw.info.backend_pid}/schedstat")
    nanoseconds = int(account.read_text().split()[0]) if account.exists() else 0
    return process_time() + nanoseconds / 1e9


def statements(call: Callable[[], object]) -> list[str]:
    """Return the SQL that a call sends."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return [query["sql"] for query in captured.captured_queries]


def main_read(sql: Sequence[str], table: str) -> str:
    """Return the statement that reads the rows of the page: the last one with its limit."""
    reads = [one for one in sql if one.startswith("SELECT ") and _LIMITED.search(one)]
    own = [one for one in reads if f'FROM "{table}"' in one] or reads
    return own[-1] if own else ""


def time_both(page: Callable[[], object], read: str, samples: int) -> tuple[Times, Times]:
    """Time the page and the bare view in turns, so that the machine's moods fall on both."""
    handler, request = reference.BareHandler(), RequestFactory(SERVER_NAME=HOST).get("/")
    times = Times(), Times()

    def ask_bare() -> None:
        handler.get_response(reference.BareRequest(request.environ))

    with reference.reading(read):
        ask_bare()
        page()
        for _ in range(samples):
            times[0].add(page)
            times[1].add(ask_bare)
    set_urlconf(None)  # the last request's routes would stay this thread's
    return times


def large_tables() -> set[str]:
    """Return the names of the tables with many rows, partitions included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE]
        )
        return {name for (name,) in cursor.fetchall()}


def whole_reads(sql: Sequence[str], large: set[str]) -> list[str]:
    """Return the large tables that a statement reads from one end to the other."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        for one in sql:
            if not one.startswith("SELECT "):
                continue
            cursor.execute("EXPLAIN (FORMAT JSON) " + one.replace("%", "%%"), [])
            (answer,) = cursor.fetchone()
            plans = json.loads(answer) if isinstance(answer, str) else answer
            found |= {name for name in _scanned(plans[0]["Plan"]) if name in large}
    return sorted(found)


def _scanned(node: dict[str, Any], *, bounded: bool = False) -> Iterator[str]:
    """Give the tables read from one end to the other; below a LIMIT a read stops in time."""
    kind = node["Node Type"]
    if kind == "Seq Scan" and not bounded:
        yield node["Relation Name"]
    bounded = kind == "Limit" or (bounded and kind not in _WHOLE)
    for below in node.get("Plans", ()):
        yield from _scanned(below, bounded=bounded)
