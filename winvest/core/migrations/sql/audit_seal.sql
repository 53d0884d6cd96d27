-- What waits for its seal. A line appears here when its entry does, at the commit: a transaction
-- that commits after a higher id is sealed later, and none is ever passed over.
CREATE TABLE audit_unsealed (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL
);
INSERT INTO audit_unsealed SELECT id, at FROM audit_log;

CREATE TABLE audit_seal (
    number bigint PRIMARY KEY,
    entry_id bigint NOT NULL,
    entry_at timestamptz NOT NULL,
    digest bytea NOT NULL,
    chain bytea NOT NULL
);
CREATE UNIQUE INDEX audit_seal_entry ON audit_seal (entry_id);

CREATE TABLE audit_root (
    day date PRIMARY KEY,
    number bigint NOT NULL,
    chain bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT statement_timestamp()
);

CREATE FUNCTION audit_seal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_seal_refuse();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
CREATE TRIGGER audit_root_append_only BEFORE UPDATE OR DELETE ON audit_root
    FOR EACH ROW EXECUTE FUNCTION audit_seal_refuse();
CREATE TRIGGER audit_root_no_truncate BEFORE TRUNCATE ON audit_root
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();

CREATE OR REPLACE FUNCTION audit_write(
    name text, operation text, old_row jsonb, new_row jsonb, masked text[], ignored text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    key text;
    current_row jsonb;
BEGIN
    IF operation = 'insert' THEN old_row := NULL; END IF;
    IF operation = 'delete' THEN new_row := NULL; END IF;
    old_row := old_row - ignored;
    new_row := new_row - ignored;
    IF old_row = new_row THEN RETURN; END IF;
    FOREACH key IN ARRAY masked LOOP
        IF old_row IS NOT NULL AND new_row IS NOT NULL
           AND old_row -> key IS DISTINCT FROM new_row -> key THEN
            new_row := new_row || jsonb_build_object(key, '(modifié)');
        ELSIF new_row IS NOT NULL THEN
            new_row := new_row || jsonb_build_object(key, '(masqué)');
        END IF;
        IF old_row IS NOT NULL THEN
            old_row := old_row || jsonb_build_object(key, '(masqué)');
        END IF;
    END LOOP;
    current_row := coalesce(new_row, old_row);
    WITH line AS (
        INSERT INTO audit_log ("table", record_id, company_id, actor_id, actor_role, request_id,
                               action, before, after)
        VALUES (
            name,
            (current_row ->> 'id')::uuid,
            CASE WHEN name = 'company' THEN (current_row ->> 'id')::uuid
                 ELSE (current_row ->> 'company_id')::uuid END,
            nullif(current_setting('winvest.actor_id', true), '')::uuid,
            coalesce(current_setting('winvest.actor_role', true), ''),
            coalesce(current_setting('winvest.request_id', true), ''),
            operation, old_row, new_row
        )
        RETURNING id, at
    )
    INSERT INTO audit_unsealed (id, at) SELECT id, at FROM line;
END $$;
