"""The same bounds for how a version is invoiced, collected and delivered (A.2-01)."""

from django.db import migrations

from winvest.core.models.finite import finite


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0032_billing_and_logistics'),
        ('integrations', '0006_finite_columns'),
    ]

    operations = [
        finite(
            'catalog_historicalversionbilling',
            'catalog_historicalversionlogistics',
            'version_billing',
            'version_logistics',
        ),
    ]
