-- Whether a JSON value is a list of allowed texts, none of them twice.
CREATE FUNCTION json_set_of(value jsonb, allowed text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN
        (SELECT count(*) = count(DISTINCT item) AND bool_and(item #>> '{}' = ANY(allowed)
            AND jsonb_typeof(item) = 'string') IS NOT FALSE
        FROM jsonb_array_elements(value) item)
    ELSE false END
$$;

-- Whether the payload of a price has the shape of its type (Annexe A.3.3, readings P-03 and P-04):
-- tiers start at 0, leave neither gap nor overlap, and only the last one has no end; a unit is a
-- word.
CREATE FUNCTION pricing_payload_ok(type text, payload jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(CASE type
        WHEN 'fixed' THEN jsonb_typeof(payload -> 'amount') = 'number'
            AND (payload ->> 'amount')::numeric >= 0
        WHEN 'usage' THEN jsonb_typeof(payload -> 'unit') = 'string'
            AND payload ->> 'unit' ~ '^\S(.*\S)?$'
            AND jsonb_typeof(payload -> 'unit_price') = 'number'
            AND (payload ->> 'unit_price')::numeric >= 0
            AND CASE coalesce(jsonb_typeof(payload -> 'min_charge'), 'null')
                WHEN 'null' THEN true
                WHEN 'number' THEN (payload ->> 'min_charge')::numeric >= 0
                END
        WHEN 'indexed' THEN payload ->> 'index' IN ('spot', 'cpi', 'energy')
            AND jsonb_typeof(payload -> 'formula') = 'string'
        WHEN 'tiered' THEN CASE
            WHEN jsonb_typeof(payload) <> 'array' OR payload = '[]' THEN false
            WHEN EXISTS (
                SELECT 1 FROM jsonb_array_elements(payload) tier
                WHERE jsonb_typeof(tier -> 'min') IS DISTINCT FROM 'number'
                OR jsonb_typeof(tier -> 'amount') IS DISTINCT FROM 'number'
                OR coalesce(jsonb_typeof(tier -> 'max'), 'null') NOT IN ('number', 'null')
            ) THEN false
            ELSE (
                SELECT count(DISTINCT percent) = 1 AND bool_and(
                    amount >= 0
                    AND (rank > 1 OR low = 0)
                    AND (high IS NULL) = (following IS NULL)
                    AND coalesce(high > low, true)
                    AND coalesce(
                        following = high OR (high % 1 = 0 AND following = high + 1), true
                    )
                )
                FROM (
                    SELECT rank,
                        (tier ->> 'min')::numeric AS low,
                        (tier ->> 'max')::numeric AS high,
                        (tier ->> 'amount')::numeric AS amount,
                        coalesce(tier ->> 'base', '') = 'percent' AS percent,
                        (lead(tier) OVER (ORDER BY rank) ->> 'min')::numeric AS following
                    FROM jsonb_array_elements(payload) WITH ORDINALITY AS one(tier, rank)
                ) tiers
            )
            END
    END, false)
$$;
