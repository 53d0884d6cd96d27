"""The versions that wait for their publication and lack a document of their family (E.3-03)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from documents.selectors.coverage import NEEDS
from winvest.core.prepared import Statement

# In review, released for a day to come or with a sale that is planned, and published by nobody:
# short indexes give them.
_WAITS = """
waits AS (
  SELECT v.id AS version, v.version AS number, v.effective_from, v.submitted_at,
    p.id AS product, p.name, p.risk_id AS risk, v.company_id AS company,
    CASE WHEN v.channels = '[]' THEN '["web", "telesales", "field", "partner"]'::jsonb
      ELSE v.channels END AS channels
  FROM product_version v JOIN product p ON p.id = v.product_id
  WHERE v.company_id = ANY(%(companies)s)
    AND (v.state = 'in_review' OR (v.state = 'released' AND v.effective_from > %(at)s)
      OR (v.state = 'released' AND v.id = ANY (ARRAY(
        SELECT sale.product_version_id FROM planned_sale sale
        WHERE sale.company_id = ANY(%(companies)s)
          AND (sale.last_day IS NULL OR sale.last_day >= (%(at)s)::date)))))
    AND (v.effective_to IS NULL OR v.effective_to > %(at)s)
    AND v.submitted_at IS NOT NULL AND p.lifecycle_status <> 'retired'
    AND NOT EXISTS (SELECT FROM publication sold WHERE sold.product_version_id = v.id)
  ORDER BY v.submitted_at, v.id
  LIMIT %(among)s
)
"""
_LACKS = """
SELECT waits.product, waits.number, waits.name, waits.effective_from, c.brand_name, c.timezone,
  coalesce(array_agg(DISTINCT needs.label) FILTER (WHERE brought.id IS NULL), '{}') AS labels,
  coalesce(array_agg(DISTINCT needs.label) FILTER (WHERE brought.is_fit), '{}') AS brought,
  coalesce(array_agg(DISTINCT needs.label) FILTER (WHERE NOT brought.is_fit), '{}') AS unfit
FROM waits
JOIN company c ON c.id = waits.company
CROSS JOIN jsonb_array_elements_text(waits.channels) channel
JOIN needs ON needs.risk = waits.risk
  AND (needs.channel IS NULL OR needs.channel = channel.value)
LEFT JOIN LATERAL (
  SELECT own.id, NOT needs.pdfa OR own.pdfa <> '' AS is_fit FROM product_document own
  WHERE own.product_version_id = waits.version AND own.type = needs.code
    AND (own.state = 'draft' OR (own.state = 'published' AND needs.pdfa AND own.pdfa = ''))
    AND own.channels @> to_jsonb(channel.value)
  ORDER BY is_fit DESC
  LIMIT 1) brought ON true
WHERE NOT EXISTS (
  SELECT FROM product_document kept
  WHERE kept.product_version_id = waits.version AND kept.type = needs.code
    AND kept.state = 'published' AND (NOT needs.pdfa OR kept.pdfa <> '')
    AND kept.channels @> to_jsonb(channel.value)
    AND (kept.valid_until IS NULL OR kept.valid_until >= (%(at)s AT TIME ZONE c.timezone)::date)
)
GROUP BY waits.version, waits.number, waits.product, waits.name, waits.effective_from,
  waits.submitted_at, c.brand_name, c.timezone
ORDER BY waits.submitted_at, waits.version
LIMIT %(limit)s
"""
_read = Statement("WITH RECURSIVE " + ",".join((NEEDS, _WAITS)) + _LACKS)


def lacking_versions(
    companies: Collection[UUID], *, at: datetime, limit: int, among: int = 200
) -> list[Any]:
    """Return the first submitted versions that lack documents in force, with the names of those.

    Looked for `among` the first that wait. `labels` are those that nobody has brought, `brought`
    those that wait for being published, `unfit` those that are no PDF/A and must be one (D-07).

    By what the family asks for at publication; the checklist tells the rest, version by version.
    """
    asked = {"companies": list(companies), "at": at, "limit": limit, "among": among}
    return _read.rows(asked)
