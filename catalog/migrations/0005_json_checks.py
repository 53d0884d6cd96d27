"""Functions by which the database checks JSON columns itself."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "json_checks.sql"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_membership_risk")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION pricing_payload_ok(text, jsonb); DROP FUNCTION json_set_of(jsonb, text[])",
        )
    ]
