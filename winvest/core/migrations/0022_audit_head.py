"""The head of the seals, a queue that nobody empties, and partitions that refuse TRUNCATE."""

import django.db.models.functions.datetime
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / 'sql'
HEAD_SQL = (SQL / 'audit_head.sql').read_text(encoding='utf-8')
PARTITIONS_SQL = (SQL / 'partition_triggers.sql').read_text(encoding='utf-8')


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0021_import_of_price_grids'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(HEAD_SQL, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='AuditHead',
                    fields=[
                        ('id', models.SmallIntegerField(db_default=1, default=1, primary_key=True, serialize=False)),
                        ('number', models.BigIntegerField(verbose_name='dernier numéro')),
                        ('chain', models.BinaryField(verbose_name='empreinte de la chaîne')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='le')),
                    ],
                    options={
                        'verbose_name': 'tête des sceaux du journal',
                        'verbose_name_plural': 'têtes des sceaux du journal',
                        'db_table': 'audit_head',
                    },
                ),
            ],
        ),
        migrations.RunSQL(PARTITIONS_SQL, migrations.RunSQL.noop),
        migrations.RunSQL(
            "SELECT create_month_partitions('audit_log', 'at', 12)", migrations.RunSQL.noop
        ),
    ]
