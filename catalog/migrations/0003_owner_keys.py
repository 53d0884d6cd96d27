"""Composite foreign keys: a child's owner is its parent's, for ever (`architecture.md` §4)."""

from django.db import migrations

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_initial")]

    operations = [
        owner_key("product_version", "product_id", "product"),
        owner_key("product_plan", "product_version_id", "product_version"),
        owner_key("pricing_rule", "product_version_id", "product_version"),
        owner_key("publication", "product_version_id", "product_version", "owner_company_id"),
        # The plan of a price is a plan of the same version.
        owner_key(
            "pricing_rule", "plan_id", "product_plan", "product_version_id", "product_version_id"
        ),
    ]
