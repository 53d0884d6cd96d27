CREATE SEQUENCE audit_log_id_seq;

CREATE TABLE audit_log (
    id bigint NOT NULL DEFAULT nextval('audit_log_id_seq'),
    "table" varchar(60) NOT NULL,
    record_id uuid NOT NULL,
    company_id uuid,
    actor_id uuid,
    actor_role varchar(120) NOT NULL,
    session_user_name varchar(63) NOT NULL DEFAULT session_user,
    request_id varchar(64) NOT NULL,
    action varchar(10) NOT NULL,
    before jsonb,
    after jsonb,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

ALTER SEQUENCE audit_log_id_seq OWNED BY audit_log.id;
-- For the newest lines of a company and the life of a record, then for each filter of the log.
CREATE INDEX audit_log_record ON audit_log (record_id, id DESC);
CREATE INDEX audit_log_company ON audit_log (company_id, id DESC);
CREATE INDEX audit_log_table ON audit_log ("table", id DESC);
CREATE INDEX audit_log_action ON audit_log (action, id DESC);
CREATE INDEX audit_log_actor ON audit_log (actor_id, id DESC) WHERE actor_id IS NOT NULL;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log: append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Writes one line of the log. `masked` columns leave only the fact that they changed, `ignored`
-- ones leave nothing; an update that changed nothing else writes no line.
CREATE FUNCTION audit_write(
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
