"""How many products of a company have the documents that their family asks for (H.3.1)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.selectors.heads import HEADS
from winvest.core.prepared import Statement

# What a family asks for holds for those below it, on a channel or (NULL) on all; a product serves a
# type when a document of its version is in force on each channel where it is asked for.
NEEDS = """
lineage AS (
  SELECT id AS risk, id AS family, parent_id FROM risk
  UNION ALL
  SELECT below.risk, above.id, above.parent_id
  FROM lineage below JOIN risk above ON above.id = below.parent_id
), needs AS (
  SELECT DISTINCT lineage.risk, kind.code, kind.label, kind.pdfa_required AS pdfa, asked.channel
  FROM lineage
  JOIN document_requirement asked
    ON asked.family_id = lineage.family AND asked.is_active AND asked.stage = 'publication'
  JOIN document_type kind ON kind.id = asked.document_type_id
)
"""
_SERVED = """
served AS (
  SELECT DISTINCT kept.product_version_id AS version, kept.type, channel.value AS channel
  FROM product_document kept
  JOIN company c ON c.id = kept.company_id
  CROSS JOIN jsonb_array_elements_text(kept.channels) channel
  WHERE kept.company_id = ANY(%(companies)s) AND kept.state = 'published'
    AND (kept.valid_until IS NULL OR kept.valid_until >= (%(at)s AT TIME ZONE c.timezone)::date)
)
"""
_LACKS = """
lacks AS (
  SELECT DISTINCT heads.product, needs.label
  FROM heads
  CROSS JOIN jsonb_array_elements_text(heads.channels) channel
  JOIN needs ON needs.risk = heads.risk
    AND (needs.channel IS NULL OR needs.channel = channel.value)
  LEFT JOIN served ON served.version = heads.version AND served.type = needs.code
    AND served.channel = channel.value
  WHERE served.version IS NULL
)
SELECT heads.company, lacks.label, grouping(lacks.label) = 1 AS is_whole,
  count(DISTINCT heads.product) AS products,
  count(*) FILTER (WHERE lacks.label IS NULL) AS complete
FROM heads LEFT JOIN lacks ON lacks.product = heads.product
GROUP BY GROUPING SETS ((heads.company), (heads.company, lacks.label))
ORDER BY heads.company, products DESC, lacks.label
"""
_COUNT = Statement("WITH RECURSIVE " + ",".join((NEEDS, _SERVED, HEADS, _LACKS)))


def document_coverage(companies: Collection[UUID], at: datetime) -> dict[UUID, Any]:
    """Return, by company, how many `products` it has, how many are `complete` at `at`, and how many
    lack each type of document (`lacks`, the most frequent first).

    A product that is not retired counts once, by its version in force, else its newest.
    """
    found: dict[UUID, Any] = {}
    lacks: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in _COUNT.rows({"companies": list(companies), "at": at}):
        if row.is_whole:
            found[row.company] = {"products": row.products, "complete": row.complete}
        elif row.label is not None:
            lacks[row.company][row.label] = row.products
    return {company: counted | {"lacks": lacks[company]} for company, counted in found.items()}
