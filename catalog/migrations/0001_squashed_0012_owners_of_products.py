"""The schema of the catalogue, and what the core refers to in it.

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

from pathlib import Path

import catalog.models.checks
import catalog.models.product
import catalog.models.version
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import simple_history.models
import winvest.core.clock
import winvest.core.json
import winvest.core.models.base
import winvest.core.models.sorting
import winvest.core.models.validators
from django.conf import settings
from django.db import migrations, models

from winvest.core.models.owner_keys import owner_key

CHECKS_SQL = (Path(__file__).parent / 'sql' / 'json_checks.sql').read_text(encoding='utf-8')
DROP_CHECKS = (
    'DROP FUNCTION pricing_payload_ok(text, jsonb); DROP FUNCTION json_set_of(jsonb, text[])'
)

# A membership is limited to risks that exist (N-02): the core cannot name the catalogue's table.
ADD_RISK_OF_MEMBERSHIP = """
ALTER TABLE membership_risk ADD CONSTRAINT membership_risk_risk_id_fk
    FOREIGN KEY (risk_id) REFERENCES risk (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX membership_risk_risk ON membership_risk (risk_id);
"""
DROP_RISK_OF_MEMBERSHIP = """
DROP INDEX membership_risk_risk;
ALTER TABLE membership_risk DROP CONSTRAINT membership_risk_risk_id_fk;
"""


class Migration(migrations.Migration):

    replaces = [
        ('catalog', '0001_initial'),
        ('catalog', '0002_initial'),
        ('catalog', '0003_owner_keys'),
        ('catalog', '0004_membership_risk'),
        ('catalog', '0005_json_checks'),
        ('catalog', '0006_catalogue_schema'),
        ('catalog', '0007_more_owner_keys'),
        ('catalog', '0008_closed_lists'),
        ('catalog', '0009_list_orders'),
        ('catalog', '0010_index_value'),
        ('catalog', '0011_list_reads'),
        ('catalog', '0012_owners_of_products'),
    ]

    initial = True

    dependencies = [
        ('core', '0001_squashed_0016_audit_filters'),
        ('partners', '0001_squashed_0004_closed_lists'),
    ]

    operations = [
        migrations.RunSQL(CHECKS_SQL, DROP_CHECKS),
        migrations.CreateModel(
            name='Risk',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._-]*\\Z', 'Lettres sans accent, chiffres, point, tiret ; ni espace ni signe invisible.', code='code')], verbose_name='code')),
                ('label', models.CharField(max_length=120, verbose_name='libellé')),
                ('icon', models.CharField(blank=True, choices=[('health_and_safety', 'Santé'), ('shield_with_heart', 'Prévoyance'), ('local_florist', 'Fleur'), ('support_agent', 'Assistance'), ('live_tv', 'Télévision'), ('router', 'Box, routeur'), ('smartphone', 'Mobile'), ('bolt', 'Énergie'), ('local_fire_department', 'Gaz'), ('home_repair_service', 'Dépannage'), ('home', 'Habitation'), ('directions_car', 'Automobile'), ('flight', 'Voyage'), ('pets', 'Animaux'), ('family_restroom', 'Famille'), ('elderly', 'Seniors'), ('business_center', 'Entreprise'), ('savings', 'Épargne'), ('credit_card', 'Paiement'), ('gavel', 'Protection juridique'), ('cloud', 'Services en ligne'), ('category', 'Autre')], max_length=120, null=True, verbose_name='icône')),
                ('scope', models.CharField(choices=[('personal', 'Particuliers'), ('professional', 'Professionnels'), ('both', 'Particuliers et professionnels')], db_default='personal', default='personal', max_length=12, verbose_name='clientèle')),
                ('is_global', models.BooleanField(db_default=False, default=False, verbose_name='commun au groupe')),
                ('sort_label', models.GeneratedField(db_persist=True, expression=winvest.core.models.sorting.FrenchSort(models.F('label')), output_field=models.TextField(), verbose_name='libellé de tri')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('constraints', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/risk/constraints.json')], verbose_name='contraintes')),
                ('field_schema', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=dict, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/risk/field_schema.json')], verbose_name='champs propres')),
                ('parent', models.ForeignKey(blank=True, help_text='Ses contraintes et ses champs valent aussi ici.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.risk', verbose_name='famille parente')),
            ],
            options={
                'verbose_name': 'risque',
                'verbose_name_plural': 'risques',
                'db_table': 'risk',
                'ordering': ('sort_label',),
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('sort_label', 'gin_trgm_ops'), name='risk_search')],
                'constraints': [models.UniqueConstraint(fields=('company', 'code'), name='risk_company_code', violation_error_message='Cette société a déjà un risque de ce code.'), models.UniqueConstraint(condition=models.Q(('is_global', True)), fields=('code',), name='risk_global_code', violation_error_message='Un risque du groupe a déjà ce code.'), models.CheckConstraint(condition=models.Q(models.Q(('company__isnull', True), ('is_global', True)), models.Q(('company__isnull', False), ('is_global', False)), _connector='OR'), name='risk_global_has_no_company', violation_error_message="Un risque est du groupe ou d'une société, pas des deux."), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(django.db.models.functions.text.Upper('code'), '='), (django.db.models.functions.comparison.Cast('is_global', models.IntegerField()), '<>')], name='risk_local_code_is_not_global', violation_error_message='Ce code est pris, par le groupe ou par une société.'), models.CheckConstraint(condition=models.Q(('scope__in', ['personal', 'professional', 'both'])), name='risk_scope', violation_error_message="Cette clientèle n'existe pas."), models.CheckConstraint(condition=models.Q(('icon__in', ['health_and_safety', 'shield_with_heart', 'local_florist', 'support_agent', 'live_tv', 'router', 'smartphone', 'bolt', 'local_fire_department', 'home_repair_service', 'home', 'directions_car', 'flight', 'pets', 'family_restroom', 'elderly', 'business_center', 'savings', 'credit_card', 'gavel', 'cloud', 'category', ''])), name='risk_icon_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('scope__in', ['personal', 'professional', 'both'])), name='risk_scope_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Za-z0-9][A-Za-z0-9._-]*$')), name='risk_code_signs', violation_error_message="Un code n'a ni espace, ni accent, ni signe invisible.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY['sort_label']::text[]); RETURN NULL;", hash='883b53b5c94ecb984ee74ed4f60985710e119a3c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f7577', table='risk', when='AFTER')), pgtrigger.compiler.Trigger(name='tree', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE refused text;', func="IF TG_OP = 'UPDATE' AND (OLD.parent_id, OLD.company_id) IS NOT DISTINCT FROM (NEW.parent_id, NEW.company_id) THEN RETURN NEW; END IF; PERFORM pg_advisory_xact_lock(7230011); IF EXISTS (SELECT 1 FROM risk WHERE id = NEW.parent_id AND company_id IS NOT NULL AND company_id IS DISTINCT FROM NEW.company_id) OR EXISTS (SELECT 1 FROM risk WHERE parent_id = NEW.id AND NEW.company_id IS NOT NULL AND company_id IS DISTINCT FROM NEW.company_id) THEN refused := 'owner of the parent'; ELSIF EXISTS (WITH RECURSIVE above(id, depth) AS (SELECT NEW.parent_id, 1 UNION ALL SELECT risk.parent_id, depth + 1 FROM risk JOIN above ON risk.id = above.id WHERE depth <= 6) SELECT 1 FROM above WHERE id = NEW.id OR (id IS NOT NULL AND depth >= 6)) THEN refused := 'circle or depth'; END IF; IF refused IS NOT NULL THEN RAISE EXCEPTION 'risk %: %', NEW.id, refused USING ERRCODE = 'check_violation', CONSTRAINT = 'risk_tree'; END IF; RETURN NEW;", hash='8116f8edce682061d11a123b62e0cbc7d052a65b', operation='INSERT OR UPDATE', pgid='pgtrigger_tree_69834', table='risk', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='dd059015ec90ea01ce228ad58a0466a0ba4c9985', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_adf0d', table='risk', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProduct',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('sku', models.CharField(db_index=True, error_messages={'unique': 'Ce code produit existe déjà.'}, max_length=80, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._/-]*\\Z', 'Lettres sans accent, chiffres, point, tiret, barre ; ni espace ni signe invisible.', code='sku')], verbose_name='code produit (SKU)')),
                ('name', models.CharField(max_length=160, verbose_name='nom')),
                ('short_name', models.CharField(blank=True, max_length=80, null=True, verbose_name='libellé court')),
                ('revenue_model', models.CharField(choices=[('revenue', 'CA interne'), ('commission', 'Commission'), ('mixed', 'Mixte')], max_length=10, verbose_name='type de monétisation')),
                ('lifecycle_status', models.CharField(choices=[('draft', 'Brouillon'), ('test', 'En test'), ('active', 'Actif'), ('frozen', 'Gelé'), ('retired', 'Retiré')], db_default='draft', default='draft', max_length=8, verbose_name='statut')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('brand', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.brand', verbose_name='marque')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('created_by', models.ForeignKey(blank=True, db_column='created_by', db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='créé par')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner', verbose_name='partenaire')),
                ('risk', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.risk', verbose_name='risque')),
                ('attributes', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=dict, encoder=winvest.core.json.DecimalEncoder, verbose_name='champs de la famille')),
                ('badges', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/product/badges.json')], verbose_name='badges forcés')),
                ('carrier', models.CharField(blank=True, help_text="Qui porte le risque quand le partenaire n'est qu'un intermédiaire.", max_length=160, null=True, verbose_name='assureur porteur')),
                ('unit', models.CharField(choices=[('unit', 'Unité'), ('contract', 'Contrat'), ('person', 'Personne'), ('visit', 'Intervention'), ('month', 'Mois'), ('hour', 'Heure'), ('minute', 'Minute'), ('kwh', 'kWh'), ('gb', 'Go')], db_default='unit', default='unit', max_length=10, verbose_name='unité')),
            ],
            options={
                'verbose_name': 'historical produit',
                'verbose_name_plural': 'historical produits',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalRisk',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._-]*\\Z', 'Lettres sans accent, chiffres, point, tiret ; ni espace ni signe invisible.', code='code')], verbose_name='code')),
                ('label', models.CharField(max_length=120, verbose_name='libellé')),
                ('icon', models.CharField(blank=True, choices=[('health_and_safety', 'Santé'), ('shield_with_heart', 'Prévoyance'), ('local_florist', 'Fleur'), ('support_agent', 'Assistance'), ('live_tv', 'Télévision'), ('router', 'Box, routeur'), ('smartphone', 'Mobile'), ('bolt', 'Énergie'), ('local_fire_department', 'Gaz'), ('home_repair_service', 'Dépannage'), ('home', 'Habitation'), ('directions_car', 'Automobile'), ('flight', 'Voyage'), ('pets', 'Animaux'), ('family_restroom', 'Famille'), ('elderly', 'Seniors'), ('business_center', 'Entreprise'), ('savings', 'Épargne'), ('credit_card', 'Paiement'), ('gavel', 'Protection juridique'), ('cloud', 'Services en ligne'), ('category', 'Autre')], max_length=120, null=True, verbose_name='icône')),
                ('scope', models.CharField(choices=[('personal', 'Particuliers'), ('professional', 'Professionnels'), ('both', 'Particuliers et professionnels')], db_default='personal', default='personal', max_length=12, verbose_name='clientèle')),
                ('is_global', models.BooleanField(db_default=False, default=False, verbose_name='commun au groupe')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('constraints', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/risk/constraints.json')], verbose_name='contraintes')),
                ('field_schema', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=dict, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/risk/field_schema.json')], verbose_name='champs propres')),
                ('parent', models.ForeignKey(blank=True, db_constraint=False, help_text='Ses contraintes et ses champs valent aussi ici.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.risk', verbose_name='famille parente')),
            ],
            options={
                'verbose_name': 'historical risque',
                'verbose_name_plural': 'historical risques',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('sku', models.CharField(error_messages={'unique': 'Ce code produit existe déjà.'}, max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._/-]*\\Z', 'Lettres sans accent, chiffres, point, tiret, barre ; ni espace ni signe invisible.', code='sku')], verbose_name='code produit (SKU)')),
                ('name', models.CharField(max_length=160, verbose_name='nom')),
                ('short_name', models.CharField(blank=True, max_length=80, null=True, verbose_name='libellé court')),
                ('revenue_model', models.CharField(choices=[('revenue', 'CA interne'), ('commission', 'Commission'), ('mixed', 'Mixte')], max_length=10, verbose_name='type de monétisation')),
                ('lifecycle_status', models.CharField(choices=[('draft', 'Brouillon'), ('test', 'En test'), ('active', 'Actif'), ('frozen', 'Gelé'), ('retired', 'Retiré')], db_default='draft', default='draft', max_length=8, verbose_name='statut')),
                ('sort_label', models.GeneratedField(db_persist=True, expression=winvest.core.models.sorting.FrenchSort(models.F('name')), output_field=models.TextField(), verbose_name='libellé de tri')),
                ('brand', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='core.brand', verbose_name='marque')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('created_by', models.ForeignKey(blank=True, db_column='created_by', editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='créé par')),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='partners.partner', verbose_name='partenaire')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.risk', verbose_name='risque')),
                ('attributes', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=dict, encoder=winvest.core.json.DecimalEncoder, verbose_name='champs de la famille')),
                ('badges', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/product/badges.json')], verbose_name='badges forcés')),
                ('carrier', models.CharField(blank=True, help_text="Qui porte le risque quand le partenaire n'est qu'un intermédiaire.", max_length=160, null=True, verbose_name='assureur porteur')),
                ('unit', models.CharField(choices=[('unit', 'Unité'), ('contract', 'Contrat'), ('person', 'Personne'), ('visit', 'Intervention'), ('month', 'Mois'), ('hour', 'Heure'), ('minute', 'Minute'), ('kwh', 'kWh'), ('gb', 'Go')], db_default='unit', default='unit', max_length=10, verbose_name='unité')),
            ],
            options={
                'verbose_name': 'produit',
                'verbose_name_plural': 'produits',
                'db_table': 'product',
                'ordering': ('sort_label', 'sku'),
                'indexes': [models.Index(fields=['company', 'risk', 'lifecycle_status'], name='product_company_risk_status'), models.Index(fields=['sort_label', 'id'], name='product_sorted'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('sort_label', 'gin_trgm_ops'), name='product_search'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('sku'), 'text_pattern_ops'), name='product_sku_prefix'), models.Index(catalog.models.product.Bare('sku'), name='product_sku_bare')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Upper('sku'), name='product_sku_any_case', violation_error_message='Ce code produit existe déjà.'), models.CheckConstraint(condition=models.Q(('revenue_model', 'revenue'), ('partner__isnull', False), _connector='OR'), name='product_commission_has_partner', violation_error_message='Une commission suppose un partenaire.'), models.CheckConstraint(condition=models.Q(('sku__regex', '^[A-Za-z0-9][A-Za-z0-9._/-]*$')), name='product_sku_signs', violation_error_message="Un code produit n'a ni espace, ni accent, ni signe invisible."), models.CheckConstraint(condition=models.Q(('revenue_model__in', ['revenue', 'commission', 'mixed'])), name='product_revenue_model', violation_error_message="Cette monétisation n'existe pas."), models.CheckConstraint(condition=models.Q(('lifecycle_status__in', ['draft', 'test', 'active', 'frozen', 'retired'])), name='product_lifecycle_status', violation_error_message="Ce statut n'existe pas."), models.CheckConstraint(condition=models.Q(('revenue_model__in', ['revenue', 'commission', 'mixed'])), name='product_revenue_model_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('unit__in', ['unit', 'contract', 'person', 'visit', 'month', 'hour', 'minute', 'kwh', 'gb'])), name='product_unit_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('lifecycle_status__in', ['draft', 'test', 'active', 'frozen', 'retired'])), name='product_lifecycle_status_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY['sort_label']::text[]); RETURN NULL;", hash='87017afd501f1ec98e533f5bc7a55b4d2217c573', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_7d307', table='product', when='AFTER')), pgtrigger.compiler.Trigger(name='keep_used', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.lifecycle_status <> 'draft')", func="RAISE EXCEPTION 'product %: only a draft may be deleted', OLD.id USING ERRCODE = 'restrict_violation';", hash='2f485beef1369baa26fba5a8229d3fdc712fd8c2', operation='DELETE', pgid='pgtrigger_keep_used_ce1da', table='product', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='93032a0b715f76767c2af032f3bc21e8d7dca4ae', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_21933', table='product', when='BEFORE')), pgtrigger.compiler.Trigger(name='risk_owner', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF EXISTS (SELECT 1 FROM risk WHERE id = NEW.risk_id AND company_id IS NOT NULL AND company_id IS DISTINCT FROM NEW.company_id) THEN RAISE EXCEPTION 'product %: risk of another company', NEW.id USING ERRCODE = 'check_violation', CONSTRAINT = 'product_risk_owner'; END IF; RETURN NEW;", hash='0c61bc5cb6bd2758cbc08ca71194dce759c83150', operation='INSERT OR UPDATE OF "risk_id", "company_id"', pgid='pgtrigger_risk_owner_9c7d3', table='product', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProductVersion',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Brouillon'), ('in_review', 'En validation'), ('released', 'En vigueur ou planifiée'), ('withdrawn', 'Retirée avant effet')], db_default='draft', default='draft', max_length=10, verbose_name='état')),
                ('effective_from', models.DateTimeField(verbose_name="date d'effet")),
                ('effective_to', models.DateTimeField(blank=True, null=True, verbose_name="fin d'effet (exclue)")),
                ('notes', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('breaking_changes', models.BooleanField(db_default=False, default=False, verbose_name='version majeure')),
                ('applies_to_inforce', models.CharField(choices=[('none', 'Affaires nouvelles seulement'), ('next_billing', 'À la prochaine échéance'), ('renewal', 'Au renouvellement'), ('immediate', 'Immédiatement')], db_default='none', default='none', max_length=12, verbose_name='contrats en cours')),
                ('content_hash', models.CharField(blank=True, db_default='', default='', max_length=71, verbose_name='empreinte du contenu')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='mise en production le')),
                ('release_reason', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='motif')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='retirée le')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='mise en production par')),
                ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.product', verbose_name='produit')),
                ('channels', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, help_text='Aucun : tous les canaux.', validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/version/channels.json')], verbose_name='canaux autorisés')),
                ('eligibility', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/version/eligibility.json')], verbose_name="conditions d'éligibilité")),
                ('geography', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/version/geography.json')], verbose_name='périmètre géographique')),
            ],
            options={
                'verbose_name': 'historical version',
                'verbose_name_plural': 'historical versions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ProductVersion',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('state', models.CharField(choices=[('draft', 'Brouillon'), ('in_review', 'En validation'), ('released', 'En vigueur ou planifiée'), ('withdrawn', 'Retirée avant effet')], db_default='draft', default='draft', max_length=10, verbose_name='état')),
                ('effective_from', models.DateTimeField(verbose_name="date d'effet")),
                ('effective_to', models.DateTimeField(blank=True, null=True, verbose_name="fin d'effet (exclue)")),
                ('notes', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('breaking_changes', models.BooleanField(db_default=False, default=False, verbose_name='version majeure')),
                ('applies_to_inforce', models.CharField(choices=[('none', 'Affaires nouvelles seulement'), ('next_billing', 'À la prochaine échéance'), ('renewal', 'Au renouvellement'), ('immediate', 'Immédiatement')], db_default='none', default='none', max_length=12, verbose_name='contrats en cours')),
                ('content_hash', models.CharField(blank=True, db_default='', default='', max_length=71, verbose_name='empreinte du contenu')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='mise en production le')),
                ('release_reason', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='motif')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='retirée le')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.product', verbose_name='produit')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='mise en production par')),
                ('channels', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, help_text='Aucun : tous les canaux.', validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/version/channels.json')], verbose_name='canaux autorisés')),
                ('eligibility', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/version/eligibility.json')], verbose_name="conditions d'éligibilité")),
                ('geography', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/version/geography.json')], verbose_name='périmètre géographique')),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'db_table': 'product_version',
                'ordering': ('product', '-version'),
                'indexes': [models.Index(models.F('product'), models.OrderBy(models.F('effective_from'), descending=True), name='version_product_from'), models.Index(fields=['-effective_from', '-id'], name='version_recent'), models.Index(condition=models.Q(('state', 'released')), fields=['product', 'effective_from', 'effective_to', 'id'], name='version_in_force')],
                'constraints': [models.UniqueConstraint(fields=('product', 'version'), name='product_version_number', violation_error_message='Ce numéro de version existe déjà.'), models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_to__gt', models.F('effective_from')), _connector='OR'), name='product_version_period', violation_error_message="La fin d'effet doit suivre la date d'effet."), models.CheckConstraint(condition=models.Q(models.Q(('state', 'released'), _negated=True), models.Q(('released_at__isnull', False), models.Q(('content_hash', ''), _negated=True)), _connector='OR'), name='product_version_released_is_hashed'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'released')), expressions=[('product', '='), (catalog.models.version.InstantRange('effective_from', 'effective_to', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='product_version_no_overlap', violation_error_message='Une autre version est en vigueur sur cette période.'), models.CheckConstraint(condition=catalog.models.checks.IsSetOf('channels', ['field', 'telesales', 'web', 'partner']), name='product_version_channels', violation_error_message='Un canal est inconnu, ou coché deux fois.'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'in_review', 'released', 'withdrawn'])), name='productversion_state_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('applies_to_inforce__in', ['none', 'next_billing', 'renewal', 'immediate'])), name='productversion_applies_to_inforce_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='970ee06ac247b20e0db0bae08c8377eabb733178', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_8c7fb', table='product_version', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product WHERE id = NEW.product_id; RETURN NEW;', hash='735a82f06462df47237f3097dc9fadf9cbcf8ff1', operation='INSERT', pgid='pgtrigger_company_from_parent_afb9d', table='product_version', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.released_at IS NOT NULL)', func="IF TG_OP = 'DELETE' OR (OLD.product_id, OLD.company_id, OLD.version, OLD.effective_from, OLD.breaking_changes, OLD.applies_to_inforce, OLD.channels, OLD.geography, OLD.eligibility, OLD.content_hash, OLD.released_at) IS DISTINCT FROM (NEW.product_id, NEW.company_id, NEW.version, NEW.effective_from, NEW.breaking_changes, NEW.applies_to_inforce, NEW.channels, NEW.geography, NEW.eligibility, NEW.content_hash, NEW.released_at) THEN RAISE EXCEPTION 'product_version %: released content is frozen', OLD.id USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;", hash='f6362f549f8a3ffebeb6e595620ff62a57e63f5b', operation='UPDATE OR DELETE', pgid='pgtrigger_freeze_released_2625a', table='product_version', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='89e6bf772619c15060366b508f6fb926ec049e6a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_8566a', table='product_version', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProductPlan',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._-]*\\Z', 'Lettres sans accent, chiffres, point, tiret ; ni espace ni signe invisible.', code='code')], verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('recurrence', models.CharField(choices=[('one_shot', 'Une fois'), ('monthly', 'Mensuelle'), ('yearly', 'Annuelle'), ('custom', 'Personnalisée')], max_length=10, verbose_name='récurrence')),
                ('billing_cycle_days', models.PositiveIntegerField(blank=True, null=True, verbose_name='cycle (jours)')),
                ('position', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='ordre')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('discounts', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=list, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/discounts.json')], verbose_name='remises')),
                ('options', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=list, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/options.json')], verbose_name='options')),
                ('parameters', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=dict, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/parameters.json')], verbose_name='paramètres')),
                ('surcharges', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=list, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/surcharges.json')], verbose_name='surcharges')),
                ('valid_from', models.DateTimeField(blank=True, null=True, verbose_name='proposée à partir du')),
                ('valid_to', models.DateTimeField(blank=True, null=True, verbose_name="jusqu'au (exclu)")),
            ],
            options={
                'verbose_name': 'historical formule',
                'verbose_name_plural': 'historical formules',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalPublication',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('channels', models.JSONField(verbose_name='canaux')),
                ('visibility', models.CharField(choices=[('hidden', 'Caché'), ('internal', 'Interne'), ('public', 'Public')], db_default='internal', default='internal', max_length=8, verbose_name='visibilité')),
                ('start_at', models.DateTimeField(verbose_name='début')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='fin (exclue)')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_company', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société propriétaire')),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('availability', models.CharField(choices=[('available', 'Disponible'), ('limited', 'Disponibilité limitée'), ('unavailable', 'Indisponible')], db_default='available', default='available', max_length=12, verbose_name='disponibilité')),
                ('conditions', models.TextField(blank=True, help_text='Dites au vendeur.', max_length=2000, null=True, verbose_name='conditions')),
                ('price_visible', models.BooleanField(db_default=True, default=True, help_text="Sinon les vendeurs et les portails voient l'offre sans ses prix.", verbose_name='prix visible')),
            ],
            options={
                'verbose_name': 'historical publication',
                'verbose_name_plural': 'historical publications',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ProductPlan',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._-]*\\Z', 'Lettres sans accent, chiffres, point, tiret ; ni espace ni signe invisible.', code='code')], verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('recurrence', models.CharField(choices=[('one_shot', 'Une fois'), ('monthly', 'Mensuelle'), ('yearly', 'Annuelle'), ('custom', 'Personnalisée')], max_length=10, verbose_name='récurrence')),
                ('billing_cycle_days', models.PositiveIntegerField(blank=True, null=True, verbose_name='cycle (jours)')),
                ('position', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='ordre')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='catalog.productversion', verbose_name='version')),
                ('discounts', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=list, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/discounts.json')], verbose_name='remises')),
                ('options', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=list, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/options.json')], verbose_name='options')),
                ('parameters', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=dict, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/parameters.json')], verbose_name='paramètres')),
                ('surcharges', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), decoder=winvest.core.json.DecimalDecoder, default=list, encoder=winvest.core.json.DecimalEncoder, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/plan/surcharges.json')], verbose_name='surcharges')),
                ('valid_from', models.DateTimeField(blank=True, null=True, verbose_name='proposée à partir du')),
                ('valid_to', models.DateTimeField(blank=True, null=True, verbose_name="jusqu'au (exclu)")),
            ],
            options={
                'verbose_name': 'formule',
                'verbose_name_plural': 'formules',
                'db_table': 'product_plan',
                'ordering': ('product_version', 'position', 'code'),
                'constraints': [models.UniqueConstraint(fields=('product_version', 'code'), name='product_plan_code', violation_error_message='Cette version a déjà une formule de ce code.'), models.CheckConstraint(condition=models.Q(models.Q(('billing_cycle_days__gt', 0), ('billing_cycle_days__isnull', False), ('recurrence', 'custom')), models.Q(models.Q(('recurrence', 'custom'), _negated=True), ('billing_cycle_days', None)), _connector='OR'), name='product_plan_custom_has_days', violation_error_message='Le cycle en jours va avec la récurrence personnalisée, et avec elle seule.'), models.CheckConstraint(condition=models.Q(('recurrence__in', ['one_shot', 'monthly', 'yearly', 'custom'])), name='product_plan_recurrence', violation_error_message="Cette récurrence n'existe pas."), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='product_plan_period', violation_error_message='La fin doit suivre le début.'), models.CheckConstraint(condition=models.Q(('recurrence__in', ['one_shot', 'monthly', 'yearly', 'custom'])), name='productplan_recurrence_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='9e775d61697750b2fcbb64f206c7c9639e33e8f8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f2b3f', table='product_plan', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='079d7a92c9689351aebcf979ad2e292fefa09cfe', operation='INSERT', pgid='pgtrigger_company_from_parent_fb395', table='product_plan', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE released boolean;', func="FOR released IN SELECT released_at IS NOT NULL FROM product_version WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; END LOOP; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='af4389a273698540c5e8c73705758f421e8baee0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_released_4af85', table='product_plan', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='3d8551fdc5170be3289bc3869feb5637a0775601', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7f634', table='product_plan', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPricingRule',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('type', models.CharField(choices=[('fixed', 'Fixe'), ('tiered', 'Palier'), ('indexed', 'Indexé'), ('usage', 'Usage')], max_length=8, verbose_name='type')),
                ('currency', models.CharField(db_default='EUR', default='EUR', max_length=3, verbose_name='devise')),
                ('payload', models.JSONField(decoder=winvest.core.json.DecimalDecoder, encoder=winvest.core.json.DecimalEncoder, verbose_name='tarif')),
                ('tax_code', models.CharField(db_default='FR20', default='FR20', max_length=10, verbose_name='code TVA')),
                ('tax_rate', models.DecimalField(db_default=20, decimal_places=2, default=20, max_digits=5, verbose_name='taux de TVA (%)')),
                ('tax_included', models.BooleanField(db_default=True, default=True, verbose_name='prix TTC')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productplan', verbose_name='formule')),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('tier_mode', models.CharField(blank=True, choices=[('slab', 'Le palier atteint vaut pour tout'), ('progressive', 'Chaque tranche à son palier')], max_length=12, null=True, verbose_name='mode des paliers')),
            ],
            options={
                'verbose_name': 'historical règle de prix',
                'verbose_name_plural': 'historical règles de prix',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PricingRule',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('type', models.CharField(choices=[('fixed', 'Fixe'), ('tiered', 'Palier'), ('indexed', 'Indexé'), ('usage', 'Usage')], max_length=8, verbose_name='type')),
                ('currency', models.CharField(db_default='EUR', default='EUR', max_length=3, verbose_name='devise')),
                ('payload', models.JSONField(decoder=winvest.core.json.DecimalDecoder, encoder=winvest.core.json.DecimalEncoder, verbose_name='tarif')),
                ('tax_code', models.CharField(db_default='FR20', default='FR20', max_length=10, verbose_name='code TVA')),
                ('tax_rate', models.DecimalField(db_default=20, decimal_places=2, default=20, max_digits=5, verbose_name='taux de TVA (%)')),
                ('tax_included', models.BooleanField(db_default=True, default=True, verbose_name='prix TTC')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='pricing_rules', to='catalog.productplan', verbose_name='formule')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pricing_rules', to='catalog.productversion', verbose_name='version')),
                ('tier_mode', models.CharField(blank=True, choices=[('slab', 'Le palier atteint vaut pour tout'), ('progressive', 'Chaque tranche à son palier')], max_length=12, null=True, verbose_name='mode des paliers')),
            ],
            options={
                'verbose_name': 'règle de prix',
                'verbose_name_plural': 'règles de prix',
                'db_table': 'pricing_rule',
                'ordering': ('product_version', 'plan', 'type'),
                'indexes': [models.Index(fields=['product_version', 'plan', 'type'], name='pricing_rule_lookup')],
                'constraints': [models.CheckConstraint(condition=models.Q(('type__in', ['fixed', 'tiered', 'indexed', 'usage'])), name='pricing_rule_type', violation_error_message="Ce type de prix n'existe pas."), models.CheckConstraint(condition=catalog.models.checks.IsPayload(), name='pricing_rule_payload', violation_error_message="Le tarif n'a pas la forme de son type."), models.CheckConstraint(condition=models.Q(models.Q(('tier_mode__in', ['slab', 'progressive']), ('tier_mode__isnull', False), ('type', 'tiered')), models.Q(models.Q(('type', 'tiered'), _negated=True), ('tier_mode__isnull', True)), _connector='OR'), name='pricing_rule_tier_mode', violation_error_message='Un prix par paliers, et lui seul, a un mode.'), models.CheckConstraint(condition=models.Q(('type__in', ['fixed', 'tiered', 'indexed', 'usage'])), name='pricingrule_type_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('tier_mode__in', ['slab', 'progressive', ''])), name='pricingrule_tier_mode_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='4c5c4a73af09d02eb251693a17cfd8f21e1f39a5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_50b5e', table='pricing_rule', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='d00245cba4b88f6ad68d73228f00c0ef61fa79b1', operation='INSERT', pgid='pgtrigger_company_from_parent_06063', table='pricing_rule', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE released boolean;', func="FOR released IN SELECT released_at IS NOT NULL FROM product_version WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; END LOOP; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='46c0a6c8cc76ef8ac2ad96f6ca4a79aa9100d20c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_released_cf833', table='pricing_rule', when='BEFORE')), pgtrigger.compiler.Trigger(name='known_rate', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE home text;', func="SELECT country INTO home FROM company JOIN product_version v ON v.company_id = company.id WHERE v.id = NEW.product_version_id; IF EXISTS (SELECT 1 FROM vat_rate WHERE country = home) AND NOT EXISTS (SELECT 1 FROM vat_rate WHERE country = home AND code = NEW.tax_code AND rate = NEW.tax_rate) THEN RAISE EXCEPTION 'pricing_rule %: % at % is no rate of %', NEW.id, NEW.tax_code, NEW.tax_rate, home USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_rule_known_rate'; END IF; RETURN NEW;", hash='2dfa10aef1fe207c8be3f7750078b0a00dc6d103', operation='INSERT OR UPDATE OF "tax_code", "tax_rate"', pgid='pgtrigger_known_rate_738f8', table='pricing_rule', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='14abb0ba5ee9d01bb6698f01f9443179036d2dd3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_b20bb', table='pricing_rule', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('channels', models.JSONField(verbose_name='canaux')),
                ('visibility', models.CharField(choices=[('hidden', 'Caché'), ('internal', 'Interne'), ('public', 'Public')], db_default='internal', default='internal', max_length=8, verbose_name='visibilité')),
                ('start_at', models.DateTimeField(verbose_name='début')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='fin (exclue)')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('owner_company', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société propriétaire')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='catalog.productversion', verbose_name='version')),
                ('availability', models.CharField(choices=[('available', 'Disponible'), ('limited', 'Disponibilité limitée'), ('unavailable', 'Indisponible')], db_default='available', default='available', max_length=12, verbose_name='disponibilité')),
                ('conditions', models.TextField(blank=True, help_text='Dites au vendeur.', max_length=2000, null=True, verbose_name='conditions')),
                ('price_visible', models.BooleanField(db_default=True, default=True, help_text="Sinon les vendeurs et les portails voient l'offre sans ses prix.", verbose_name='prix visible')),
            ],
            options={
                'verbose_name': 'publication',
                'verbose_name_plural': 'publications',
                'db_table': 'publication',
                'ordering': ('-start_at',),
                'indexes': [models.Index(fields=['company', 'start_at', 'end_at'], name='publication_company'), models.Index(fields=['-start_at', '-id'], name='publication_recent'), models.Index(condition=models.Q(('company', models.F('owner_company')), _negated=True), fields=['company', 'product_version'], name='publication_lent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('end_at__isnull', True), ('end_at__gt', models.F('start_at')), _connector='OR'), name='publication_period', violation_error_message='La fin doit suivre le début.'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('channels__contains', ['field'])), expressions=[('product_version', '='), ('company', '='), (catalog.models.version.InstantRange('start_at', 'end_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='publication_no_overlap_field', violation_error_message='Une publication court déjà sur ce canal (Terrain).'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('channels__contains', ['telesales'])), expressions=[('product_version', '='), ('company', '='), (catalog.models.version.InstantRange('start_at', 'end_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='publication_no_overlap_telesales', violation_error_message='Une publication court déjà sur ce canal (Télévente).'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('channels__contains', ['web'])), expressions=[('product_version', '='), ('company', '='), (catalog.models.version.InstantRange('start_at', 'end_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='publication_no_overlap_web', violation_error_message='Une publication court déjà sur ce canal (Web).'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('channels__contains', ['partner'])), expressions=[('product_version', '='), ('company', '='), (catalog.models.version.InstantRange('start_at', 'end_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='publication_no_overlap_partner', violation_error_message='Une publication court déjà sur ce canal (Partenaires).'), models.CheckConstraint(condition=models.Q(catalog.models.checks.IsSetOf('channels', ['field', 'telesales', 'web', 'partner']), models.Q(('channels', []), _negated=True)), name='publication_channels', violation_error_message='Au moins un canal, chacun connu et une seule fois.'), models.CheckConstraint(condition=models.Q(('visibility__in', ['hidden', 'internal', 'public'])), name='publication_visibility', violation_error_message="Cette visibilité n'existe pas."), models.CheckConstraint(condition=models.Q(('visibility__in', ['hidden', 'internal', 'public'])), name='publication_visibility_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('availability__in', ['available', 'limited', 'unavailable'])), name='publication_availability_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='385e8bcc75a4210b6bdb49a566fe2f4202a583ea', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_33433', table='publication', when='AFTER')), pgtrigger.compiler.Trigger(name='owner_company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.owner_company_id IS NULL)', func='SELECT company_id INTO NEW.owner_company_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='7acbc626facbac59bfe7efb6219dc77c475c7f7b', operation='INSERT', pgid='pgtrigger_owner_company_from_parent_36516', table='publication', when='BEFORE')), pgtrigger.compiler.Trigger(name='within_version', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE sold product_version%ROWTYPE;', func="SELECT * INTO sold FROM product_version WHERE id = NEW.product_version_id; IF (sold.channels <> '[]' AND NOT sold.channels @> NEW.channels) OR NEW.start_at < sold.effective_from OR (sold.effective_to IS NOT NULL AND NEW.end_at > sold.effective_to) THEN RAISE EXCEPTION 'publication %: outside its version', NEW.id USING ERRCODE = 'check_violation', CONSTRAINT = 'publication_within_version'; END IF; RETURN NEW;", hash='0f3c94955c362000122b346bcbecafe168f185a7', operation='INSERT OR UPDATE OF "product_version_id", "channels", "start_at", "end_at"', pgid='pgtrigger_within_version_70337', table='publication', when='BEFORE')), pgtrigger.compiler.Trigger(name='keep_started', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.start_at <= now())', func="RAISE EXCEPTION 'publication %: began, so it ends', OLD.id USING ERRCODE = 'restrict_violation';", hash='64745e97ec16c680bffc141107056c7e556e69a9', operation='DELETE', pgid='pgtrigger_keep_started_39378', table='publication', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='1f2467a39faf89aa6ada782027207f4c659ad4ce', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f698b', table='publication', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CqRule',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('required_fields', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/cq_rule/required_fields.json')], verbose_name='champs et pièces exigés')),
                ('rule_sets', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/cq_rule/rule_sets.json')], verbose_name='jeux de règles')),
                ('call_script_id', models.UUIDField(blank=True, null=True, verbose_name="script d'appel")),
                ('notes', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cq_rules', to='catalog.productversion', verbose_name='version')),
            ],
            options={
                'verbose_name': 'règle ADV / qualité',
                'verbose_name_plural': 'règles ADV / qualité',
                'db_table': 'cq_rule',
                'ordering': ('product_version', 'id'),
                'constraints': [models.CheckConstraint(condition=catalog.models.checks.IsSetOf('required_fields', ['CNI', 'RIB', 'JustifDomicile', 'TitreSejour', 'KBIS', 'AttestationDroits', 'MandatSEPA', 'MandatResiliation', 'DateNaissance', 'NumeroSecu', 'Email', 'Telephone', 'RIO', 'PDL']), name='cq_rule_required_fields', violation_error_message='Un champ exigé est inconnu, ou figure deux fois.'), models.CheckConstraint(condition=catalog.models.checks.IsSetOf('rule_sets', ['identity', 'double_listening', 'welcome_call', 'withdrawal', 'needs', 'bank', 'senior']), name='cq_rule_rule_sets', violation_error_message='Un jeu de règles est inconnu, ou figure deux fois.')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='22a4c82d1ec316d2facbe403181060339b389849', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_5b775', table='cq_rule', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='6636cc9401cdcc8d5ce53c1a3929c33dd51825d2', operation='INSERT', pgid='pgtrigger_company_from_parent_0433a', table='cq_rule', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE released boolean;', func="FOR released IN SELECT released_at IS NOT NULL FROM product_version WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; END LOOP; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='8e6d653444c668a5f441ad771db325b3c2f8d8ec', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_released_92de3', table='cq_rule', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='593cd8750f94661f43df900970951b2a5f8cec6b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_11412', table='cq_rule', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ExternalMapping',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('system', models.CharField(help_text='OggoData, un assureur…', max_length=60, verbose_name='système')),
                ('external_code', models.CharField(max_length=120, verbose_name='code externe')),
                ('integration_status', models.CharField(choices=[('none', 'Non intégré'), ('requested', 'Demande en cours'), ('api', 'Intégré API'), ('import', 'Intégré via import'), ('inactive', 'Inactif')], db_default='none', default='none', max_length=10, verbose_name='intégration')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='external_mappings', to='catalog.productplan', verbose_name='formule')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='external_mappings', to='catalog.product', verbose_name='produit')),
            ],
            options={
                'verbose_name': 'code externe',
                'verbose_name_plural': 'codes externes',
                'db_table': 'external_mapping',
                'ordering': ('system', 'external_code'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('plan__isnull', True)), fields=('product', 'system'), name='external_mapping_product_system', violation_error_message='Ce produit a déjà un code dans ce système.'), models.UniqueConstraint(fields=('plan', 'system'), name='external_mapping_plan_system', violation_error_message='Cette formule a déjà un code dans ce système.'), models.UniqueConstraint(fields=('system', 'external_code'), name='external_mapping_code', violation_error_message='Ce code externe est déjà pris dans ce système.'), models.CheckConstraint(condition=models.Q(('integration_status__in', ['none', 'requested', 'api', 'import', 'inactive'])), name='external_mapping_status', violation_error_message="Ce statut d'intégration n'existe pas."), models.CheckConstraint(condition=models.Q(models.Q(('system', ''), _negated=True), models.Q(('external_code', ''), _negated=True)), name='external_mapping_filled', violation_error_message='Le système et le code sont obligatoires.'), models.CheckConstraint(condition=models.Q(('integration_status__in', ['none', 'requested', 'api', 'import', 'inactive'])), name='externalmapping_integration_status_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='90529a0a18312d2eccf3daea7602e4ccb4958c93', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_c2c41', table='external_mapping', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product WHERE id = NEW.product_id; RETURN NEW;', hash='a1178c5998ef78e5e6be85ae5852ad6eefa670c8', operation='INSERT', pgid='pgtrigger_company_from_parent_7f4cf', table='external_mapping', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='a66d4d197e1b96b65062fa36a2abd4f446c423b1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_3c34a', table='external_mapping', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCqRule',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('required_fields', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/cq_rule/required_fields.json')], verbose_name='champs et pièces exigés')),
                ('rule_sets', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, validators=[winvest.core.models.validators.SchemaValidator('catalog/schemas/cq_rule/rule_sets.json')], verbose_name='jeux de règles')),
                ('call_script_id', models.UUIDField(blank=True, null=True, verbose_name="script d'appel")),
                ('notes', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
            ],
            options={
                'verbose_name': 'historical règle ADV / qualité',
                'verbose_name_plural': 'historical règles ADV / qualité',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalExternalMapping',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('system', models.CharField(help_text='OggoData, un assureur…', max_length=60, verbose_name='système')),
                ('external_code', models.CharField(max_length=120, verbose_name='code externe')),
                ('integration_status', models.CharField(choices=[('none', 'Non intégré'), ('requested', 'Demande en cours'), ('api', 'Intégré API'), ('import', 'Intégré via import'), ('inactive', 'Inactif')], db_default='none', default='none', max_length=10, verbose_name='intégration')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productplan', verbose_name='formule')),
                ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.product', verbose_name='produit')),
            ],
            options={
                'verbose_name': 'historical code externe',
                'verbose_name_plural': 'historical codes externes',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalIndexValue',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('index', models.CharField(choices=[('spot', 'Prix spot'), ('cpi', 'Prix à la consommation'), ('energy', 'Énergie')], max_length=6, verbose_name='indice')),
                ('valid_on', models.DateField(verbose_name='à partir du')),
                ('value', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='valeur')),
                ('source', models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': "historical valeur d'indice",
                'verbose_name_plural': "historical valeurs d'indices",
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='IndexValue',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('index', models.CharField(choices=[('spot', 'Prix spot'), ('cpi', 'Prix à la consommation'), ('energy', 'Énergie')], max_length=6, verbose_name='indice')),
                ('valid_on', models.DateField(verbose_name='à partir du')),
                ('value', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='valeur')),
                ('source', models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='source')),
            ],
            options={
                'verbose_name': "valeur d'indice",
                'verbose_name_plural': "valeurs d'indices",
                'db_table': 'index_value',
                'ordering': ('index', '-valid_on'),
                'constraints': [models.CheckConstraint(condition=models.Q(('index__in', ['spot', 'cpi', 'energy'])), name='indexvalue_index_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.UniqueConstraint(fields=('index', 'valid_on'), name='index_value_one_a_day', violation_error_message='Cet indice a déjà une valeur à cette date.')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='1c8ea001175ed547097bd16e57bab6d55412e8c0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_eb7fc', table='index_value', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='4506a91e32a6c7085056ffe201b36e5ec126b6fd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7639a', table='index_value', when='BEFORE'))],
            },
        ),
        # Now, not with its table: Django lays those of a new table last, after the keys below.
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='product_id_company'),
        ),
        migrations.AddConstraint(
            model_name='productversion',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='product_version_id_company'),
        ),
        migrations.AddConstraint(
            model_name='productplan',
            constraint=models.UniqueConstraint(fields=('id', 'product_version'), name='product_plan_id_version'),
        ),
        # A child's owner is its parent's, for ever (`architecture.md` §4).
        owner_key('product', 'brand_id', 'brand'),
        owner_key('product_version', 'product_id', 'product'),
        owner_key('product_plan', 'product_version_id', 'product_version'),
        owner_key('pricing_rule', 'product_version_id', 'product_version'),
        owner_key('publication', 'product_version_id', 'product_version', 'owner_company_id'),
        owner_key('external_mapping', 'product_id', 'product'),
        owner_key('cq_rule', 'product_version_id', 'product_version'),
        # The plan of a price is a plan of the same version.
        owner_key(
            'pricing_rule', 'plan_id', 'product_plan', 'product_version_id', 'product_version_id'
        ),
        migrations.RunSQL(ADD_RISK_OF_MEMBERSHIP, DROP_RISK_OF_MEMBERSHIP),
    ]
