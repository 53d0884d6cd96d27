"""Composite foreign keys: a child's owner is its parent's, for ever (`architecture.md` §4)."""

from django.db import migrations

from winvest.core.models.owner_keys import owner_key

VERSION = ("product_version_id", "product_version_id")


class Migration(migrations.Migration):
    dependencies = [("commissions", "0002_initial")]

    operations = [
        owner_key("commission_scheme", "product_version_id", "product_version"),
        # The plan of a scheme is a plan of the same version.
        owner_key("commission_scheme", "plan_id", "product_plan", *VERSION),
        # A tier is of the version of its scheme, and so of its owner.
        owner_key("commission_tier", "scheme_id", "commission_scheme", *VERSION),
        owner_key("commission_tier", "product_version_id", "product_version"),
    ]
