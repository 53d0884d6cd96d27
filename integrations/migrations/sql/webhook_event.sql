-- The inbox of the partners, cut by month (Annexe A.6): the key holds what chooses the partition.
CREATE TABLE webhook_event (
    id uuid NOT NULL,
    company_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    external_event_id varchar(200) NOT NULL,
    received_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    payload jsonb NOT NULL,
    signature varchar(96) NOT NULL,
    status varchar(10) NOT NULL DEFAULT 'received',
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error text,
    next_retry_at timestamptz,
    processed_at timestamptz,
    PRIMARY KEY (id, received_at),
    CONSTRAINT webhook_event_endpoint_owner_fk FOREIGN KEY (endpoint_id, company_id)
        REFERENCES webhook_endpoint (id, company_id) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (received_at);
