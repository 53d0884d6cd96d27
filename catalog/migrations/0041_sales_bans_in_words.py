"""A number of bans is told in words that count."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0040_sale_agreement'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='historicalsalesban',
            options={'get_latest_by': ('history_date', 'history_id'), 'ordering': ('-history_date', '-history_id'), 'verbose_name': 'historical interdiction de vente', 'verbose_name_plural': 'historical interdictions de vente'},
        ),
        migrations.AlterModelOptions(
            name='salesban',
            options={'ordering': ('-start_at', '-id'), 'verbose_name': 'interdiction de vente', 'verbose_name_plural': 'interdictions de vente'},
        ),
    ]
