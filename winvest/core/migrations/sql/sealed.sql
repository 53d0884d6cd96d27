-- Whether a JSON value is a sealed envelope: the id of a data key, and in base64 a nonce of 12
-- bytes, the encrypted message and its tag of 16 bytes (`winvest.core.crypto.envelope`).
CREATE FUNCTION is_sealed(value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'object' THEN
        coalesce(value - 'key' - 'data' = '{}'
            AND value ->> 'key' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            AND value ->> 'data' ~ '^([A-Za-z0-9+/]{4}){9,}([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$',
            false)
    ELSE value IS NULL END
$$;
