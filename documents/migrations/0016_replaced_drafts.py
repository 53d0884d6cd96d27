"""A draft that another file replaced in its version waited for ever: it is archived."""

from django.db import migrations

REPLACED = """
UPDATE product_document old SET state = 'archived'
WHERE old.state = 'draft' AND EXISTS (
  SELECT FROM product_document later
  WHERE later.replaces_id = old.id AND later.product_version_id = old.product_version_id
)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0015_archived_drafts'),
    ]

    operations = [
        migrations.RunSQL(REPLACED, migrations.RunSQL.noop),
    ]
