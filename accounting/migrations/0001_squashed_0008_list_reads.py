"""The schema of the ledger.

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import simple_history.models
import winvest.core.clock
import winvest.core.json
import winvest.core.models.base
from django.conf import settings
from django.db import migrations, models

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):

    replaces = [
        ('accounting', '0001_initial'),
        ('accounting', '0002_initial'),
        ('accounting', '0003_owner_keys'),
        ('accounting', '0004_booking_regime'),
        ('accounting', '0005_whole_entries'),
        ('accounting', '0006_closed_lists'),
        ('accounting', '0007_list_orders'),
        ('accounting', '0008_list_reads'),
    ]

    initial = True

    dependencies = [
        ('core', '0001_squashed_0016_audit_filters'),
        ('partners', '0001_squashed_0004_closed_lists'),
        ('catalog', '0001_squashed_0012_owners_of_products'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountingMapping',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('nature', models.CharField(choices=[('revenue', 'CA'), ('commission', 'Commission'), ('fee', 'Frais'), ('tax', 'TVA')], max_length=10, verbose_name='nature')),
                ('gl_account', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z]{3,20}\\Z', 'Chiffres ou majuscules, de 3 à 20.')], verbose_name='compte général')),
                ('journal', models.CharField(blank=True, max_length=20, null=True, verbose_name='journal')),
                ('tax_code', models.CharField(blank=True, max_length=10, null=True, verbose_name='code TVA')),
                ('cost_center', models.CharField(blank=True, max_length=20, null=True, verbose_name='centre de coûts')),
                ('state', models.CharField(choices=[('to_validate', 'À valider'), ('validated', 'Validé'), ('error', 'Erreur')], db_default='to_validate', default='to_validate', max_length=12, verbose_name='état')),
                ('validated_at', models.DateTimeField(blank=True, null=True, verbose_name='validé le')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounting_mappings', to='catalog.productversion', verbose_name='version')),
                ('validated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='validé par')),
            ],
            options={
                'verbose_name': 'mapping comptable',
                'verbose_name_plural': 'mappings comptables',
                'db_table': 'accounting_mapping',
                'ordering': ('product_version', 'nature'),
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('gl_account'), name='text_pattern_ops'), name='mapping_account_prefix')],
                'constraints': [models.UniqueConstraint(fields=('product_version', 'company', 'nature'), name='accounting_mapping_once', violation_error_message='Cette nature a déjà un compte pour la société.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'validated'), _negated=True), ('validated_at__isnull', False), _connector='OR'), name='accounting_mapping_validated_is_dated', violation_error_message='Un mapping validé porte la date de sa validation.'), models.CheckConstraint(condition=models.Q(('nature__in', ['revenue', 'commission', 'fee', 'tax'])), name='accountingmapping_nature_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('state__in', ['to_validate', 'validated', 'error'])), name='accountingmapping_state_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='089ce32dbae8e6d8b726307647745d05d192d9f3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f349d', table='accounting_mapping', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='78ee281bc6db74914076f89cb3c2e385692ac131', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_bf268', table='accounting_mapping', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CompanyAccount',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('purpose', models.CharField(choices=[('revenue', 'Ventes et prestations'), ('commission', 'Commissions reçues'), ('fee', 'Frais bancaires et PSP'), ('client', 'Clients'), ('partner', 'Partenaires débiteurs'), ('supplier', 'Fournisseurs'), ('bank', 'Banque'), ('vat_collected', 'TVA collectée'), ('vat_deductible', 'TVA déductible'), ('vat_pending', "TVA en attente d'encaissement")], max_length=16, verbose_name='usage')),
                ('tax_code', models.CharField(blank=True, help_text='Pour un compte de TVA propre à un taux ; vide pour tous les taux.', max_length=10, null=True, verbose_name='code TVA')),
                ('account', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z]{3,20}\\Z', 'Chiffres ou majuscules, de 3 à 20.')], verbose_name='compte')),
                ('journal', models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='journal')),
                ('cost_center', models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='centre de coûts')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
            ],
            options={
                'verbose_name': 'compte de la société',
                'verbose_name_plural': 'comptes de la société',
                'db_table': 'company_account',
                'ordering': ('company', 'purpose'),
                'constraints': [models.UniqueConstraint(fields=('company', 'purpose', 'tax_code'), name='company_account_once', nulls_distinct=False, violation_error_message='Cet usage a déjà un compte.'), models.CheckConstraint(condition=models.Q(('purpose__in', ['revenue', 'commission', 'fee', 'client', 'partner', 'supplier', 'bank', 'vat_collected', 'vat_deductible', 'vat_pending'])), name='companyaccount_purpose_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='4206d94da34d46eba082acb9d7cbbb163dd70aa8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_532cd', table='company_account', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='fc95ee3af0feb311462fb8b1d0f7d01bd4859aed', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_49a03', table='company_account', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='EntryCounter',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('journal', models.CharField(max_length=20, verbose_name='journal')),
                ('year', models.PositiveSmallIntegerField(verbose_name='exercice')),
                ('last', models.PositiveIntegerField(default=0, verbose_name='dernier numéro')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
            ],
            options={
                'verbose_name': "compteur d'écritures",
                'verbose_name_plural': "compteurs d'écritures",
                'db_table': 'accounting_counter',
                'constraints': [models.UniqueConstraint(fields=('company', 'journal', 'year'), name='accounting_counter_once')],
            },
        ),
        migrations.CreateModel(
            name='ExportRun',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('kind', models.CharField(choices=[('accounting', 'Écritures du mois'), ('vat', 'TVA du mois')], default='accounting', max_length=12, verbose_name='contenu')),
                ('period', models.CharField(max_length=7, verbose_name='mois')),
                ('profile', models.CharField(choices=[('standard', 'Standard (14 colonnes, F.3)'), ('F4', 'Extrait F.4 (9 colonnes)'), ('F7', 'Excel F.7 (10 colonnes)')], default='standard', max_length=12, verbose_name='profil')),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'Excel')], default='csv', max_length=4, verbose_name='format')),
                ('revision', models.PositiveSmallIntegerField(default=1, verbose_name='révision')),
                ('file', models.FileField(blank=True, default='', max_length=200, upload_to='exports', verbose_name='fichier')),
                ('file_name', models.CharField(blank=True, default='', max_length=120, verbose_name='nom du fichier')),
                ('sha256', models.CharField(blank=True, default='', max_length=64, verbose_name='SHA-256')),
                ('rows', models.PositiveIntegerField(blank=True, null=True, verbose_name='lignes')),
                ('total_debit', models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name='total débit')),
                ('total_credit', models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name='total crédit')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='terminé le')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandé par')),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job', verbose_name='travail')),
            ],
            options={
                'verbose_name': 'export comptable',
                'verbose_name_plural': 'exports comptables',
                'db_table': 'export_run',
                'ordering': ('-created_at', '-id'),
                'indexes': [models.Index(fields=['-created_at', '-id'], name='export_run_recent')],
                'constraints': [models.UniqueConstraint(fields=('company', 'period', 'kind', 'profile', 'format', 'revision'), name='export_run_once'), models.CheckConstraint(condition=models.Q(('period__regex', '^[0-9]{4}-(0[1-9]|1[0-2])$')), name='export_run_period', violation_error_message="Un mois s'écrit AAAA-MM."), models.CheckConstraint(condition=models.Q(models.Q(('file', ''), ('finished_at__isnull', True), ('sha256', '')), models.Q(models.Q(('file', ''), _negated=True), models.Q(('sha256', ''), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='export_run_file_is_whole'), models.CheckConstraint(condition=models.Q(('kind__in', ['accounting', 'vat'])), name='exportrun_kind_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('profile__in', ['standard', 'F4', 'F7'])), name='exportrun_profile_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('format__in', ['csv', 'xlsx'])), name='exportrun_format_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='a3d9ca1392ff73fd8b65e5f65dae60b653d1d3b9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_e7209', table='export_run', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='c682fdf006a0089e5540dbe23211a40c73cbe8c8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_554da', table='export_run', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalAccountingMapping',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('nature', models.CharField(choices=[('revenue', 'CA'), ('commission', 'Commission'), ('fee', 'Frais'), ('tax', 'TVA')], max_length=10, verbose_name='nature')),
                ('gl_account', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z]{3,20}\\Z', 'Chiffres ou majuscules, de 3 à 20.')], verbose_name='compte général')),
                ('journal', models.CharField(blank=True, max_length=20, null=True, verbose_name='journal')),
                ('tax_code', models.CharField(blank=True, max_length=10, null=True, verbose_name='code TVA')),
                ('cost_center', models.CharField(blank=True, max_length=20, null=True, verbose_name='centre de coûts')),
                ('state', models.CharField(choices=[('to_validate', 'À valider'), ('validated', 'Validé'), ('error', 'Erreur')], db_default='to_validate', default='to_validate', max_length=12, verbose_name='état')),
                ('validated_at', models.DateTimeField(blank=True, null=True, verbose_name='validé le')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('validated_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='validé par')),
            ],
            options={
                'verbose_name': 'historical mapping comptable',
                'verbose_name_plural': 'historical mappings comptables',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalCompanyAccount',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('purpose', models.CharField(choices=[('revenue', 'Ventes et prestations'), ('commission', 'Commissions reçues'), ('fee', 'Frais bancaires et PSP'), ('client', 'Clients'), ('partner', 'Partenaires débiteurs'), ('supplier', 'Fournisseurs'), ('bank', 'Banque'), ('vat_collected', 'TVA collectée'), ('vat_deductible', 'TVA déductible'), ('vat_pending', "TVA en attente d'encaissement")], max_length=16, verbose_name='usage')),
                ('tax_code', models.CharField(blank=True, help_text='Pour un compte de TVA propre à un taux ; vide pour tous les taux.', max_length=10, null=True, verbose_name='code TVA')),
                ('account', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z]{3,20}\\Z', 'Chiffres ou majuscules, de 3 à 20.')], verbose_name='compte')),
                ('journal', models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='journal')),
                ('cost_center', models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='centre de coûts')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical compte de la société',
                'verbose_name_plural': 'historical comptes de la société',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('source', models.CharField(max_length=60, verbose_name='source')),
                ('external_id', models.CharField(max_length=120, verbose_name='identifiant externe')),
                ('kind', models.CharField(choices=[('sale', 'Vente'), ('billing', 'Échéance'), ('collection', 'Encaissement'), ('renewal', 'Renouvellement'), ('cancellation', 'Annulation'), ('refund', 'Avoir'), ('fee', 'Frais'), ('commission_report', 'Bordereau de commission'), ('bonus', 'Prime'), ('malus', 'Malus')], max_length=20, verbose_name='nature')),
                ('state', models.CharField(choices=[('booked', 'Comptabilisée'), ('parked', 'En attente')], max_length=8, verbose_name='état')),
                ('reasons', models.JSONField(blank=True, default=list, verbose_name='motifs')),
                ('flags', models.JSONField(blank=True, default=list, verbose_name='signalements')),
                ('sku', models.CharField(blank=True, default='', max_length=80, verbose_name='produit')),
                ('plan_code', models.CharField(blank=True, default='', max_length=60, verbose_name='formule demandée')),
                ('channel', models.CharField(blank=True, choices=[('field', 'Terrain'), ('telesales', 'Télévente'), ('web', 'Web'), ('partner', 'Partenaires')], default='', max_length=10, verbose_name='canal')),
                ('quantity', models.DecimalField(decimal_places=4, default=1, max_digits=18, verbose_name='quantité')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='montant')),
                ('tax_included', models.BooleanField(default=True, verbose_name='TTC')),
                ('tax_code', models.CharField(blank=True, default='', max_length=10, verbose_name='code TVA')),
                ('currency', models.CharField(default='EUR', max_length=3, verbose_name='devise')),
                ('occurred_at', models.DateTimeField(verbose_name='survenue le')),
                ('accounting_date', models.DateField(verbose_name='date comptable')),
                ('contract_ref', models.UUIDField(blank=True, null=True, verbose_name='référence contrat')),
                ('client_ref', models.UUIDField(blank=True, null=True, verbose_name='référence client')),
                ('supplier_ref', models.CharField(blank=True, default='', max_length=120, verbose_name='fournisseur')),
                ('analytic_label', models.CharField(blank=True, default='', max_length=80, verbose_name='libellé analytique')),
                ('body', models.JSONField(decoder=winvest.core.json.DecimalDecoder, encoder=winvest.core.json.DecimalEncoder, verbose_name='corps reçu')),
                ('body_hash', models.CharField(max_length=64, verbose_name='empreinte du corps')),
                ('booked_at', models.DateTimeField(blank=True, null=True, verbose_name='comptabilisée le')),
                ('collects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='accounting.operation', verbose_name='encaisse')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.productplan', verbose_name='formule')),
                ('posted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reçue de')),
                ('product_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='catalog.productversion', verbose_name='version')),
                ('reverses', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='accounting.operation', verbose_name='annule')),
                ('vat_regime', models.CharField(blank=True, choices=[('debits', 'Sur les débits'), ('collections', 'Sur les encaissements')], default='', max_length=12, verbose_name='exigibilité de la TVA')),
                ('entry_count', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="nombre d'écritures")),
            ],
            options={
                'verbose_name': 'opération',
                'verbose_name_plural': 'opérations',
                'db_table': 'operation',
                'ordering': ('-occurred_at', '-id'),
                'indexes': [models.Index(fields=['company', '-occurred_at', '-id'], name='operation_list'), models.Index(condition=models.Q(('state', 'parked')), fields=['company', 'sku'], name='operation_parked'), models.Index(fields=['-occurred_at', '-id'], name='operation_recent')],
                'constraints': [models.UniqueConstraint(fields=('company', 'source', 'external_id'), name='operation_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 0), ('amount__gte', 0)), name='operation_not_negative'), models.CheckConstraint(condition=models.Q(('state', 'parked'), ('booked_at__isnull', False), _connector='OR'), name='operation_booked_is_dated'), models.CheckConstraint(condition=models.Q(('state', 'booked'), ('entry_count', 0), _connector='OR'), name='operation_parked_has_no_entry'), models.CheckConstraint(condition=models.Q(('kind__in', ['sale', 'billing', 'collection', 'renewal', 'cancellation', 'refund', 'fee', 'commission_report', 'bonus', 'malus'])), name='operation_kind_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('state__in', ['booked', 'parked'])), name='operation_state_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('channel__in', ['field', 'telesales', 'web', 'partner', ''])), name='operation_channel_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('vat_regime__in', ['debits', 'collections', ''])), name='operation_vat_regime_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='5d2e08b6f273e4a24c1b68ec12e2fd5ed8a7f4ee', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_4d4f2', table='operation', when='AFTER')), pgtrigger.compiler.Trigger(name='keep_facts', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF TG_OP = 'DELETE' OR OLD.state = 'booked' OR to_jsonb(OLD) - '{state,reasons,flags,product_version_id,plan_id,tax_code,vat_regime,booked_at,entry_count,accounting_date,updated_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{state,reasons,flags,product_version_id,plan_id,tax_code,vat_regime,booked_at,entry_count,accounting_date,updated_at}'::text[] THEN RAISE EXCEPTION 'operation %: facts never change', OLD.id USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;", hash='81f3a15e0362047d622e83f69b9c1901aa08ddef', operation='UPDATE OR DELETE', pgid='pgtrigger_keep_facts_2fa61', table='operation', when='BEFORE')), pgtrigger.compiler.Trigger(name='whole_booking', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE found record;', func="SELECT count(entry.id) AS n, entry_count INTO found FROM operation LEFT JOIN accounting_entry entry ON entry.operation_id = operation.id WHERE operation.id = NEW.id GROUP BY entry_count; IF found.n <> found.entry_count THEN RAISE EXCEPTION 'operation %: not its own entries', NEW.id USING ERRCODE = 'check_violation'; END IF; RETURN NULL;", hash='5f1d4ceb6d6321f7a673b7cd3abe85903295febf', operation='INSERT OR UPDATE', pgid='pgtrigger_whole_booking_5f5c5', table='operation', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='efe1e4627627e635cd773eaa04980b7bb5dee6f1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_6e140', table='operation', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('journal', models.CharField(max_length=20, verbose_name='journal')),
                ('year', models.PositiveSmallIntegerField(verbose_name='exercice')),
                ('number', models.PositiveIntegerField(verbose_name='numéro')),
                ('date', models.DateField(verbose_name='date')),
                ('type', models.CharField(choices=[('CA', 'CA'), ('Commission', 'Commission'), ('Frais', 'Frais'), ('TVA', 'TVA'), ('Règlement', 'Règlement')], max_length=12, verbose_name='type')),
                ('label', models.CharField(max_length=160, verbose_name='libellé')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='accounting.operation', verbose_name='opération')),
                ('line_count', models.PositiveSmallIntegerField(verbose_name='nombre de lignes')),
            ],
            options={
                'verbose_name': 'écriture',
                'verbose_name_plural': 'écritures',
                'db_table': 'accounting_entry',
                'ordering': ('-date', '-number', '-id'),
                'indexes': [models.Index(fields=['company', 'date', 'number'], name='entry_export'), models.Index(fields=['-date', '-id'], name='entry_recent')],
                'constraints': [models.UniqueConstraint(fields=('company', 'journal', 'year', 'number'), name='accounting_entry_number'), models.CheckConstraint(condition=models.Q(('type__in', ['CA', 'Commission', 'Frais', 'TVA', 'Règlement'])), name='entry_type_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='54a2e50b688d2bf04d83780571e0868564a55e84', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_ef700', table='accounting_entry', when='AFTER')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='bf1ed5400045ac7d8a0594cf2eb0aab0ae818e0b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2a054', table='accounting_entry', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='2c9f5266370afbb59ae76825f18a3979ebfa6b05', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f0e2d', table='accounting_entry', when='BEFORE')), pgtrigger.compiler.Trigger(name='balanced', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE lines record;', func="SELECT count(line.id) AS n, sum(debit) AS debit, sum(credit) AS credit, line_count INTO lines FROM accounting_entry entry LEFT JOIN accounting_line line ON line.entry_id = entry.id WHERE entry.id = NEW.id GROUP BY line_count; IF lines.n < 2 OR lines.n <> lines.line_count OR lines.debit <> lines.credit THEN RAISE EXCEPTION 'accounting_entry %: not balanced', NEW.id USING ERRCODE = 'check_violation'; END IF; RETURN NULL;", hash='a12631efccafa2b7b8ce71eaa9c11489478571c4', operation='INSERT', pgid='pgtrigger_balanced_64df2', table='accounting_entry', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')), pgtrigger.compiler.Trigger(name='whole_booking', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE found record;', func="SELECT count(entry.id) AS n, entry_count INTO found FROM operation LEFT JOIN accounting_entry entry ON entry.operation_id = operation.id WHERE operation.id = NEW.operation_id GROUP BY entry_count; IF found.n <> found.entry_count THEN RAISE EXCEPTION 'operation %: not its own entries', NEW.operation_id USING ERRCODE = 'check_violation'; END IF; RETURN NULL;", hash='101febd73f0e685704d7e848fd6fa9a8483ad02c', operation='INSERT OR UPDATE', pgid='pgtrigger_whole_booking_9dc87', table='accounting_entry', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('position', models.PositiveSmallIntegerField(verbose_name='ordre')),
                ('role', models.CharField(choices=[('main', 'Principale'), ('vat', 'TVA'), ('third_party', 'Tiers'), ('payment', 'Règlement')], max_length=12, verbose_name='rôle')),
                ('account', models.CharField(max_length=20, verbose_name='compte')),
                ('auxiliary', models.CharField(blank=True, default='', max_length=120, verbose_name='compte auxiliaire')),
                ('debit', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='débit')),
                ('credit', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='crédit')),
                ('product_label', models.CharField(blank=True, default='', max_length=80, verbose_name='produit')),
                ('partner_label', models.CharField(blank=True, default='', max_length=160, verbose_name='partenaire')),
                ('cost_center', models.CharField(blank=True, default='', max_length=20, verbose_name='centre de coûts')),
                ('tax_code', models.CharField(blank=True, default='', max_length=10, verbose_name='code TVA')),
                ('tax_rate', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='taux de TVA (%)')),
                ('tax_base', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='base HT')),
                ('tax_amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='TVA')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='accounting.entry', verbose_name='écriture')),
            ],
            options={
                'verbose_name': "ligne d'écriture",
                'verbose_name_plural': "lignes d'écriture",
                'db_table': 'accounting_line',
                'ordering': ('entry', 'position'),
                'constraints': [models.UniqueConstraint(fields=('entry', 'position'), name='accounting_line_position'), models.CheckConstraint(condition=models.Q(('credit__gte', 0), ('debit__gte', 0), models.Q(('debit', 0), ('credit', 0), _connector='OR')), name='accounting_line_one_side', violation_error_message='Une ligne est au débit ou au crédit, jamais négative.'), models.CheckConstraint(condition=models.Q(('role__in', ['main', 'vat', 'third_party', 'payment'])), name='line_role_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='b945c9a28af7885c18bcd6c16b11f77a9ce67b97', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_27e93', table='accounting_line', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM accounting_entry WHERE id = NEW.entry_id; RETURN NEW;', hash='af44117821f8ff6a14ef1a154a07155a97dd349f', operation='INSERT', pgid='pgtrigger_company_from_parent_4d52f', table='accounting_line', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='608082615bdd84c22e6c14ffa153fd6e21efd5fe', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a0e7b', table='accounting_line', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='91faf7eb36885ba510e0204c5df98d0df6634768', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_2aa5e', table='accounting_line', when='BEFORE')), pgtrigger.compiler.Trigger(name='balanced', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE lines record;', func="SELECT count(line.id) AS n, sum(debit) AS debit, sum(credit) AS credit, line_count INTO lines FROM accounting_entry entry LEFT JOIN accounting_line line ON line.entry_id = entry.id WHERE entry.id = NEW.entry_id GROUP BY line_count; IF lines.n < 2 OR lines.n <> lines.line_count OR lines.debit <> lines.credit THEN RAISE EXCEPTION 'accounting_entry %: not balanced', NEW.entry_id USING ERRCODE = 'check_violation'; END IF; RETURN NULL;", hash='3f4ef8d6f0d77f9e5d509deb7ecb0be153c7be3f', operation='INSERT', pgid='pgtrigger_balanced_30ac2', table='accounting_line', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))],
            },
        ),
        # Now, not with its table: Django lays those of a new table last, after the keys below.
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='operation_id_company'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='accounting_entry_id_company'),
        ),
        # A child's owner is its parent's, for ever (`architecture.md` §4).
        owner_key('accounting_entry', 'operation_id', 'operation'),
        owner_key('accounting_line', 'entry_id', 'accounting_entry'),
        owner_key('operation', 'reverses_id', 'operation'),
        owner_key('operation', 'collects_id', 'operation'),
    ]
