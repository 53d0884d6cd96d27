"""A communication that somebody had taken up was no task any more: it is done by who opened it first."""

from django.db import migrations

TAKEN_UP = """
UPDATE notification told SET done_at = taken.read_at, done_by = taken.user_id
FROM (
  SELECT DISTINCT ON (company_id, key) company_id, key, read_at, user_id
  FROM notification
  WHERE kind = 'communication' AND action = 'notification.publish' AND read_at IS NOT NULL
  ORDER BY company_id, key, read_at
) taken
WHERE told.kind = 'communication' AND told.company_id = taken.company_id AND told.key = taken.key
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0034_communications_done'),
    ]

    operations = [
        migrations.RunSQL(TAKEN_UP, migrations.RunSQL.noop),
    ]
