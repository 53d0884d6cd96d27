"""A publication names its product: what a company sells is asked of every list and search."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


FILL = """
UPDATE publication SET product_id = product_version.product_id
    FROM product_version WHERE product_version.id = publication.product_version_id;
UPDATE catalog_historicalpublication SET product_id = product_version.product_id
    FROM product_version WHERE product_version.id = catalog_historicalpublication.product_version_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
# The product is that of the version, for ever (`architecture.md` §4).
ADD_KEY = """
ALTER TABLE publication ADD CONSTRAINT publication_product_version_product_fk
    FOREIGN KEY (product_version_id, product_id) REFERENCES product_version (id, product_id)
    DEFERRABLE INITIALLY DEFERRED
"""
DROP_KEY = "ALTER TABLE publication DROP CONSTRAINT publication_product_version_product_fk"


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0037_sales_ban'),
        ('core', '0027_notification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='publication',
            name='publication_lent',
        ),
        migrations.RemoveIndex(
            model_name='publication',
            name='publication_pilots',
        ),
        migrations.AddField(
            model_name='historicalpublication',
            name='product',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.product', verbose_name='produit'),
        ),
        migrations.AddField(
            model_name='publication',
            name='product',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='produit'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='publication',
            name='product',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='produit'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('company', models.F('owner_company')), _negated=True), fields=['company', 'product'], include=('owner_company', 'product_version'), name='publication_lent'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('is_pilot', True)), fields=['company', 'product'], name='publication_pilots'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='product_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.product_id IS NULL)', func='SELECT product_id INTO NEW.product_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='2684327ac345bf2c7109db7b106ceedba8d6cfdd', operation='INSERT', pgid='pgtrigger_product_from_parent_46e0c', table='publication', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='productversion',
            constraint=models.UniqueConstraint(fields=('id', 'product'), name='product_version_id_product'),
        ),
        migrations.RunSQL(ADD_KEY, DROP_KEY),
    ]
