"""Labels whose numbers are sorted as numbers."""

from django.db import migrations

# Twelve digits each, zeros put before: « forfait 2 » comes before « forfait 10 ».
NATURAL_SQL = r"""
CREATE FUNCTION fr_natural(label text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(
    regexp_replace(fr_sort(label), '(\d+)', '00000000000\1', 'g'), '\d+(\d{12})', '\1', 'g'
);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0035_taken_up_is_done'),
    ]

    operations = [
        migrations.RunSQL(NATURAL_SQL, 'DROP FUNCTION fr_natural(text)'),
    ]
