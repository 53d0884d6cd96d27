"""The schema of the core, extensions, legal log and its seal included.

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import simple_history.models
import winvest.core.clock
import winvest.core.domain.roles
import winvest.core.models.base
import winvest.core.models.company
import winvest.core.models.validators
import winvest.core.models.vat
from django.conf import settings
from django.db import migrations, models
from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)

from winvest.core.models.owner_keys import owner_key
from winvest.core.models.partitions import first_partitions

SQL = Path(__file__).parent / 'sql'
PARTITIONS_SQL = (SQL / 'month_partitions.sql').read_text(encoding='utf-8')
AUDIT_SQL = (SQL / 'audit.sql').read_text(encoding='utf-8')
SEAL_SQL = (SQL / 'audit_seal.sql').read_text(encoding='utf-8')

# `unaccent` is only STABLE, since a dictionary may change: naming the dictionary makes the result
# fit for an index and a generated column.
FR_SORT_SQL = """
CREATE FUNCTION fr_sort(label text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(public.unaccent('public.unaccent'::regdictionary, label));
"""


class Migration(migrations.Migration):

    replaces = [
        ('core', '0001_initial'),
        ('core', '0002_rights_on_company'),
        ('core', '0003_month_partitions'),
        ('core', '0004_data_keys'),
        ('core', '0005_audit_seal'),
        ('core', '0006_membership_risk'),
        ('core', '0007_company_identity'),
        ('core', '0008_company_code'),
        ('core', '0009_audit_trail'),
        ('core', '0010_audit_indexes'),
        ('core', '0011_audit_actions'),
        ('core', '0012_closed_lists'),
        ('core', '0013_list_orders'),
        ('core', '0014_import_run'),
        ('core', '0015_audit_actions_closed'),
        ('core', '0016_audit_filters'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        BtreeGistExtension(),
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(FR_SORT_SQL, 'DROP FUNCTION fr_sort(text)'),
        migrations.RunSQL(
            PARTITIONS_SQL, 'DROP FUNCTION create_month_partitions(text, text, integer)'
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(AUDIT_SQL, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='AuditEntry',
                    fields=[
                        ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('table', models.CharField(max_length=60, verbose_name='table')),
                        ('record_id', models.UUIDField(verbose_name='enregistrement')),
                        ('company_id', models.UUIDField(null=True, verbose_name='société')),
                        ('actor_id', models.UUIDField(null=True, verbose_name='auteur')),
                        ('actor_role', models.CharField(max_length=120, verbose_name='rôle')),
                        ('session_user_name', models.CharField(max_length=63, verbose_name='compte de base de données')),
                        ('request_id', models.CharField(max_length=64, verbose_name='requête')),
                        ('action', models.CharField(choices=[('insert', 'Création'), ('update', 'Modification'), ('delete', 'Suppression'), ('export', 'Export'), ('login', 'Connexion'), ('publish', 'Publication'), ('purge', 'Purge')], max_length=10, verbose_name='action')),
                        ('before', models.JSONField(null=True, verbose_name='avant')),
                        ('after', models.JSONField(null=True, verbose_name='après')),
                        ('at', models.DateTimeField(verbose_name='le')),
                    ],
                    options={
                        'verbose_name': 'entrée du journal',
                        'verbose_name_plural': "journal d'audit",
                        'db_table': 'audit_log',
                        'ordering': ('-at', '-id'),
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='VatRate',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('code', models.CharField(max_length=10, verbose_name='code')),
                ('country', models.CharField(db_default='FR', default='FR', max_length=2, verbose_name='pays')),
                ('label', models.CharField(max_length=80, verbose_name='libellé')),
                ('rate', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='taux (%)')),
                ('valid_from', models.DateField(verbose_name='à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name="jusqu'au (exclu)")),
            ],
            options={
                'verbose_name': 'taux de TVA',
                'verbose_name_plural': 'taux de TVA',
                'db_table': 'vat_rate',
                'ordering': ('country', 'code', 'valid_from'),
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 100)), name='vat_rate_between_0_and_100', violation_error_message='Un taux de TVA va de 0 à 100 %%.'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='vat_rate_period', violation_error_message='La fin doit suivre le début.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('country', '='), ('code', '='), (winvest.core.models.vat.DateRange('valid_from', 'valid_to', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='vat_rate_no_overlap', violation_error_message='Ce code a déjà un taux sur cette période.')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='365e45d590c9c1729105f69ab1ee5bf00ac01906', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_2ccf9', table='vat_rate', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='91ab9d800b92fa3cf02544a69bfcd34c908066c7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_9d711', table='vat_rate', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='adresse e-mail')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='actif')),
                ('is_service', models.BooleanField(db_default=False, default=False, verbose_name='compte de service')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'utilisateur',
                'verbose_name_plural': 'utilisateurs',
                'db_table': 'app_user',
                'ordering': ('name', 'email'),
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email', violation_error_message='Un compte a déjà cette adresse.'), models.CheckConstraint(condition=models.Q(('is_superuser', False)), name='user_no_superuser')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['password']::text[], ARRAY['last_login', 'updated_at']::text[]); RETURN NULL;", hash='7316917ecc5a2e8f95c5d67c20959849db4a1e7e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_40d34', table='app_user', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCompany',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('code', models.CharField(db_index=True, error_messages={'unique': 'Ce code de société est déjà pris.'}, max_length=12, validators=[django.core.validators.RegexValidator('\\A[A-Z][A-Z0-9]{1,11}\\Z', 'Majuscules et chiffres, 12 au plus.')], verbose_name='code')),
                ('legal_name', models.CharField(db_index=True, error_messages={'unique': 'Cette raison sociale est déjà prise.'}, max_length=160, verbose_name='raison sociale')),
                ('brand_name', models.CharField(max_length=120, verbose_name='marque par défaut')),
                ('siren', models.CharField(db_index=True, error_messages={'unique': 'Ce SIREN est déjà pris.'}, max_length=9, validators=[django.core.validators.RegexValidator('\\A[0-9]{9}\\Z', 'Un SIREN a neuf chiffres.', code='siren')], verbose_name='SIREN')),
                ('siret_default', models.CharField(blank=True, max_length=14, null=True, verbose_name='SIRET du siège')),
                ('vat_number', models.CharField(blank=True, max_length=32, null=True, verbose_name='numéro de TVA')),
                ('country', models.CharField(db_default='FR', default='FR', max_length=2, validators=[winvest.core.models.validators.validate_country], verbose_name='pays')),
                ('currency', models.CharField(choices=[('CHF', 'Franc suisse (CHF)'), ('EUR', 'Euro (EUR)'), ('GBP', 'Livre sterling (GBP)'), ('USD', 'Dollar américain (USD)'), ('XPF', 'Franc Pacifique (XPF)')], db_default='EUR', default='EUR', max_length=3, verbose_name='devise de tenue de compte')),
                ('timezone', models.CharField(db_default='Europe/Paris', default='Europe/Paris', max_length=40, validators=[winvest.core.models.validators.validate_time_zone], verbose_name='fuseau horaire')),
                ('ics_code', models.CharField(blank=True, max_length=20, null=True, validators=[winvest.core.models.validators.StdnumValidator('stdnum.eu.at_02', "Cet identifiant créancier n'est pas valide.")], verbose_name='identifiant créancier SEPA (ICS)')),
                ('brand_theme', models.JSONField(blank=True, null=True, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/brand_theme.json')], verbose_name='couleurs')),
                ('addresses', models.JSONField(blank=True, db_default=[], default=list, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/addresses.json')], verbose_name='adresses')),
                ('contacts', models.JSONField(blank=True, db_default=[], default=list, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/contacts.json')], verbose_name='contacts')),
                ('vat_regime', models.CharField(choices=[('debits', 'Sur les débits'), ('collections', 'Sur les encaissements')], db_default='debits', default='debits', max_length=12, verbose_name='exigibilité de la TVA')),
                ('account_length', models.PositiveSmallIntegerField(db_default=6, default=6, verbose_name='longueur des comptes')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='active')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('logo', models.TextField(blank=True, db_default='', default='', max_length=160, verbose_name='logo')),
            ],
            options={
                'verbose_name': 'historical société',
                'verbose_name_plural': 'historical sociétés',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalVatRate',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('code', models.CharField(max_length=10, verbose_name='code')),
                ('country', models.CharField(db_default='FR', default='FR', max_length=2, verbose_name='pays')),
                ('label', models.CharField(max_length=80, verbose_name='libellé')),
                ('rate', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='taux (%)')),
                ('valid_from', models.DateField(verbose_name='à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name="jusqu'au (exclu)")),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical taux de TVA',
                'verbose_name_plural': 'historical taux de TVA',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('key', models.CharField(max_length=255)),
                ('request_hash', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', models.JSONField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': "clé d'idempotence",
                'verbose_name_plural': "clés d'idempotence",
                'db_table': 'idempotency_key',
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='idempotency_user_key')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True, verbose_name='empreinte')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expire le')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='révoqué le')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
            ],
            options={
                'verbose_name': "jeton d'API",
                'verbose_name_plural': "jetons d'API",
                'db_table': 'api_token',
                'ordering': ('name',),
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['digest']::text[], ARRAY[]::text[]); RETURN NULL;", hash='0823f0986d57b43837d191dca82b1a46f8cc3a26', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_e845f', table='api_token', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='3c3c125c726dc8319f3dc56b2dbcfec64fc118ee', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f3b84', table='api_token', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('code', models.CharField(error_messages={'unique': 'Ce code de société est déjà pris.'}, max_length=12, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z][A-Z0-9]{1,11}\\Z', 'Majuscules et chiffres, 12 au plus.')], verbose_name='code')),
                ('legal_name', models.CharField(error_messages={'unique': 'Cette raison sociale est déjà prise.'}, max_length=160, unique=True, verbose_name='raison sociale')),
                ('brand_name', models.CharField(max_length=120, verbose_name='marque par défaut')),
                ('siren', models.CharField(error_messages={'unique': 'Ce SIREN est déjà pris.'}, max_length=9, unique=True, validators=[django.core.validators.RegexValidator('\\A[0-9]{9}\\Z', 'Un SIREN a neuf chiffres.', code='siren')], verbose_name='SIREN')),
                ('siret_default', models.CharField(blank=True, max_length=14, null=True, verbose_name='SIRET du siège')),
                ('vat_number', models.CharField(blank=True, max_length=32, null=True, verbose_name='numéro de TVA')),
                ('country', models.CharField(db_default='FR', default='FR', max_length=2, validators=[winvest.core.models.validators.validate_country], verbose_name='pays')),
                ('currency', models.CharField(choices=[('CHF', 'Franc suisse (CHF)'), ('EUR', 'Euro (EUR)'), ('GBP', 'Livre sterling (GBP)'), ('USD', 'Dollar américain (USD)'), ('XPF', 'Franc Pacifique (XPF)')], db_default='EUR', default='EUR', max_length=3, verbose_name='devise de tenue de compte')),
                ('timezone', models.CharField(db_default='Europe/Paris', default='Europe/Paris', max_length=40, validators=[winvest.core.models.validators.validate_time_zone], verbose_name='fuseau horaire')),
                ('ics_code', models.CharField(blank=True, max_length=20, null=True, validators=[winvest.core.models.validators.StdnumValidator('stdnum.eu.at_02', "Cet identifiant créancier n'est pas valide.")], verbose_name='identifiant créancier SEPA (ICS)')),
                ('brand_theme', models.JSONField(blank=True, null=True, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/brand_theme.json')], verbose_name='couleurs')),
                ('addresses', models.JSONField(blank=True, db_default=[], default=list, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/addresses.json')], verbose_name='adresses')),
                ('contacts', models.JSONField(blank=True, db_default=[], default=list, validators=[winvest.core.models.validators.SchemaValidator('winvest/core/schemas/contacts.json')], verbose_name='contacts')),
                ('vat_regime', models.CharField(choices=[('debits', 'Sur les débits'), ('collections', 'Sur les encaissements')], db_default='debits', default='debits', max_length=12, verbose_name='exigibilité de la TVA')),
                ('account_length', models.PositiveSmallIntegerField(db_default=6, default=6, verbose_name='longueur des comptes')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='active')),
                ('logo', models.FileField(blank=True, db_default='', default='', max_length=160, upload_to=winvest.core.models.company.logo_path, verbose_name='logo')),
            ],
            options={
                'verbose_name': 'société',
                'verbose_name_plural': 'sociétés',
                'db_table': 'company',
                'ordering': ('code',),
                'constraints': [models.CheckConstraint(condition=models.Q(('account_length__range', (3, 12))), name='company_account_length', violation_error_message='La longueur des comptes va de 3 à 12 chiffres.'), models.CheckConstraint(condition=models.Q(('siren__regex', '^[0-9]{9}$')), name='company_siren_digits', violation_error_message='Un SIREN a neuf chiffres.'), models.CheckConstraint(condition=models.Q(('siret_default__isnull', True), ('siret_default__regex', '^[0-9]{14}$'), _connector='OR'), name='company_siret_digits', violation_error_message='Un SIRET a quatorze chiffres.'), models.CheckConstraint(condition=models.Q(('currency__in', ['CHF', 'EUR', 'GBP', 'USD', 'XPF'])), name='company_currency_known', violation_error_message="Cette devise n'est pas connue."), models.CheckConstraint(condition=models.Q(('vat_regime__in', ['debits', 'collections'])), name='company_vat_regime_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='9a901b1d759a3b001638a55f8b91965f53382fa1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_d686f', table='company', when='AFTER')), pgtrigger.compiler.Trigger(name='code_from_name', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.code IS NULL)', declare='DECLARE letters text; initials text; rank integer := 1;', func="letters := upper(trim(regexp_replace(public.unaccent('public.unaccent'::regdictionary, NEW.legal_name), '[^A-Za-z]+', ' ', 'g'))); SELECT string_agg(left(word, 1), '' ORDER BY place) INTO initials FROM regexp_split_to_table(letters, ' ') WITH ORDINALITY AS words(word, place); IF length(initials) < 2 THEN initials := left(replace(letters, ' ', ''), 4); END IF; initials := left(rpad(initials, 2, 'X'), 9); NEW.code := initials; WHILE EXISTS (SELECT 1 FROM company WHERE code = NEW.code) LOOP rank := rank + 1; NEW.code := initials || rank; END LOOP; RETURN NEW;", hash='2c902b3aa40e6a2d5ad827fac6e8cb9e5909ef94', operation='INSERT', pgid='pgtrigger_code_from_name_54af8', table='company', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='cb5c9f799a8f622f9e4ad17c240265f7f474806d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_35a2d', table='company', when='BEFORE'))],
                'permissions': (('catalog_view', 'catalog.view'), ('catalog_view_all', 'catalog.view_all'), ('catalog_edit', 'catalog.edit'), ('pricing_edit', 'pricing.edit'), ('commission_edit', 'commission.edit'), ('version_submit', 'version.submit'), ('version_release', 'version.release'), ('version_withdraw', 'version.withdraw'), ('lifecycle_move', 'lifecycle.move'), ('commission_view', 'commission.view'), ('document_edit', 'document.edit'), ('cq_edit', 'cq.edit'), ('mapping_edit', 'mapping.edit'), ('mapping_validate', 'mapping.validate'), ('accounting_settings', 'accounting.settings'), ('period_close', 'period.close'), ('export_run', 'export.run'), ('lettering_edit', 'lettering.edit'), ('approve_product', 'approve.product'), ('approve_accounting', 'approve.accounting'), ('approve_compliance', 'approve.compliance'), ('approve_integration', 'approve.integration'), ('publication_edit', 'publication.edit'), ('publication_publish', 'publication.publish'), ('lifecycle_freeze', 'lifecycle.freeze'), ('lifecycle_unfreeze', 'lifecycle.unfreeze'), ('lifecycle_retire', 'lifecycle.retire'), ('partner_edit', 'partner.edit'), ('partner_onboard', 'partner.onboard'), ('partner_iban', 'partner.iban'), ('partner_credentials', 'partner.credentials'), ('integration_console', 'integration.console'), ('webhook_replay', 'webhook.replay'), ('operation_post', 'operation.post'), ('accounting_view', 'accounting.view'), ('simulate', 'simulate'), ('quote', 'quote'), ('notification_publish', 'notification.publish'), ('audit_view', 'audit.view'), ('audit_export', 'audit.export'), ('access_manage', 'access.manage'), ('company_edit', 'company.edit')),
            },
        ),
        migrations.CreateModel(
            name='HistoricalBrand',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical marque',
                'verbose_name_plural': 'historical marques',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalMembership',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('role', models.CharField(choices=[('group_admin', 'Admin Groupe'), ('company_admin', 'Admin Société'), ('catalog_manager', 'Catalogue Manager (Produit)'), ('accounting', 'Compta'), ('adv', 'ADV'), ('legal', 'Juriste'), ('it', 'IT'), ('marketing', 'Marketing'), ('sales', 'Vente'), ('auditor', 'Audit')], max_length=20, verbose_name='rôle')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
            ],
            options={
                'verbose_name': 'historical habilitation',
                'verbose_name_plural': 'historical habilitations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('kind', models.CharField(max_length=40, verbose_name='nature')),
                ('object_id', models.UUIDField(verbose_name='objet')),
                ('state', models.CharField(choices=[('queued', 'En attente'), ('running', 'En cours'), ('done', 'Terminé'), ('failed', 'Échec'), ('cancelled', 'Annulé')], db_default='queued', default='queued', max_length=10, verbose_name='état')),
                ('queue', models.CharField(default='default', max_length=20)),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='essais')),
                ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='avancement (%)')),
                ('error', models.CharField(blank=True, default='', max_length=300, verbose_name='erreur')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandé par')),
            ],
            options={
                'verbose_name': 'travail',
                'verbose_name_plural': 'travaux',
                'db_table': 'job',
                'ordering': ('-created_at', '-id'),
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['lease_until'], name='job_waiting'), models.Index(fields=['-created_at', '-id'], name='job_recent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('kind', 'object_id'), name='job_one_at_a_time'), models.CheckConstraint(condition=models.Q(('progress__range', (0, 100))), name='job_progress'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed', 'cancelled'])), name='job_state_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY['progress', 'lease_until', 'updated_at']::text[]); RETURN NULL;", hash='474f787d13420536ba8bbfc83195c92ee0572c87', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_93d69', table='job', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='c8fc56e10be21b07d5a88c2fedd85caccb6d922c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_a9ce7', table='job', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('role', models.CharField(choices=[('group_admin', 'Admin Groupe'), ('company_admin', 'Admin Société'), ('catalog_manager', 'Catalogue Manager (Produit)'), ('accounting', 'Compta'), ('adv', 'ADV'), ('legal', 'Juriste'), ('it', 'IT'), ('marketing', 'Marketing'), ('sales', 'Vente'), ('auditor', 'Audit')], max_length=20, verbose_name='rôle')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.company', verbose_name='société')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
            ],
            options={
                'verbose_name': 'habilitation',
                'verbose_name_plural': 'habilitations',
                'db_table': 'membership',
                'constraints': [models.UniqueConstraint(fields=('user', 'company', 'role'), name='membership_user_company_role', nulls_distinct=False, violation_error_message='Cette habilitation existe déjà.'), models.CheckConstraint(condition=models.Q(models.Q(('company__isnull', True), ('role', winvest.core.domain.roles.Role['GROUP_ADMIN'])), models.Q(('company__isnull', False), models.Q(('role', winvest.core.domain.roles.Role['GROUP_ADMIN']), _negated=True)), _connector='OR'), name='membership_group_admin_has_no_company', violation_error_message='Admin Groupe vaut pour le groupe, les autres rôles pour une société.'), models.CheckConstraint(condition=models.Q(('role__in', ['group_admin', 'company_admin', 'catalog_manager', 'accounting', 'adv', 'legal', 'it', 'marketing', 'sales', 'auditor'])), name='membership_role_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='18b18f469ccdfc8c59840948deffd208473de2f0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_2c8bb', table='membership', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='48b51fa8dda0733be6f745b17397c903979342a7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1b6b0', table='membership', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Brand',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
            ],
            options={
                'verbose_name': 'marque',
                'verbose_name_plural': 'marques',
                'db_table': 'brand',
                'ordering': ('name',),
                'constraints': [models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('name'), name='brand_company_name', violation_error_message='Cette société a déjà une marque de ce nom.'), models.UniqueConstraint(fields=('id', 'company'), name='brand_id_company')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='76dda3728769b2b52be90e5d66230f24f13b2738', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_9effd', table='brand', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='239fb57453bfc3071e9c4803c03d228a5b780453', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_2d9d0', table='brand', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('wrapped', models.BinaryField(verbose_name='clé enveloppée')),
                ('master_id', models.CharField(max_length=120, verbose_name='clé maître')),
                ('is_current', models.BooleanField(db_default=True, default=True, verbose_name='en service')),
            ],
            options={
                'verbose_name': 'clé de chiffrement',
                'verbose_name_plural': 'clés de chiffrement',
                'db_table': 'data_key',
                'ordering': ('created_at',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('is_current',), name='data_key_one_current', violation_error_message='Une clé de chiffrement est déjà en service.')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['wrapped']::text[], ARRAY[]::text[]); RETURN NULL;", hash='153d5ade09ff78901c55eb85f6bdbe56ea4965f7', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_c9d50', table='data_key', when='AFTER')), pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='8138fb12fc0e920cfce63879a413ddf0b81c2fbb', operation='DELETE', pgid='pgtrigger_kept_a02c4', table='data_key', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='9f574b4589135af2347e3ce49205b133ced5bd39', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_28f8c', table='data_key', when='BEFORE'))],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(SEAL_SQL, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='AuditSeal',
                    fields=[
                        ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='numéro')),
                        ('entry_id', models.BigIntegerField(verbose_name='entrée')),
                        ('entry_at', models.DateTimeField(verbose_name="date de l'entrée")),
                        ('digest', models.BinaryField(verbose_name="empreinte de l'entrée")),
                        ('chain', models.BinaryField(verbose_name='empreinte de la chaîne')),
                    ],
                    options={
                        'verbose_name': 'sceau du journal',
                        'verbose_name_plural': 'sceaux du journal',
                        'db_table': 'audit_seal',
                    },
                ),
                migrations.CreateModel(
                    name='AuditRoot',
                    fields=[
                        ('day', models.DateField(primary_key=True, serialize=False, verbose_name='jour')),
                        ('number', models.BigIntegerField(verbose_name='dernier numéro')),
                        ('chain', models.BinaryField(verbose_name='empreinte de la chaîne')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='le')),
                    ],
                    options={
                        'verbose_name': 'racine du journal',
                        'verbose_name_plural': 'racines du journal',
                        'db_table': 'audit_root',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='MembershipRisk',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('risk_id', models.UUIDField(verbose_name='famille de risques')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='limits', to='core.membership', verbose_name='habilitation')),
            ],
            options={
                'verbose_name': "famille d'une habilitation",
                'verbose_name_plural': 'familles des habilitations',
                'db_table': 'membership_risk',
                'constraints': [models.UniqueConstraint(fields=('membership', 'risk_id'), name='membership_risk_once', violation_error_message="Cette famille figure déjà dans l'habilitation.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='00e512d3cd362f54a49b9996711254de5f4f8358', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_edbec', table='membership_risk', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM membership WHERE id = NEW.membership_id; RETURN NEW;', hash='67569141581f6870cc4b1fd4e04f14c67a5ebd72', operation='INSERT', pgid='pgtrigger_company_from_parent_c5d9e', table='membership_risk', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='b8cb51ba7f86bb0a2c623263f3541910b6797f79', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_81e22', table='membership_risk', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='AuditTrail',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('month', models.CharField(max_length=7, verbose_name='mois')),
                ('file', models.FileField(max_length=200, upload_to='audit/trails', verbose_name='fichier')),
                ('file_name', models.CharField(max_length=120, verbose_name='nom du fichier')),
                ('rows', models.PositiveIntegerField(verbose_name='lignes')),
                ('sha256', models.CharField(max_length=64, verbose_name='empreinte SHA-256')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
            ],
            options={
                'verbose_name': "piste d'audit",
                'verbose_name_plural': "pistes d'audit mensuelles",
                'db_table': 'audit_trail',
                'indexes': [models.Index(fields=['-month', '-id'], name='audit_trail_month')],
                'constraints': [models.UniqueConstraint(fields=('company', 'month'), name='audit_trail_once', violation_error_message="La piste d'audit de ce mois existe déjà.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='00026b2f7862e8c7f97362d19d073be44b8f2025', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_20577', table='audit_trail', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='9cc5f8c8a2119e2881d5f6f7f6499fcf0550bccd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_85ec7', table='audit_trail', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('target', models.CharField(choices=[('risk', 'Risques'), ('partner', 'Partenaires'), ('product', 'Produits')], max_length=10, verbose_name='contenu')),
                ('state', models.CharField(choices=[('checking', 'Vérification'), ('refused', 'À corriger'), ('ready', 'Prêt à importer'), ('imported', 'Importé')], db_default='checking', default='checking', max_length=10, verbose_name='état')),
                ('file', models.FileField(max_length=200, upload_to='imports', verbose_name='fichier')),
                ('file_name', models.CharField(max_length=120, verbose_name='nom du fichier')),
                ('size', models.PositiveBigIntegerField(verbose_name='taille (octets)')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('rows', models.PositiveIntegerField(blank=True, null=True, verbose_name='lignes')),
                ('to_create', models.PositiveIntegerField(blank=True, null=True, verbose_name='à créer')),
                ('to_change', models.PositiveIntegerField(blank=True, null=True, verbose_name='à modifier')),
                ('unchanged', models.PositiveIntegerField(blank=True, null=True, verbose_name='inchangées')),
                ('refused', models.PositiveIntegerField(blank=True, null=True, verbose_name='lignes refusées')),
                ('problems', models.JSONField(blank=True, default=list, verbose_name='premières erreurs')),
                ('error_count', models.PositiveIntegerField(db_default=0, default=0, verbose_name='erreurs')),
                ('report', models.FileField(blank=True, default='', max_length=200, upload_to='imports', verbose_name='rapport')),
                ('imported_at', models.DateTimeField(blank=True, null=True, verbose_name='importé le')),
                ('check_job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job', verbose_name='vérification')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='déposé par')),
                ('import_job', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job', verbose_name='import')),
                ('imported_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='importé par')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'db_table': 'import_run',
                'ordering': ('-created_at', '-id'),
                'indexes': [models.Index(fields=['-created_at', '-id'], name='import_run_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('target__in', ['risk', 'partner', 'product'])), name='importrun_target_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('state__in', ['checking', 'refused', 'ready', 'imported'])), name='importrun_state_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(models.Q(('state', 'imported'), _negated=True), models.Q(('error_count', 0), ('import_job__isnull', False), ('imported_at__isnull', False), ('imported_by__isnull', False)), _connector='OR'), name='import_run_imported')],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY['problems', 'updated_at']::text[]); RETURN NULL;", hash='4149790e1f2f4a9fc973dd97de4f0a3c023c8d56', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_3b917', table='import_run', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='e30a7b084c921123b5c5fa2a4977ac608139737e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_841a7', table='import_run', when='BEFORE'))],
            },
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['insert', 'update', 'delete', 'export', 'login', 'publish', 'purge'])), name='auditentry_action_known', violation_error_message="Cette valeur n'est pas dans la liste."),
        ),
        # Now, not with its table: Django lays those of a new table last, after the keys below.
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='membership_id_company'),
        ),
        # After the log: a partition takes the constraints, indexes and triggers that its parent has.
        first_partitions('audit_log', 'at'),
        owner_key('membership_risk', 'membership_id', 'membership'),
    ]
