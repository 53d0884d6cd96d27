"""Composite foreign keys: a child's owner is its parent's, for ever (`architecture.md` §4)."""

from django.db import migrations

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [owner_key("product_document", "product_version_id", "product_version")]
