"""How many products of a company have their accounts (6-05, H.3.1)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.selectors.heads import HEADS
from winvest.core.prepared import Statement

_STANDS = """,
stands AS (
  SELECT heads.company, heads.product,
    bool_and(EXISTS (SELECT FROM accounting_mapping m
      WHERE m.product_version_id = heads.version AND m.company_id = heads.company
        AND m.nature = nature.value AND m.state = 'validated')) AS is_validated,
    bool_and(EXISTS (SELECT FROM accounting_mapping m
      WHERE m.product_version_id = heads.version AND m.company_id = heads.company
        AND m.nature = nature.value AND m.state <> 'replaced')) AS is_mapped
  FROM heads
  JOIN (VALUES ('revenue', 'revenue'), ('commission', 'commission'), ('mixed', 'revenue'),
    ('mixed', 'commission')) nature (model, value) ON nature.model = heads.revenue_model
  GROUP BY heads.company, heads.product
)
SELECT company, count(*) AS products,
  count(*) FILTER (WHERE is_validated) AS validated,
  count(*) FILTER (WHERE is_mapped AND NOT is_validated) AS waiting
FROM stands GROUP BY company
"""
_COUNT = Statement("".join(("WITH ", HEADS, _STANDS)))


def mapping_coverage(companies: Collection[UUID], at: datetime) -> dict[UUID, Any]:
    """Return, by company, how many `products` it has, for how many each nature that they book has a
    `validated` account of the company, and how many have accounts that wait for validation.

    A product that is not retired counts once, by its version in force at `at`, else its newest.
    """
    rows = _COUNT.rows({"companies": list(companies), "at": at})
    return {
        row.company: {
            "products": row.products,
            "validated": row.validated,
            "waiting": row.waiting,
        }
        for row in rows
    }
