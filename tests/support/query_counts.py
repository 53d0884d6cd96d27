"""The ledger of query counts (`tests/query_counts.json`): equal at 2 and at 20 rows."""

import json
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

LEDGER = Path(__file__).parents[1] / "query_counts.json"


def check_query_count(name: str, call: Callable[[], object], add_rows: Callable[[int], object]):
    """Call with 2 rows, then with 20: as many statements, and as many as the ledger says.

    `add_rows(n)` adds n rows of what `call` reads. A plain psycopg cursor is not counted.
    """
    counts: list[int] = []
    call()  # what is kept for a minute, as the numbers of the menu, is read once
    captured = CaptureQueriesContext(connection)
    for rows in (2, 18):
        add_rows(rows)
        with captured:
            call()
        counts.append(len(captured))
    expected = json.loads(LEDGER.read_text(encoding="utf-8")).get(name)
    statements = "\n".join(query["sql"] for query in captured.captured_queries)
    assert counts == [expected, expected], f"{name}: {counts}, ledger {expected}\n{statements}"
