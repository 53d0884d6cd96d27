"""The report of `make bench`: every page with its times, its statements and its ratio."""

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from tests.perf import measure
from tests.perf.lists import LONG, Page, admin_pages, api_pages, catalogue_pages
from tests.perf.people import Person, person
from tests.perf.quotes import quote_report
from tests.support.demo import undone
from tests.support.query_counts import LEDGER
from winvest.core.domain.roles import Role

TARGET = 100.0  # milliseconds at the 95th percentile (`design/quality.md`)
QUOTES = 40  # for each measure of a page
TABLES = (
    *("product", "product_version", "product_plan", "pricing_rule", "publication"),
    *("accounting_mapping", "partner"),
)


def demo_report(words: Sequence[str], samples: int) -> dict[str, Any]:
    """Measure what three people of the demo read; nothing of it stays in the database."""
    with undone():
        people = [
            person(Role.GROUP_ADMIN),
            person(Role.CATALOG_MANAGER, "FT"),
            person(Role.SALES, "FT"),
        ]
        measured = report(people, words, samples)
        if not words or "quote" in words:
            measured["quotes"] = quote_report(people[-1], samples * QUOTES)
        return measured


def report(
    people: Sequence[Person], words: Sequence[str], samples: int, *, long: int = LONG
) -> dict[str, Any]:
    """Return the measures, the machine, the volume, and the pages that miss a target.

    Every page of the lists for the first person, the main ones for the others.
    """
    pages = [
        row
        for reader in people
        for source in (catalogue_pages, admin_pages, api_pages)
        for page in source(reader, every=reader is people[0], words=words, long=long)
        for row in [_measured(reader, page, samples)]
    ]
    return {
        "machine": machine(),
        "volume": volume(),
        "samples": samples,
        "target_p95_ms": TARGET,
        "pages": pages,
        "slow": [_name(row) for row in pages if row["p95_ms"] >= TARGET],
        "slow_work": [_name(row) for row in pages if row["work_p95_ms"] >= TARGET],
        "whole_reads": [_name(row) for row in pages if row["whole_reads"]],
    }


def _measured(reader: Person, page: Page, samples: int) -> dict[str, Any]:
    ask = partial(_ask, page)
    ask()  # what a process reads once is not the page's
    sql = measure.statements(ask)
    read = measure.main_read(sql, page.table) or "SELECT 1"
    times, bare = measure.time_both(ask, read, samples)
    row = {
        "reader": reader.name,
        "list": page.ledger,
        "variant": page.variant,
        "p50_ms": measure.middle(times.clock),
        "p95_ms": measure.p95(times.clock),
        "work_p50_ms": measure.middle(times.work),
        "work_p95_ms": measure.p95(times.work),
        "bare_work_p50_ms": measure.middle(bare.work),
        "ratio": round(measure.middle(times.work) / measure.middle(bare.work), 1),
        "queries": len(sql),
        "ledger": _ledger().get(page.ledger),
        "whole_reads": measure.whole_reads(sql, measure.large_tables()),
    }
    sys.stderr.write(f"{row['p95_ms']:8} ms {row['work_p95_ms']:8} ms  {_name(row)}\n")
    return row


def _ask(page: Page) -> None:
    response = page.ask()
    assert response.status_code == 200, f"{page.address} : {response.status_code}"


def _ledger() -> dict[str, int]:
    counts: dict[str, int] = json.loads(LEDGER.read_text(encoding="utf-8"))
    return counts


def _name(row: dict[str, Any]) -> str:
    return f"{row['list']} — {row['variant']} ({row['reader']})"


def volume() -> dict[str, int]:
    """Return the rows of the main tables, as PostgreSQL estimates them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'"
            " AND (relname = ANY(%s) OR relname LIKE 'audit_log_%%') AND reltuples > 0"
            " ORDER BY relname",
            [list(TABLES)],
        )
        return dict(cursor.fetchall())


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": next(_processors(), platform.machine()),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        "memory_gb": round(memory / 2**30),
        "python": platform.python_version(),
        "postgresql": postgres,
    }


def _processors() -> Iterator[str]:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            yield line.partition(":")[2].strip()
