"""What an owner lets another company sell (R-10)."""

import catalog.models.version
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import simple_history.models
import winvest.core.clock
import winvest.core.models.base
from django.conf import settings
from django.db import migrations, models
from winvest.core.models.finite import finite
from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0039_integration_words'),
        ('core', '0029_notification_of_agreements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalSaleAgreement',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('terms', models.TextField(blank=True, help_text="Ce que l'accord demande à la vendeuse ; elle les lit.", max_length=2000, null=True, verbose_name='conditions')),
                ('start_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, verbose_name='début')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='fin (exclue)')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.product', verbose_name='produit')),
                ('seller', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société vendeuse')),
            ],
            options={
                'verbose_name': 'historical accord de vente',
                'verbose_name_plural': 'historical accords de vente',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='SaleAgreement',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('terms', models.TextField(blank=True, help_text="Ce que l'accord demande à la vendeuse ; elle les lit.", max_length=2000, null=True, verbose_name='conditions')),
                ('start_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, verbose_name='début')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='fin (exclue)')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sale_agreements', to='catalog.product', verbose_name='produit')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société vendeuse')),
            ],
            options={
                'verbose_name': 'accord de vente',
                'verbose_name_plural': 'accords de vente',
                'db_table': 'sale_agreement',
                'ordering': ('-start_at', '-id'),
                'indexes': [models.Index(fields=['-start_at', '-id'], name='sale_agreement_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('seller', models.F('company')), _negated=True), name='sale_agreement_with_another', violation_error_message='La propriétaire vend ses produits sans accord.'), models.CheckConstraint(condition=models.Q(('end_at__isnull', True), ('end_at__gt', models.F('start_at')), _connector='OR'), name='sale_agreement_period', violation_error_message='La fin doit suivre le début.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('product', '='), ('seller', '='), (catalog.models.version.InstantRange('start_at', 'end_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='sale_agreement_no_overlap', violation_error_message='Un accord court déjà pour cette société : changez-en la fin.')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='saleagreement',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='7c9d274e6e8fbb971cb4324a7551381a5f832dc3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_8055e', table='sale_agreement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='saleagreement',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='b1395311f8c47ecc8fe92f4621fa15570bee9726', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_b4e65', table='sale_agreement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='saleagreement',
            trigger=pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product WHERE id = NEW.product_id; RETURN NEW;', hash='3c4f33ca70b7d89fbcaefda17453d3d7b28cdb22', operation='INSERT', pgid='pgtrigger_company_from_parent_32a07', table='sale_agreement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='saleagreement',
            trigger=pgtrigger.compiler.Trigger(name='keep_started', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.start_at <= now())', func="RAISE EXCEPTION 'sale_agreement %: began, so it ends', OLD.id USING ERRCODE = 'restrict_violation';", hash='afb5e82b8cb4a8a4869bc06e0fd400b632731d5c', operation='DELETE', pgid='pgtrigger_keep_started_06921', table='sale_agreement', when='BEFORE')),
        ),
        owner_key('sale_agreement', 'product_id', 'product'),
        finite('sale_agreement', 'catalog_historicalsaleagreement'),
    ]
