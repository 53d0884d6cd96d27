"""A mapping names its product: the lists find it by that."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# What was validated is kept: the product is no part of what was.
FILL = """
ALTER TABLE accounting_mapping DISABLE TRIGGER pgtrigger_keep_validated_503f6;
UPDATE accounting_mapping SET product_id = product_version.product_id
    FROM product_version WHERE product_version.id = accounting_mapping.product_version_id;
ALTER TABLE accounting_mapping ENABLE TRIGGER pgtrigger_keep_validated_503f6;
UPDATE accounting_historicalaccountingmapping SET product_id = product_version.product_id
    FROM product_version
    WHERE product_version.id = accounting_historicalaccountingmapping.product_version_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
# The product is that of the version, for ever (`architecture.md` §4).
ADD_KEY = """
ALTER TABLE accounting_mapping ADD CONSTRAINT accounting_mapping_product_version_product_fk
    FOREIGN KEY (product_version_id, product_id) REFERENCES product_version (id, product_id)
    DEFERRABLE INITIALLY DEFERRED
"""
DROP_KEY = "ALTER TABLE accounting_mapping DROP CONSTRAINT accounting_mapping_product_version_product_fk"


class Migration(migrations.Migration):

    dependencies = [
        ('accounting', '0013_account_prefixes'),
        ('catalog', '0040_sale_agreement'),
    ]

    operations = [
        migrations.AddField(
            model_name='accountingmapping',
            name='product',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='produit'),
        ),
        migrations.AddField(
            model_name='historicalaccountingmapping',
            name='product',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.product', verbose_name='produit'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='accountingmapping',
            name='product',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='produit'),
        ),
        migrations.RunSQL(ADD_KEY, DROP_KEY),
        pgtrigger.migrations.AddTrigger(
            model_name='accountingmapping',
            trigger=pgtrigger.compiler.Trigger(name='product_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.product_id IS NULL)', func='SELECT product_id INTO NEW.product_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='705d88e9c4f6107e0f87166d804dd9b8566176f7', operation='INSERT', pgid='pgtrigger_product_from_parent_3552a', table='accounting_mapping', when='BEFORE')),
        ),
    ]
