"""The schema of the partners.

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import simple_history.models
import winvest.core.clock
import winvest.core.models.base
import winvest.core.models.secret
import winvest.core.models.sorting
import winvest.core.models.validators
from django.conf import settings
from django.db import migrations, models

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):

    replaces = [
        ('partners', '0001_initial'),
        ('partners', '0002_credentials_and_bank'),
        ('partners', '0003_owner_keys'),
        ('partners', '0004_closed_lists'),
    ]

    initial = True

    dependencies = [
        ('core', '0001_squashed_0016_audit_filters'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalPartner',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('type', models.CharField(choices=[('insurer', 'Assureur'), ('energy', 'Énergie'), ('telecom', 'Télécom'), ('ott', 'OTT / Média'), ('marketplace', 'Place de marché'), ('other', 'Autre')], max_length=12, verbose_name='type')),
                ('name', models.CharField(max_length=160, verbose_name='nom')),
                ('legal_name', models.CharField(max_length=160, verbose_name='raison sociale')),
                ('export_label', models.CharField(blank=True, db_default='', default='', help_text='Nom écrit dans les fichiers comptables ; à défaut, le nom du partenaire.', max_length=160, verbose_name='libellé dans les exports')),
                ('siren', models.CharField(blank=True, max_length=9, null=True, validators=[django.core.validators.RegexValidator('\\A[0-9]{9}\\Z', 'Un SIREN a neuf chiffres.', code='siren')], verbose_name='SIREN')),
                ('is_insurance', models.BooleanField(db_default=False, default=False, help_text="Les commissions d'assurance sont exonérées de TVA (CGI 261 C 2°).", verbose_name='assurance')),
                ('status', models.CharField(choices=[('active', 'Actif'), ('inactive', 'Inactif'), ('test', 'En test')], db_default='active', default='active', max_length=8, verbose_name='statut')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('addresses', models.JSONField(blank=True, null=True, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/addresses.json')], verbose_name='adresses')),
                ('bic', models.CharField(blank=True, max_length=20, null=True, verbose_name='BIC')),
                ('iban_masked', models.CharField(blank=True, editable=False, max_length=40, null=True, verbose_name='IBAN')),
                ('payment_terms', models.CharField(blank=True, max_length=60, null=True, verbose_name='conditions de règlement')),
                ('sla_availability', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='disponibilité garantie (%)')),
                ('sla_notes', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='précisions du SLA')),
                ('sla_resolution_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(8760)], verbose_name='résolution (heures)')),
                ('sla_response_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(8760)], verbose_name='prise en charge (heures)')),
            ],
            options={
                'verbose_name': 'historical partenaire',
                'verbose_name_plural': 'historical partenaires',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('type', models.CharField(choices=[('insurer', 'Assureur'), ('energy', 'Énergie'), ('telecom', 'Télécom'), ('ott', 'OTT / Média'), ('marketplace', 'Place de marché'), ('other', 'Autre')], max_length=12, verbose_name='type')),
                ('name', models.CharField(max_length=160, verbose_name='nom')),
                ('legal_name', models.CharField(max_length=160, verbose_name='raison sociale')),
                ('export_label', models.CharField(blank=True, db_default='', default='', help_text='Nom écrit dans les fichiers comptables ; à défaut, le nom du partenaire.', max_length=160, verbose_name='libellé dans les exports')),
                ('siren', models.CharField(blank=True, max_length=9, null=True, validators=[django.core.validators.RegexValidator('\\A[0-9]{9}\\Z', 'Un SIREN a neuf chiffres.', code='siren')], verbose_name='SIREN')),
                ('is_insurance', models.BooleanField(db_default=False, default=False, help_text="Les commissions d'assurance sont exonérées de TVA (CGI 261 C 2°).", verbose_name='assurance')),
                ('status', models.CharField(choices=[('active', 'Actif'), ('inactive', 'Inactif'), ('test', 'En test')], db_default='active', default='active', max_length=8, verbose_name='statut')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('addresses', models.JSONField(blank=True, null=True, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/addresses.json')], verbose_name='adresses')),
                ('bic', models.CharField(blank=True, max_length=20, null=True, verbose_name='BIC')),
                ('extranet_codes', winvest.core.models.secret.SealedField(blank=True, editable=False, null=True, verbose_name='codes extranet')),
                ('iban', winvest.core.models.secret.SealedField(blank=True, editable=False, null=True, verbose_name='IBAN')),
                ('iban_masked', models.CharField(blank=True, editable=False, max_length=40, null=True, verbose_name='IBAN')),
                ('payment_terms', models.CharField(blank=True, max_length=60, null=True, verbose_name='conditions de règlement')),
                ('sla_availability', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='disponibilité garantie (%)')),
                ('sla_notes', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='précisions du SLA')),
                ('sla_resolution_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(8760)], verbose_name='résolution (heures)')),
                ('sla_response_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(8760)], verbose_name='prise en charge (heures)')),
                ('sort_label', models.GeneratedField(db_persist=True, expression=winvest.core.models.sorting.FrenchSort(models.F('name')), output_field=models.TextField(), verbose_name='libellé de tri')),
            ],
            options={
                'verbose_name': 'partenaire',
                'verbose_name_plural': 'partenaires',
                'db_table': 'partner',
                'ordering': ('sort_label', 'id'),
                'indexes': [models.Index(fields=['sort_label', 'id'], name='partner_sorted'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('sort_label', 'gin_trgm_ops'), name='partner_search'), models.Index(fields=['siren'], name='partner_siren')],
                'constraints': [models.UniqueConstraint(fields=('company', 'name'), name='partner_company_name', violation_error_message='Cette société a déjà un partenaire de ce nom.'), models.CheckConstraint(condition=models.Q(('siren__isnull', True), ('siren__regex', '^[0-9]{9}$'), _connector='OR'), name='partner_siren_digits', violation_error_message='Un SIREN a neuf chiffres.'), models.CheckConstraint(condition=models.Q(('sla_availability__isnull', True), ('sla_availability__range', (0, 100)), _connector='OR'), name='partner_sla_availability', violation_error_message='Une disponibilité va de 0 à 100 pour cent.'), models.CheckConstraint(condition=models.Q(('iban__isnull', True), ('iban__has_keys', ['data', 'key']), _connector='OR'), name='partner_iban_sealed', violation_error_message="Cette valeur n'est pas chiffrée."), models.CheckConstraint(condition=models.Q(('extranet_codes__isnull', True), ('extranet_codes__has_keys', ['data', 'key']), _connector='OR'), name='partner_extranet_codes_sealed', violation_error_message="Cette valeur n'est pas chiffrée."), models.CheckConstraint(condition=models.Q(('iban__isnull', True), ('iban_masked__isnull', False), _connector='OR'), name='partner_iban_is_shown_masked', violation_error_message='Un IBAN se montre masqué.'), models.CheckConstraint(condition=models.Q(('type__in', ['insurer', 'energy', 'telecom', 'ott', 'marketplace', 'other'])), name='partner_type_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('status__in', ['active', 'inactive', 'test'])), name='partner_status_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['iban', 'extranet_codes']::text[], ARRAY['sort_label']::text[]); RETURN NULL;", hash='55179d0ecbc10723a36f4aaf416a10be8e0e300d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_410ec', table='partner', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='0d73e3eaa56419ca96385757b5a21c034c357b34', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f5596', table='partner', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPartnerActivation',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('status', models.CharField(choices=[('active', 'Actif'), ('inactive', 'Inactif'), ('test', 'En test')], db_default='active', default='active', max_length=8, verbose_name='statut')),
                ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activé le')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner', verbose_name='partenaire')),
            ],
            options={
                'verbose_name': 'historical activation par société',
                'verbose_name_plural': 'historical activations par société',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PartnerActivation',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('status', models.CharField(choices=[('active', 'Actif'), ('inactive', 'Inactif'), ('test', 'En test')], db_default='active', default='active', max_length=8, verbose_name='statut')),
                ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activé le')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activations', to='partners.partner', verbose_name='partenaire')),
            ],
            options={
                'verbose_name': 'activation par société',
                'verbose_name_plural': 'activations par société',
                'db_table': 'partner_company',
                'constraints': [models.UniqueConstraint(fields=('partner', 'company'), name='partner_company_once', violation_error_message='Ce partenaire est déjà activé pour cette société.'), models.CheckConstraint(condition=models.Q(('status__in', ['active', 'inactive', 'test'])), name='partneractivation_status_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='c6844512b41041afb91aff7d9216d3ba32be9897', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_5d8a6', table='partner_company', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='530f741db092222e0cfc241ffb1e99a19c1db413', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_66338', table='partner_company', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPartnerCredential',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('env', models.CharField(choices=[('sandbox', 'Bac à sable'), ('production', 'Production')], max_length=10, verbose_name='environnement')),
                ('auth_type', models.CharField(choices=[('api_key', "Clé d'API"), ('oauth2', 'OAuth 2'), ('basic', 'Identifiant et mot de passe')], max_length=10, verbose_name='authentification')),
                ('secret_hint', models.CharField(blank=True, db_default='', default='', editable=False, max_length=4, verbose_name='fin du secret')),
                ('valid_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, verbose_name='en service depuis')),
                ('valid_to', models.DateTimeField(blank=True, null=True, verbose_name="en service jusqu'au")),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner', verbose_name='partenaire')),
                ('rotated_by', models.ForeignKey(blank=True, db_column='rotated_by', db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='renouvelée par')),
            ],
            options={
                'verbose_name': 'historical accès API',
                'verbose_name_plural': 'historical accès API',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PartnerCredential',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('env', models.CharField(choices=[('sandbox', 'Bac à sable'), ('production', 'Production')], max_length=10, verbose_name='environnement')),
                ('auth_type', models.CharField(choices=[('api_key', "Clé d'API"), ('oauth2', 'OAuth 2'), ('basic', 'Identifiant et mot de passe')], max_length=10, verbose_name='authentification')),
                ('credentials', winvest.core.models.secret.SealedField(editable=False, verbose_name='secrets')),
                ('secret_hint', models.CharField(blank=True, db_default='', default='', editable=False, max_length=4, verbose_name='fin du secret')),
                ('valid_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, verbose_name='en service depuis')),
                ('valid_to', models.DateTimeField(blank=True, null=True, verbose_name="en service jusqu'au")),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='credentials', to='partners.partner', verbose_name='partenaire')),
                ('rotated_by', models.ForeignKey(blank=True, db_column='rotated_by', editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='renouvelée par')),
            ],
            options={
                'verbose_name': 'accès API',
                'verbose_name_plural': 'accès API',
                'db_table': 'partner_credential',
                'ordering': ('-valid_from', '-id'),
                'indexes': [models.Index(fields=['valid_from', 'id'], name='partner_credential_recent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('partner', 'env'), name='partner_credential_one_open', violation_error_message='Cet environnement a déjà un accès en service : renouvelez-le.'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='partner_credential_period', violation_error_message='La fin ne peut pas précéder le début.'), models.CheckConstraint(condition=models.Q(('credentials__isnull', True), ('credentials__has_keys', ['data', 'key']), _connector='OR'), name='partner_credential_credentials_sealed', violation_error_message="Cette valeur n'est pas chiffrée."), models.CheckConstraint(condition=models.Q(('env__in', ['sandbox', 'production'])), name='partnercredential_env_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('auth_type__in', ['api_key', 'oauth2', 'basic'])), name='partnercredential_auth_type_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['credentials']::text[], ARRAY[]::text[]); RETURN NULL;", hash='445faae139828a233357c2d648670774ba098c9d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_c85b6', table='partner_credential', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM partner WHERE id = NEW.partner_id; RETURN NEW;', hash='156719a081d7666eb308fdabaf07eb069cca1512', operation='INSERT', pgid='pgtrigger_company_from_parent_49e33', table='partner_credential', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='331b1899400ae2f641f1c764d486afabd44291b5', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_8e943', table='partner_credential', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PartnerIbanChange',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('iban', winvest.core.models.secret.SealedField(blank=True, editable=False, null=True, verbose_name='IBAN')),
                ('iban_masked', models.CharField(max_length=40, verbose_name='IBAN')),
                ('bic', models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='BIC')),
                ('state', models.CharField(choices=[('pending', 'À confirmer'), ('applied', 'Confirmé'), ('refused', 'Abandonné')], db_default='pending', default='pending', max_length=8, verbose_name='état')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='décidé le')),
                ('reason', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='motif')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('decided_by', models.ForeignKey(blank=True, db_column='decided_by', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='décidé par')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='iban_changes', to='partners.partner', verbose_name='partenaire')),
                ('proposed_by', models.ForeignKey(db_column='proposed_by', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposé par')),
            ],
            options={
                'verbose_name': "changement d'IBAN",
                'verbose_name_plural': "changements d'IBAN",
                'db_table': 'partner_iban_change',
                'ordering': ('-created_at', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('partner',), name='partner_iban_change_one_pending', violation_error_message="Un changement d'IBAN attend déjà d'être confirmé."), models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('state', 'pending')), models.Q(models.Q(('state', 'pending'), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='partner_iban_change_decided', violation_error_message='Une décision a un auteur.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'applied'), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='partner_iban_change_two_people', violation_error_message='Un IBAN se confirme par une autre personne.'), models.CheckConstraint(condition=models.Q(('iban__isnull', True), ('iban__has_keys', ['data', 'key']), _connector='OR'), name='partner_iban_change_iban_sealed', violation_error_message="Cette valeur n'est pas chiffrée."), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'applied', 'refused'])), name='partneribanchange_state_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['iban']::text[], ARRAY[]::text[]); RETURN NULL;", hash='b04aa38f1279597e26307c8d56cc9c8c13f22bc8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_22762', table='partner_iban_change', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM partner WHERE id = NEW.partner_id; RETURN NEW;', hash='ade0e9b1936d56bd2658624d795762266350a1a6', operation='INSERT', pgid='pgtrigger_company_from_parent_5d0ce', table='partner_iban_change', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='5bc965898bfe7b9836616d57eb92327eedc3eef2', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_d535f', table='partner_iban_change', when='BEFORE'))],
            },
        ),
        # Now, not with its table: Django lays those of a new table last, after the keys below.
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='partner_id_company'),
        ),
        # What hangs on a partner has its owner, and goes with it (A.2.1, M-18).
        owner_key('partner_credential', 'partner_id', 'partner', cascade=True),
        owner_key('partner_iban_change', 'partner_id', 'partner', cascade=True),
    ]
