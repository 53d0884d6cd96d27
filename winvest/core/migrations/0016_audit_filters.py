"""Indexes of the log for its filters: a rare table, action or author is found at once."""

from django.db import migrations

NEW = (
    'CREATE INDEX audit_log_table ON audit_log ("table", id DESC);'
    "CREATE INDEX audit_log_action ON audit_log (action, id DESC);"
    "CREATE INDEX audit_log_actor ON audit_log (actor_id, id DESC) WHERE actor_id IS NOT NULL;"
)
OLD = "DROP INDEX audit_log_table; DROP INDEX audit_log_action; DROP INDEX audit_log_actor;"


class Migration(migrations.Migration):
    dependencies = [("core", "0015_audit_actions_closed")]

    operations = [migrations.RunSQL(NEW, OLD)]
