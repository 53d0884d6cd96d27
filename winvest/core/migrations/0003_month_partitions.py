"""The helper that creates monthly partitions, shared by the logs (A.6)."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "month_partitions.sql").read_text(encoding="utf-8")
MOVE = (
    "DROP FUNCTION audit_create_partitions(integer);"
    "SELECT create_month_partitions('audit_log', 'at', 12);"
)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_rights_on_company")]

    operations = [
        migrations.RunSQL(SQL, "DROP FUNCTION create_month_partitions(text, text, integer)"),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
    ]
