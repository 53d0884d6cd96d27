"""Composite foreign keys: what hangs on a partner has its owner, and goes with it (A.2.1, M-18)."""

from django.db import migrations

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_credentials_and_bank")]

    operations = [
        owner_key("partner_credential", "partner_id", "partner", cascade=True),
        owner_key("partner_iban_change", "partner_id", "partner", cascade=True),
    ]
