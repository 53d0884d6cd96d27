"""The version that stands for each product of a company: where a count has one place for each."""

# A table expression for statements that give `companies` and `at`: of every product that is not
# retired, the version in force, else the newest that was not withdrawn. A version without channels
# is for all of them.
HEADS = """
heads AS (
  SELECT p.id AS product, p.company_id AS company, p.risk_id AS risk, p.revenue_model,
    head.id AS version,
    CASE WHEN head.channels = '[]' THEN '["web", "telesales", "field", "partner"]'::jsonb
      ELSE head.channels END AS channels
  FROM product p
  CROSS JOIN LATERAL (
    SELECT v.id, v.channels FROM product_version v
    WHERE v.product_id = p.id AND v.state <> 'withdrawn'
    ORDER BY (v.state = 'released' AND v.effective_from <= %(at)s
      AND (v.effective_to IS NULL OR v.effective_to > %(at)s)) DESC, v.version DESC
    LIMIT 1
  ) head
  WHERE p.company_id = ANY(%(companies)s) AND p.lifecycle_status <> 'retired'
)
"""
