"""The key of call scripts binds the rows of before it too (A.2.2-cq_rule-02)."""

from django.db import migrations

# A rule that named another company's document would stop the update: it is told, and kept for a
# person to mend; the key goes on refusing new ones.
VALIDATE = """
DO $$ DECLARE wrong text;
BEGIN
    SELECT string_agg(cq_rule.id::text, ', ') INTO wrong FROM cq_rule
    WHERE call_script_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM product_document WHERE product_document.id = cq_rule.call_script_id
        AND product_document.company_id = cq_rule.company_id);
    IF wrong IS NULL THEN
        ALTER TABLE cq_rule VALIDATE CONSTRAINT cq_rule_call_script_owner_fk;
    ELSE
        RAISE WARNING 'cq_rule %: the call script is not a document of the company', wrong;
    END IF;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0009_json_kinds'),
    ]

    operations = [
        migrations.RunSQL(VALIDATE, migrations.RunSQL.noop),
    ]
