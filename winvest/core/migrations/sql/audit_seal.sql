-- What waits for its seal. A line appears here when its entry does, at the commit: a transaction
-- that commits after a higher id is sealed later, and none is ever passed over.
CREATE TABLE audit_unsealed (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL
);

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
