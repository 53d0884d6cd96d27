from django.db import migrations


def template_key(column):
    """Return the operation that makes a template a type of document, which then stays."""
    name = f"version_billing_{column}_fk"
    return migrations.RunSQL(
        f"ALTER TABLE version_billing ADD CONSTRAINT {name} FOREIGN KEY ({column}) "
        "REFERENCES document_type (code)",
        f"ALTER TABLE version_billing DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0032_billing_and_logistics'),
        ('documents', '0011_pdfa'),
    ]

    operations = [template_key('invoice_template'), template_key('mandate_template')]
