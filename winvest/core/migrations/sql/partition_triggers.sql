-- Creates the missing monthly partitions of `parent`, from this month (UTC) to `ahead` months
-- later, and those of the rows that a late sweeper has let fall into the default partition.
-- A month is filled aside, then attached: the parent is never locked against its readers. The
-- parent's TRUNCATE triggers, which do not stand on its partitions, are copied to each that lacks
-- them, those made before the trigger too.
CREATE OR REPLACE FUNCTION create_month_partitions(parent text, key text, ahead integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    spare text := parent || '_default';
    month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    last date := (month + make_interval(months => ahead))::date;
    oldest timestamptz;
    name text;
    lower_bound text;
    upper_bound text;
    definition text;
BEGIN
    EXECUTE format('SELECT min(%I) FROM %I', key, spare) INTO oldest;
    month := least(month, date_trunc('month', oldest AT TIME ZONE 'UTC')::date);
    WHILE month <= last LOOP
        name := parent || '_' || to_char(month, 'YYYY_MM');
        lower_bound := month::text || ' 00:00:00+00';
        month := (month + interval '1 month')::date;
        upper_bound := month::text || ' 00:00:00+00';
        CONTINUE WHEN to_regclass(quote_ident(name)) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES)', name, parent);
        IF oldest IS NOT NULL THEN
            -- The rows only change drawers: the triggers that refuse a deletion are put aside.
            EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', spare);
            EXECUTE format(
                'WITH gone AS (DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)'
                ' INSERT INTO %5$I SELECT * FROM gone',
                spare, key, lower_bound, upper_bound, name);
            EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', spare);
        END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       parent, name, lower_bound, upper_bound);
    END LOOP;
    FOR name, definition IN
        SELECT part.relname, pg_get_triggerdef(wanted.oid)
        FROM pg_trigger AS wanted
        JOIN pg_inherits ON inhparent = wanted.tgrelid
        JOIN pg_class AS part ON part.oid = inhrelid
        WHERE wanted.tgrelid = quote_ident(parent)::regclass AND wanted.tgtype & 32 > 0
          AND NOT wanted.tgisinternal
          AND NOT EXISTS (SELECT FROM pg_trigger AS held WHERE held.tgname = wanted.tgname
                          AND held.tgrelid = part.oid)
    LOOP
        EXECUTE regexp_replace(definition, ' ON \S+ ', format(' ON %I ', name));
    END LOOP;
END $$;
