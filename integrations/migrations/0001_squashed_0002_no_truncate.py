"""The schema of the webhooks, whose events are cut by month (A.6).

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import simple_history.models
import winvest.core.clock
import winvest.core.json
import winvest.core.models.base
import winvest.core.models.secret
from django.conf import settings
from django.db import migrations, models

from winvest.core.models.owner_keys import owner_key
from winvest.core.models.partitions import first_partitions

EVENT_SQL = (Path(__file__).parent / 'sql' / 'webhook_event.sql').read_text(encoding='utf-8')


class Migration(migrations.Migration):

    replaces = [
        ('integrations', '0001_webhooks'),
        ('integrations', '0002_no_truncate'),
    ]

    initial = True

    dependencies = [
        ('core', '0001_squashed_0016_audit_filters'),
        ('partners', '0001_squashed_0004_closed_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalWebhookEndpoint',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('event', models.CharField(choices=[('quote', 'Devis'), ('issuePolicy', 'Création de contrat'), ('cancel', 'Annulation'), ('renewal', 'Renouvellement'), ('commissionReport', 'Bordereau de commission')], max_length=60, verbose_name='événement')),
                ('target_url', models.TextField(validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='adresse communiquée')),
                ('secret_set_at', models.DateTimeField(default=winvest.core.clock.now, editable=False, verbose_name='secret tiré le')),
                ('status', models.CharField(choices=[('active', 'Actif'), ('inactive', 'Inactif')], db_default='active', default='active', max_length=10, verbose_name='état')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner', verbose_name='partenaire')),
            ],
            options={
                'verbose_name': "historical point d'entrée webhook",
                'verbose_name_plural': "historical points d'entrée webhook",
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('event', models.CharField(choices=[('quote', 'Devis'), ('issuePolicy', 'Création de contrat'), ('cancel', 'Annulation'), ('renewal', 'Renouvellement'), ('commissionReport', 'Bordereau de commission')], max_length=60, verbose_name='événement')),
                ('target_url', models.TextField(validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='adresse communiquée')),
                ('secret', winvest.core.models.secret.SealedField(editable=False, verbose_name='secret')),
                ('secret_set_at', models.DateTimeField(default=winvest.core.clock.now, editable=False, verbose_name='secret tiré le')),
                ('status', models.CharField(choices=[('active', 'Actif'), ('inactive', 'Inactif')], db_default='active', default='active', max_length=10, verbose_name='état')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhook_endpoints', to='partners.partner', verbose_name='partenaire')),
            ],
            options={
                'verbose_name': "point d'entrée webhook",
                'verbose_name_plural': "points d'entrée webhook",
                'db_table': 'webhook_endpoint',
                'ordering': ('partner', 'event'),
                'constraints': [models.CheckConstraint(condition=models.Q(('secret__isnull', True), ('secret__has_keys', ['data', 'key']), _connector='OR'), name='webhook_endpoint_secret_sealed', violation_error_message="Cette valeur n'est pas chiffrée."), models.CheckConstraint(condition=models.Q(('event__in', ['quote', 'issuePolicy', 'cancel', 'renewal', 'commissionReport'])), name='webhook_endpoint_event', violation_error_message="Cet événement n'est pas de ceux qu'un partenaire envoie."), models.CheckConstraint(condition=models.Q(('status__in', ['active', 'inactive'])), name='webhook_endpoint_status', violation_error_message="Un point d'entrée est actif ou inactif.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['secret']::text[], ARRAY[]::text[]); RETURN NULL;", hash='c66974c411ebdfe0f43c0f290dc2da6631673be3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_609ac', table='webhook_endpoint', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM partner WHERE id = NEW.partner_id; RETURN NEW;', hash='a9cce59fd2fcdec56d1f61b89cb4ee6ff8a8182a', operation='INSERT', pgid='pgtrigger_company_from_parent_9b852', table='webhook_endpoint', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='1c9adc71883a3bf942167c55f01ca1be692c8d38', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f8b0f', table='webhook_endpoint', when='BEFORE'))],
            },
        ),
        # Now, not with its table: Django lays those of a new table last, after the keys below.
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.UniqueConstraint(fields=('id', 'company'), name='webhook_endpoint_id_company'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(EVENT_SQL, 'DROP TABLE webhook_event'),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='WebhookEvent',
                    fields=[
                        ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                        ('external_event_id', models.CharField(max_length=200, verbose_name='identifiant du partenaire')),
                        ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, verbose_name='reçu le')),
                        ('payload', models.JSONField(decoder=winvest.core.json.DecimalDecoder, encoder=winvest.core.json.DecimalEncoder, verbose_name='contenu')),
                        ('signature', models.CharField(max_length=96, verbose_name='signature')),
                        ('status', models.CharField(choices=[('received', 'Reçu'), ('processed', 'Traité'), ('failed', 'Échec'), ('ignored', 'Ignoré')], db_default='received', default='received', max_length=10, verbose_name='état')),
                        ('attempts', models.PositiveIntegerField(db_default=0, default=0, verbose_name='essais')),
                        ('last_error', models.TextField(blank=True, null=True, verbose_name='dernière erreur')),
                        ('next_retry_at', models.DateTimeField(blank=True, null=True, verbose_name='prochain essai')),
                        ('processed_at', models.DateTimeField(blank=True, null=True, verbose_name='traité le')),
                        ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                        ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='integrations.webhookendpoint', verbose_name="point d'entrée")),
                    ],
                    options={
                        'verbose_name': 'événement webhook',
                        'verbose_name_plural': 'événements webhook',
                        'db_table': 'webhook_event',
                        'ordering': ('-received_at', '-id'),
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='WebhookReceipt',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('external_event_id', models.CharField(max_length=200, verbose_name='identifiant du partenaire')),
                ('event_id', models.UUIDField(verbose_name='événement')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, verbose_name='reçu le')),
                ('body_hash', models.CharField(max_length=64, verbose_name='empreinte du corps')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='integrations.webhookendpoint', verbose_name="point d'entrée")),
            ],
            options={
                'verbose_name': 'accusé webhook',
                'verbose_name_plural': 'accusés webhook',
                'db_table': 'webhook_receipt',
                'ordering': ('-received_at',),
                'constraints': [models.UniqueConstraint(fields=('endpoint', 'external_event_id'), name='webhook_receipt_once', violation_error_message='Cet événement a déjà été reçu.')],
                'triggers': [pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM webhook_endpoint WHERE id = NEW.endpoint_id; RETURN NEW;', hash='34a1a26c45e8d011c1b62e17c82b5e9152924730', operation='INSERT', pgid='pgtrigger_company_from_parent_0dfb7', table='webhook_receipt', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='b252c91452573d773a7af6a7f2cc549befb22236', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_15097', table='webhook_receipt', when='BEFORE'))],
            },
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(fields=['received_at', 'id'], name='webhook_event_received'),
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(fields=['endpoint', 'received_at'], name='webhook_event_endpoint'),
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(condition=models.Q(('status__in', ['received', 'failed'])), fields=['next_retry_at'], name='webhook_event_waiting'),
        ),
        migrations.AddConstraint(
            model_name='webhookevent',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['received', 'processed', 'failed', 'ignored'])), name='webhook_event_status', violation_error_message='Un événement est reçu, traité, en échec ou ignoré.'),
        ),
        migrations.AddConstraint(
            model_name='webhookevent',
            constraint=models.CheckConstraint(condition=models.Q(('next_retry_at__isnull', True), ('status', 'failed'), _connector='OR'), name='webhook_event_retry_is_failed', violation_error_message='Seul un échec attend un autre essai.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookevent',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write('webhook_event', lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY['payload', 'signature']::text[], ARRAY[]::text[]); RETURN NULL;", hash='837b784b7fb6ed37f2e9b81410eee22ad551d653', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_4b136', table='webhook_event', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookevent',
            trigger=pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM webhook_endpoint WHERE id = NEW.endpoint_id; RETURN NEW;', hash='20e55107c3c4066c63b955e9058d1e06c72d3821', operation='INSERT', pgid='pgtrigger_company_from_parent_f2cd3', table='webhook_event', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookevent',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='b725da52f3ce52633a68b4d7e7ee405f48f64efd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1d391', table='webhook_event', when='BEFORE')),
        ),
        # Last: a partition takes the constraints, indexes and triggers that its parent has.
        first_partitions('webhook_event', 'received_at'),
        owner_key('webhook_endpoint', 'partner_id', 'partner'),
        owner_key('webhook_receipt', 'endpoint_id', 'webhook_endpoint'),
    ]
