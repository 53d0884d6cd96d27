"""Indexes of the log for the newest lines of a company, and for the life of a record."""

from django.db import migrations

NEW = (
    "DROP INDEX audit_log_record; DROP INDEX audit_log_company;"
    "CREATE INDEX audit_log_record ON audit_log (record_id, id DESC);"
    "CREATE INDEX audit_log_company ON audit_log (company_id, id DESC);"
)
OLD = (
    "DROP INDEX audit_log_record; DROP INDEX audit_log_company;"
    'CREATE INDEX audit_log_record ON audit_log ("table", record_id, at DESC);'
    "CREATE INDEX audit_log_company ON audit_log (company_id, at DESC);"
)


class Migration(migrations.Migration):
    dependencies = [("core", "0009_audit_trail")]

    operations = [migrations.RunSQL(NEW, OLD)]
