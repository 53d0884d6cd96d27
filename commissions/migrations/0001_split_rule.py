"""What the database itself refuses in a split (Annexe A.4; readings K-01, K-07)."""

from django.db import migrations

SPLIT_RULE = """
CREATE FUNCTION commission_split_is_valid(split jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    key text;
    share jsonb;
    total numeric := 0;
BEGIN
    IF jsonb_typeof(split) IS DISTINCT FROM 'object' THEN RETURN false; END IF;
    FOR key, share IN SELECT * FROM jsonb_each(split) LOOP
        IF key NOT IN ('company', 'commercial', 'manager', 'partner', 'platform')
           OR jsonb_typeof(share) <> 'number' THEN RETURN false; END IF;
        IF (share #>> '{}')::numeric NOT BETWEEN 0 AND 1 THEN RETURN false; END IF;
        total := total + (share #>> '{}')::numeric;
    END LOOP;
    RETURN abs(total - 1) <= 0.000001;
END $$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(SPLIT_RULE, "DROP FUNCTION commission_split_is_valid(jsonb)"),
    ]
