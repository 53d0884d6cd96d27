"""When a version was submitted; a notification names risks that exist (N-02)."""

from django.db import migrations, models

# The core cannot name the catalogue's table.
ADD_RISK = """
ALTER TABLE notification ADD CONSTRAINT notification_risk_id_fk
    FOREIGN KEY (risk_id) REFERENCES risk (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX notification_risk ON notification (risk_id);
"""
DROP_RISK = """
DROP INDEX notification_risk;
ALTER TABLE notification DROP CONSTRAINT notification_risk_id_fk;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0027_notification'),
        ('catalog', '0028_product_transition'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalproductversion',
            name='submitted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='soumise le'),
        ),
        migrations.AddField(
            model_name='productversion',
            name='submitted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='soumise le'),
        ),
        migrations.RunSQL(ADD_RISK, DROP_RISK),
    ]
