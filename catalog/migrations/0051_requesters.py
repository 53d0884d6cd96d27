import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0050_versions_in_review'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalproductversion',
            name='submitted_by',
            field=models.ForeignKey(blank=True, db_column='submitted_by', db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='soumise par'),
        ),
        migrations.AddField(
            model_name='productversion',
            name='submitted_by',
            field=models.ForeignKey(blank=True, db_column='submitted_by', editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='soumise par'),
        ),
    ]
