-- Where the chain of seals stands, kept apart from the seals: a tail removed with its seals leaves
-- a head that says how far they went. It only moves forward.
CREATE TABLE audit_head (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    number bigint NOT NULL,
    chain bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT statement_timestamp()
);
INSERT INTO audit_head (number, chain)
    SELECT number, chain FROM audit_seal ORDER BY number DESC LIMIT 1;

CREATE FUNCTION audit_head_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.number > OLD.number THEN RETURN NEW; END IF;
    RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_head_forward BEFORE UPDATE OR DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_refuse();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();

-- What waits leaves the queue once it is sealed, and in no other way.
CREATE FUNCTION audit_unsealed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM audit_seal WHERE entry_id = OLD.id AND entry_at = OLD.at
    ) THEN RETURN OLD; END IF;
    RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_unsealed_kept BEFORE UPDATE OR DELETE ON audit_unsealed
    FOR EACH ROW EXECUTE FUNCTION audit_unsealed_refuse();
CREATE TRIGGER audit_unsealed_no_truncate BEFORE TRUNCATE ON audit_unsealed
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
