"""The statements of a quote, on a plain psycopg cursor: prepared, which halves their cost."""

# What prices a plan: the plan, its rules (of the version, when it has none; none for a bundle),
# the VAT rate and the index on the local day, and a client's own price.
_PRICE = """
  plan.code AS plan_code, plan.name AS plan_name, plan.recurrence,
  plan.valid_from, plan.valid_to, plan.parameters, plan.options, plan.surcharges, plan.discounts,
  plan.id AS plan_id, plan.bundle_kind, plan.bundle_value, plan.bundle_tax_included,
  EXISTS (SELECT 1 FROM product_plan q WHERE q.product_version_id = v.id)
    AS has_plans,
  rule.id AS rule_id, rule.type AS rule_type, rule.payload, rule.tier_mode, rule.currency, rule.tax_code,
  rule.tax_included, rate.rate, rate.valid_to::timestamp AT TIME ZONE c.timezone AS rate_until,
  negotiated.type AS negotiated_type, negotiated.payload AS negotiated_payload,
  negotiated.tier_mode AS negotiated_mode, negotiated.tax_included AS negotiated_included,
  negotiated.end_at AS negotiated_until,
  index.valid_on AS index_on, index.value AS index_value,
  (SELECT min(l.valid_on) FROM index_value l
    WHERE l.index = coalesce(negotiated.payload, rule.payload)->>'index'
    AND l.valid_on > (%(at)s AT TIME ZONE c.timezone)::date)::timestamp
    AT TIME ZONE c.timezone AS index_until
"""
_RULES = """
LEFT JOIN pricing_rule rule ON rule.product_version_id = v.id
  AND coalesce(plan.bundle_kind, '') = ''
  AND rule.plan_id IS NOT DISTINCT FROM (
    SELECT own.plan_id FROM pricing_rule own
    WHERE own.product_version_id = v.id AND own.plan_id = plan.id LIMIT 1)
LEFT JOIN vat_rate rate ON rate.code = rule.tax_code AND rate.country = c.country
  AND rate.valid_from <= (%(at)s AT TIME ZONE c.timezone)::date
  AND (rate.valid_to IS NULL OR rate.valid_to > (%(at)s AT TIME ZONE c.timezone)::date)
"""
_INDEX = """
LEFT JOIN LATERAL (SELECT valid_on, value FROM index_value i
  WHERE i.index = coalesce(negotiated.payload, rule.payload)->>'index'
    AND valid_on <= (%(at)s AT TIME ZONE c.timezone)::date
  ORDER BY valid_on DESC LIMIT 1) index ON coalesce(negotiated.type, rule.type) = 'indexed'
"""

# The initial fees of the plan, else of the version: a plan's own billing takes its place whole.
_FEE = """
LEFT JOIN LATERAL (SELECT b.fee_amount, b.fee_label, b.fee_tax_code, b.fee_tax_included,
    r.rate AS fee_rate, r.valid_to::timestamp AT TIME ZONE c.timezone AS fee_rate_until
  FROM version_billing b
  LEFT JOIN vat_rate r ON r.code = b.fee_tax_code AND r.country = c.country
    AND r.valid_from <= (%(at)s AT TIME ZONE c.timezone)::date
    AND (r.valid_to IS NULL OR r.valid_to > (%(at)s AT TIME ZONE c.timezone)::date)
  WHERE b.product_version_id = v.id AND (b.plan_id = plan.id OR b.plan_id IS NULL)
  ORDER BY b.plan_id LIMIT 1) billing ON true
"""

# A stop that is planned holds from its own date, whether the sweeper has made the move or not; a
# start waits for being made. The next stop ends what is priced before it (M-06).
_STOPS = """
  (SELECT nullif(t.to_status, 'active') FROM product_transition t
    WHERE t.product_id = p.id AND t.state = 'planned' AND t.due_at <= %(at)s
    ORDER BY t.due_at DESC LIMIT 1) AS stopped,
  (SELECT min(t.due_at) FROM product_transition t
    WHERE t.product_id = p.id AND t.state = 'planned' AND t.due_at > %(at)s
    AND t.to_status IN ('frozen', 'retired')) AS stops_at,
"""

