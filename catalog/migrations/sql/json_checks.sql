-- Whether a JSON value is a list of allowed texts, none of them twice.
CREATE FUNCTION json_set_of(value jsonb, allowed text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN
        (SELECT count(*) = count(DISTINCT item) AND bool_and(item #>> '{}' = ANY(allowed)
            AND jsonb_typeof(item) = 'string') IS NOT FALSE
        FROM jsonb_array_elements(value) item)
    ELSE false END
$$;

-- Whether the payload of a price has the shape of its type (Annexe A.3.3, reading P-03).
CREATE FUNCTION pricing_payload_ok(type text, payload jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(CASE type
        WHEN 'fixed' THEN jsonb_typeof(payload -> 'amount') = 'number'
            AND (payload ->> 'amount')::numeric >= 0
        WHEN 'usage' THEN jsonb_typeof(payload -> 'unit') = 'string'
            AND jsonb_typeof(payload -> 'unit_price') = 'number'
            AND (payload ->> 'unit_price')::numeric >= 0
        WHEN 'indexed' THEN payload ->> 'index' IN ('spot', 'cpi', 'energy')
            AND jsonb_typeof(payload -> 'formula') = 'string'
        WHEN 'tiered' THEN jsonb_typeof(payload) = 'array' AND payload <> '[]'
    END, false)
$$;
