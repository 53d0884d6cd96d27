"""Keep what is typed by form of a step, with who wrote it and when."""

from django.db import migrations

# The full form of step 2 was named by its version, and the first step's by its product.
BY_FORM = """
UPDATE wizard_draft SET typed = (
  SELECT jsonb_object_agg(
    key || '/' || CASE
      WHEN key IN ('commissions', 'publication') OR value->'_row'->>0 = 'table'
      THEN coalesce(value->'_row'->>0, '')
      WHEN value->'_row'->>0 LIKE '%:bundle' THEN 'bundle'
      ELSE '' END,
    jsonb_build_object('texts', value - '_row', 'revision', revision, 'by', changed_by)
  )
  FROM jsonb_each(typed)
)
WHERE typed <> '{}'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0060_planned_sales'),
    ]

    operations = [
        migrations.RunSQL(BY_FORM, migrations.RunSQL.noop),
    ]
