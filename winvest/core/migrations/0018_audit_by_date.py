"""The index of the log's dates: a filter between two dates reads nothing newer."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0017_rights_of_answers")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX audit_log_at ON audit_log (at DESC, id DESC)", "DROP INDEX audit_log_at"
        )
    ]
