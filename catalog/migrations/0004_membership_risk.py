"""A membership is limited to risks that exist (N-02): the core cannot name the catalogue's table."""

from django.db import migrations

ADD = (
    "ALTER TABLE membership_risk ADD CONSTRAINT membership_risk_risk_id_fk"
    " FOREIGN KEY (risk_id) REFERENCES risk (id) DEFERRABLE INITIALLY DEFERRED"
)
DROP = "ALTER TABLE membership_risk DROP CONSTRAINT membership_risk_risk_id_fk"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_owner_keys"), ("core", "0006_membership_risk")]

    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL(
            "CREATE INDEX membership_risk_risk ON membership_risk (risk_id)",
            "DROP INDEX membership_risk_risk",
        ),
    ]
