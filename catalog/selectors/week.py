"""What changed in the catalogue in a week, day by day (§6; the legal log is what is counted)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from winvest.core.prepared import Statement

DAYS = 7
_COUNT = Statement(
    """
SELECT log.company_id AS company, (log.at AT TIME ZONE c.timezone)::date AS day, log."table",
  count(*) AS number
FROM audit_log log JOIN company c ON c.id = log.company_id
WHERE log.company_id = ANY(%(companies)s) AND log.at > %(since)s AND log.at <= %(at)s
  AND log.action IN ('insert', 'update', 'delete')
GROUP BY 1, 2, 3
"""
)


def changes_of_week(companies: Collection[UUID], at: datetime) -> dict[UUID, Any]:
    """Return, by company, the number of rows changed in the seven days that end at `at`.

    Each is a list of the local day (ISO), the table, and the number.
    """
    found: dict[UUID, Any] = {company: [] for company in companies}
    since = at - timedelta(days=DAYS)
    for row in _COUNT.rows({"companies": list(companies), "at": at, "since": since}):
        found[row.company].append([row.day.isoformat(), row.table, row.number])
    return found
