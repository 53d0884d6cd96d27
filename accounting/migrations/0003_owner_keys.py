"""Composite foreign keys: a child's owner is its parent's, for ever (`architecture.md` §4)."""

from django.db import migrations

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):
    dependencies = [("accounting", "0002_initial")]

    operations = [
        owner_key("accounting_entry", "operation_id", "operation"),
        owner_key("accounting_line", "entry_id", "accounting_entry"),
        owner_key("operation", "reverses_id", "operation"),
        owner_key("operation", "collects_id", "operation"),
    ]