# One row per price of the plan (of the version, when the plan has none), at least one row when
# the company knows the product: it owns it, or it has, or has had, a publication of it.
OFFER_ROWS = "".join(
    (
        """
SELECT c.timezone, p.id AS product_id, p.sku, p.name AS product_name, p.lifecycle_status, p.unit,
  p.partner_id IS NULL OR (partner.status = 'active' AND
    coalesce(activation.status = 'active', partner.company_id = c.id)) AS partner_active,
  (SELECT min(first.effective_from) FROM product_version first
    WHERE first.product_id = p.id AND first.state = 'released') AS first_effective,
  v.id AS version_id, v.version, v.effective_to, v.geography, v.eligibility,
  risk.scope AS risk_scope,
""",
        _STOPS,
        """
  published.end_at AS published_until, published.id IS NOT NULL AS published,
  published.availability IS DISTINCT FROM 'unavailable' AS available,
  published.visibility = 'hidden' AS hidden, published.price_visible,
  EXISTS (SELECT 1 FROM sales_ban b WHERE b.company_id = c.id
    AND (b.product_id IS NULL OR b.product_id = p.id)
    AND (b.channel IS NULL OR b.channel = %(channel)s::text)
    AND b.start_at <= %(at)s AND (b.end_at IS NULL OR b.end_at > %(at)s)) AS banned,
""",
        _PRICE,
        """,
  planned.promotions, billing.*
FROM company c
JOIN product p ON p.sku = %(sku)s AND (p.company_id = c.id OR EXISTS (
  SELECT 1 FROM product_version sold JOIN publication ON publication.product_version_id = sold.id
  WHERE sold.product_id = p.id AND publication.company_id = c.id))
JOIN risk ON risk.id = p.risk_id
LEFT JOIN LATERAL (SELECT jsonb_agg(o ORDER BY o.id) AS promotions
  FROM promotion o WHERE o.company_id = p.company_id
    AND (upper(o.code) = upper(%(promo_code)s::text) OR (NOT o.on_code
      AND (o.product_id IS NULL OR o.product_id = p.id)
      AND o.start_at <= %(at)s
      AND (o.end_at IS NULL OR o.end_at > %(at)s)))) planned ON true
LEFT JOIN partner ON partner.id = p.partner_id
LEFT JOIN partner_company activation
  ON activation.partner_id = p.partner_id AND activation.company_id = c.id
LEFT JOIN product_version v ON v.product_id = p.id AND v.state = 'released'
  AND v.effective_from <= %(at)s AND (v.effective_to IS NULL OR v.effective_to > %(at)s)
LEFT JOIN publication published ON published.product_version_id = v.id
  AND published.company_id = c.id AND published.channels @> jsonb_build_array(%(channel)s::text)
  AND published.start_at <= %(at)s AND (published.end_at IS NULL OR published.end_at > %(at)s)
LEFT JOIN product_plan plan ON plan.product_version_id = v.id AND plan.code = %(plan)s::text
""",
        _RULES,
        """
LEFT JOIN LATERAL (SELECT * FROM negotiated_price n WHERE n.product_id = p.id
    AND n.plan_code = coalesce(%(plan)s::text, '')
    AND (n.contract_ref = %(contract_ref)s::uuid
      OR n.client_ref = %(client_ref)s::uuid)
    AND n.start_at <= %(at)s
    AND (n.end_at IS NULL OR n.end_at > %(at)s)
  ORDER BY n.contract_ref LIMIT 1) negotiated ON true
""",
        _INDEX,
        _FEE,
        """
WHERE c.id = %(company)s AND c.id = ANY(%(companies)s)
""",
    )
)
OFFER = f"{OFFER_ROWS}ORDER BY rule.id"

# One row per price of each component of a bundle, at least one row per component.
COMPONENTS = "".join(
    (
        """
SELECT c.timezone, held.id AS component_id, held.quantity, held.plan_code AS asked_plan,
  p.id AS product_id, p.sku, p.name AS product_name, p.lifecycle_status, p.unit,
  v.version, v.effective_to,
""",
        _PRICE,
        """
FROM bundle_component held
JOIN company c ON c.id = %(company)s
JOIN product p ON p.id = held.product_id
LEFT JOIN product_version v ON v.product_id = p.id AND v.state = 'released'
  AND v.effective_from <= %(at)s AND (v.effective_to IS NULL OR v.effective_to > %(at)s)
LEFT JOIN product_plan plan ON plan.product_version_id = v.id AND plan.code = held.plan_code
LEFT JOIN (SELECT NULL::text AS type, NULL::jsonb AS payload, NULL::text AS tier_mode,
    NULL::boolean AS tax_included, NULL::timestamptz AS end_at, NULL::uuid AS contract_ref
  ) negotiated ON true
""",
        _RULES,
        _INDEX,
        """
WHERE held.plan_id = %(plan_id)s
ORDER BY held.position, held.id, rule.id
""",
    )
)

# The version that a contract in force runs under, instead of the one for new business.
OFFER_OF_CONTRACT = OFFER.replace(
    "AND v.effective_from <= %(at)s AND (v.effective_to IS NULL OR v.effective_to > %(at)s)",
    "AND v.version = %(version)s",
)
# A version that is on sale nowhere yet: its price is tried, and sold to nobody.
OFFER_OF_TRIAL = OFFER_OF_CONTRACT.replace(
    "LEFT JOIN product_version v ON v.product_id = p.id AND v.state = 'released'",
    "LEFT JOIN product_version v ON v.product_id = p.id AND v.state <> 'withdrawn'",
)
# The releases of a product, and in each row whether it is retired by then, and by which exit plan.
RELEASES = """
SELECT v.version, v.effective_from, v.applies_to_inforce, c.timezone,
  p.lifecycle_status = 'retired' OR plan.due_at IS NOT NULL AS retired,
  plan.due_at AS retired_at, plan.renewals_allowed
FROM company c JOIN product p ON p.sku = %(sku)s AND (p.company_id = c.id OR EXISTS (
  SELECT 1 FROM product_version sold JOIN publication ON publication.product_version_id = sold.id
  WHERE sold.product_id = p.id AND publication.company_id = c.id))
JOIN product_version v ON v.product_id = p.id AND v.state = 'released'
LEFT JOIN LATERAL (SELECT t.due_at, t.renewals_allowed FROM product_transition t
  WHERE t.product_id = p.id AND t.to_status = 'retired'
    AND (t.state = 'applied' OR (t.state = 'planned' AND t.due_at <= %(at)s))
  ORDER BY t.due_at DESC LIMIT 1) plan ON true
WHERE c.id = %(company)s AND c.id = ANY(%(companies)s)
"""
