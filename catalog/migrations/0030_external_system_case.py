"""Refuse the same external code, or a second one, in a case twin of a system."""

import django.db.models.functions.text
from django.db import migrations, models

# Codes written twice because their system was typed in other capitals: the oldest keeps its system,
# the others keep their code under a name that tells them apart until somebody decides.
TWINS_NAMED = """
WITH twin AS (
    SELECT id, row_number() OVER (PARTITION BY lower(system) ORDER BY created_at, id) AS number
    FROM external_mapping AS later
    WHERE EXISTS (
        SELECT FROM external_mapping AS older
        WHERE lower(older.system) = lower(later.system)
          AND (older.created_at, older.id) < (later.created_at, later.id)
          AND (lower(older.external_code) = lower(later.external_code)
               OR (older.product_id = later.product_id
                   AND older.plan_id IS NOT DISTINCT FROM later.plan_id))))
UPDATE external_mapping SET system = left(system, 44) || ' (doublon ' || twin.number || ')'
FROM twin WHERE twin.id = external_mapping.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0029_submitted_versions'),
        ('core', '0026_filled_names'),
    ]

    operations = [
        migrations.RunSQL(TWINS_NAMED, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='externalmapping',
            name='external_mapping_product_system',
        ),
        migrations.RemoveConstraint(
            model_name='externalmapping',
            name='external_mapping_plan_system',
        ),
        migrations.RemoveConstraint(
            model_name='externalmapping',
            name='external_mapping_code',
        ),
        migrations.AddConstraint(
            model_name='externalmapping',
            constraint=models.UniqueConstraint(models.F('product'), django.db.models.functions.text.Lower('system'), condition=models.Q(('plan__isnull', True)), name='external_mapping_product_system', violation_error_message='Ce produit a déjà un code dans ce système.'),
        ),
        migrations.AddConstraint(
            model_name='externalmapping',
            constraint=models.UniqueConstraint(models.F('plan'), django.db.models.functions.text.Lower('system'), name='external_mapping_plan_system', violation_error_message='Cette formule a déjà un code dans ce système.'),
        ),
        migrations.AddConstraint(
            model_name='externalmapping',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('system'), django.db.models.functions.text.Lower('external_code'), name='external_mapping_code', violation_error_message='Ce code externe est déjà pris dans ce système.'),
        ),
    ]
