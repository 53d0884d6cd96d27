"""Composite foreign keys of external codes and quality rules."""

from django.db import migrations

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_catalogue_schema")]

    operations = [
        owner_key("external_mapping", "product_id", "product"),
        owner_key("cq_rule", "product_version_id", "product_version"),
    ]
