"""Times a page beside a bare Django view that does the same read, and looks at its statements."""

import json
import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.perf import reference
from tests.perf.people import HOST

# A table beyond which reading every row is no way to fill a page.
LARGE = 20_000
_LIMITED = re.compile(r" LIMIT (\d+)$")


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of calls, in milliseconds."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return round(statistics.median(self.seconds) * 1000, 1)

    @property
    def p95(self) -> float:
        """The one that 95 % of the calls do not exceed."""
        place = math.ceil(len(self.seconds) * 0.95) - 1
        return round(sorted(self.seconds)[place] * 1000, 1)


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
    bare = Client(SERVER_NAME=HOST)
    times: tuple[list[float], list[float]] = ([], [])

    def ask_bare() -> None:
        with override_settings(ROOT_URLCONF="tests.perf.reference", MIDDLEWARE=[]):
            bare.get("/")

    with reference.reading(read):
        ask_bare()  # loads the handler, without any middleware
        page()
        for _ in range(samples):
            for kept, call in zip(times, (page, ask_bare), strict=True):
                begin = perf_counter()
                call()
                kept.append(perf_counter() - begin)
    return Times(times[0]), Times(times[1])


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


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _scanned(below)
