"""The index of the products that were deleted: the journal looks for them by name."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0062_natural_order'),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX historicalproduct_deleted ON catalog_historicalproduct "
            "(history_date DESC) WHERE history_type = '-'",
            'DROP INDEX historicalproduct_deleted',
        ),
    ]
