"""The statements of a price grid, on a plain psycopg cursor: rows as a quote reads them.

The conditions are the quote's (`quote_sql`): the version in force, the plans on offer, a plan's own
prices or else the version's, the VAT rate and the index on the company's local day.
"""

# What is published by the company at the instant, on the channel when one is asked for.
_SOLD = """
JOIN (
  SELECT publication.product_version_id, jsonb_agg(DISTINCT channel.code) AS channels
  FROM publication, jsonb_array_elements_text(publication.channels) AS channel(code)
  WHERE publication.company_id = %(company)s
    AND publication.start_at <= %(at)s
    AND (publication.end_at IS NULL OR publication.end_at > %(at)s)
    AND (%(channel)s::text = '' OR publication.channels @> jsonb_build_array(%(channel)s::text))
  GROUP BY publication.product_version_id
) sold ON sold.product_version_id = v.id
"""

# What the company owns or sells, of these SKUs.
_NAMED = """
JOIN (SELECT '[]'::jsonb AS channels) sold ON p.sku = ANY(%(skus)s) AND (p.company_id = c.id
  OR EXISTS (SELECT 1 FROM publication lent
    WHERE lent.product_id = p.id AND lent.company_id = c.id))
"""

_ROWS = """
SELECT c.code AS company, c.timezone, c.currency AS own_currency,
  p.id AS product_id, p.company_id AS owner_id, p.risk_id, p.sku, p.name AS product_name, p.unit,
  p.lifecycle_status, risk.label AS risk, partner.name AS partner,
  v.id AS version_id, v.version, v.effective_from, v.effective_to, sold.channels,
  plan.id AS plan_id, plan.code AS plan_code, plan.name AS plan_name, plan.recurrence,
  plan.valid_from, plan.valid_to, plan.parameters,
  plan.options, plan.surcharges, plan.discounts,
  plan.bundle_kind, plan.bundle_value, plan.bundle_tax_included,
  rule.id AS rule_id, rule.plan_id AS rule_plan_id, rule.type AS rule_type, rule.payload, rule.tier_mode, rule.currency,
  rule.tax_code, rule.tax_included, rate.rate, NULL::text AS negotiated_type,
  index.valid_on AS index_on, index.value AS index_value
FROM company c
JOIN product_version v ON v.state = 'released'
  AND v.effective_from <= %(at)s AND (v.effective_to IS NULL OR v.effective_to > %(at)s)
JOIN product p ON p.id = v.product_id
{products}
JOIN risk ON risk.id = p.risk_id
LEFT JOIN partner ON partner.id = p.partner_id
LEFT JOIN product_plan plan ON plan.product_version_id = v.id
LEFT JOIN pricing_rule rule ON rule.product_version_id = v.id
  AND coalesce(plan.bundle_kind, '') = ''
  AND (rule.plan_id = plan.id OR (rule.plan_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM pricing_rule own
    WHERE own.product_version_id = v.id AND own.plan_id = plan.id)))
LEFT JOIN vat_rate rate ON rate.code = rule.tax_code AND rate.country = c.country
  AND rate.valid_from <= (%(at)s AT TIME ZONE c.timezone)::date
  AND (rate.valid_to IS NULL OR rate.valid_to > (%(at)s AT TIME ZONE c.timezone)::date)
LEFT JOIN LATERAL (SELECT valid_on, value FROM index_value i
  WHERE i.index = rule.payload->>'index'
    AND valid_on <= (%(at)s AT TIME ZONE c.timezone)::date
  ORDER BY valid_on DESC LIMIT 1) index ON rule.type = 'indexed'
WHERE c.id = %(company)s
  AND (plan.valid_from IS NULL OR plan.valid_from <= %(at)s)
  AND (plan.valid_to IS NULL OR plan.valid_to > %(at)s)
ORDER BY p.sku COLLATE "C", plan.position, plan.code COLLATE "C", rule.id
"""

PUBLISHED = _ROWS.replace("{products}", _SOLD)
NAMED = _ROWS.replace("{products}", _NAMED)

COUNT = "SELECT count(*) FROM product_version v {products}".replace("{products}", _SOLD)

# The promotions that run at the instant, of whoever owns something that the company publishes.
PROMOTIONS = """
SELECT o.product_id, o.company_id, o.plan_code, o.code, o.kind, o.value, o.on_code
FROM promotion o
WHERE o.start_at <= %(at)s AND (o.end_at IS NULL OR o.end_at > %(at)s)
  AND (%(channel)s::text = '' OR o.channels = '[]'
    OR o.channels @> jsonb_build_array(%(channel)s::text))
  AND (o.company_id = %(company)s OR o.company_id IN (SELECT owner_company_id FROM publication
    WHERE publication.company_id = %(company)s AND publication.start_at <= %(at)s
      AND (publication.end_at IS NULL OR publication.end_at > %(at)s)))
ORDER BY o.code COLLATE "C", o.id
"""

# What is being prepared for products: drafts, versions in review, releases to come.
PREPARED = """
SELECT v.product_id, v.id AS version_id, v.version, v.state,
  plan.id AS plan_id, plan.code AS plan_code, plan.bundle_kind, plan.bundle_value,
  plan.options, plan.surcharges, plan.discounts,
  rule.id AS rule_id, rule.type AS rule_type, rule.payload, rule.tier_mode
FROM product_version v
LEFT JOIN product_plan plan ON plan.product_version_id = v.id
LEFT JOIN pricing_rule rule ON rule.product_version_id = v.id
  AND coalesce(plan.bundle_kind, '') = ''
  AND (rule.plan_id = plan.id OR (rule.plan_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM pricing_rule own
    WHERE own.product_version_id = v.id AND own.plan_id = plan.id)))
WHERE v.product_id = ANY(%(products)s) AND (v.state IN ('draft', 'in_review')
  OR (v.state = 'released' AND v.effective_from > %(at)s))
ORDER BY v.product_id, v.version DESC, plan.code COLLATE "C", rule.id
"""
