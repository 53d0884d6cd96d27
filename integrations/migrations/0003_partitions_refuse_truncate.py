"""Give the partitions made before the trigger the refusal of TRUNCATE."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0022_audit_head'),
        ('integrations', '0001_squashed_0002_no_truncate'),
    ]

    operations = [
        migrations.RunSQL(
            "SELECT create_month_partitions('webhook_event', 'received_at', 12)",
            migrations.RunSQL.noop,
        ),
    ]
