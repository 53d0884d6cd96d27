"""The schema of the documents.

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import documents.models.document
import pgtrigger.compiler
import simple_history.models
import winvest.core.clock
import winvest.core.models.base
from django.conf import settings
from django.db import migrations, models

from winvest.core.models.owner_keys import owner_key


class Migration(migrations.Migration):

    replaces = [
        ('documents', '0001_initial'),
        ('documents', '0002_owner_keys'),
        ('documents', '0003_closed_lists'),
    ]

    initial = True

    dependencies = [
        ('core', '0001_squashed_0016_audit_filters'),
        ('partners', '0001_squashed_0004_closed_lists'),
        ('catalog', '0001_squashed_0012_owners_of_products'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalDocumentType',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('code', models.CharField(db_index=True, error_messages={'unique': 'Ce code existe déjà.'}, max_length=20, validators=[django.core.validators.RegexValidator('\\A[A-Z][A-Z_]*\\Z', 'Majuscules sans accent et « _ ».')], verbose_name='code')),
                ('label', models.CharField(max_length=120, verbose_name='libellé')),
                ('is_legal', models.BooleanField(db_default=False, default=False, verbose_name='document légal')),
                ('pdfa_required', models.BooleanField(db_default=False, default=False, help_text='Contrôlé à la publication, jamais au dépôt.', verbose_name='PDF/A exigé')),
                ('position', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='ordre')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical type de document',
                'verbose_name_plural': 'historical types de documents',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='DocumentType',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('code', models.CharField(error_messages={'unique': 'Ce code existe déjà.'}, max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z][A-Z_]*\\Z', 'Majuscules sans accent et « _ ».')], verbose_name='code')),
                ('label', models.CharField(max_length=120, verbose_name='libellé')),
                ('is_legal', models.BooleanField(db_default=False, default=False, verbose_name='document légal')),
                ('pdfa_required', models.BooleanField(db_default=False, default=False, help_text='Contrôlé à la publication, jamais au dépôt.', verbose_name='PDF/A exigé')),
                ('position', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='ordre')),
            ],
            options={
                'verbose_name': 'type de document',
                'verbose_name_plural': 'types de documents',
                'db_table': 'document_type',
                'ordering': ('position', 'code'),
                'constraints': [models.CheckConstraint(condition=models.Q(('pdfa_required', False), ('is_legal', True), _connector='OR'), name='document_type_pdfa_is_legal', violation_error_message="Le PDF/A n'est exigé que des documents légaux.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='afdf171edf02c37abe8a0f70d0dd649090de97d1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_366aa', table='document_type', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='7ef4477e269a50c5e2246fcdfda473853ca0b22f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f53e6', table='document_type', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalDocumentRequirement',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('channel', models.CharField(blank=True, choices=[('field', 'Terrain'), ('telesales', 'Télévente'), ('web', 'Web'), ('partner', 'Partenaires')], max_length=10, null=True, verbose_name='canal')),
                ('stage', models.CharField(choices=[('publication', 'À la publication'), ('issue', "À l'émission du contrat")], db_default='publication', default='publication', max_length=12, verbose_name='contrôle')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='exigé')),
                ('note', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='origine ou condition')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('document_type', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='documents.documenttype', verbose_name='type de document')),
                ('family', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.risk', verbose_name='famille')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical exigence documentaire',
                'verbose_name_plural': 'historical exigences documentaires',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ProductDocument',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('title', models.CharField(max_length=160, verbose_name='titre')),
                ('version', models.PositiveIntegerField(db_default=1, default=1, verbose_name='version')),
                ('mandatory', models.BooleanField(db_default=False, default=False, verbose_name='obligatoire')),
                ('channels', models.JSONField(db_default=models.Value(['field', 'telesales', 'web', 'partner'], models.JSONField()), default=documents.models.document.every_channel, verbose_name='canaux')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name="valide jusqu'au")),
                ('state', models.CharField(choices=[('draft', 'Brouillon'), ('published', 'Publié'), ('expired', 'Expiré'), ('archived', 'Archivé')], db_default='draft', default='draft', max_length=10, verbose_name='état')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publié le')),
                ('file_url', models.TextField(verbose_name='fichier')),
                ('file_hash', models.CharField(max_length=96, verbose_name='empreinte')),
                ('file_name', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='nom du fichier')),
                ('content_type', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='format')),
                ('size', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='taille (octets)')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='auteur')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='catalog.productversion', verbose_name='version du produit')),
                ('replaces', models.OneToOneField(blank=True, error_messages={'unique': 'Ce document a déjà été remplacé.'}, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='documents.productdocument', verbose_name='remplace')),
                ('type', models.ForeignKey(db_column='type', on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='documents.documenttype', to_field='code', verbose_name='type')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'db_table': 'product_document',
                'ordering': ('product_version', 'type', '-version'),
                'indexes': [models.Index(fields=['valid_until'], name='product_document_valid_until')],
                'constraints': [models.CheckConstraint(condition=models.Q(('file_hash__regex', '\\Asha256:[0-9a-f]{64}\\Z')), name='product_document_hash', violation_error_message="L'empreinte s'écrit sha256: et 64 chiffres hexadécimaux."), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='product_document_published_is_dated', violation_error_message="Un document publié porte la date de sa publication, un brouillon n'en a pas."), models.UniqueConstraint(condition=models.Q(('channels__contains', ['field']), ('state', 'published'), models.Q(('type', 'MEDIA'), _negated=True)), fields=('product_version', 'type'), name='product_document_one_field', violation_error_message='Un document de ce type est déjà publié sur ce canal (Terrain).'), models.UniqueConstraint(condition=models.Q(('channels__contains', ['telesales']), ('state', 'published'), models.Q(('type', 'MEDIA'), _negated=True)), fields=('product_version', 'type'), name='product_document_one_telesales', violation_error_message='Un document de ce type est déjà publié sur ce canal (Télévente).'), models.UniqueConstraint(condition=models.Q(('channels__contains', ['web']), ('state', 'published'), models.Q(('type', 'MEDIA'), _negated=True)), fields=('product_version', 'type'), name='product_document_one_web', violation_error_message='Un document de ce type est déjà publié sur ce canal (Web).'), models.UniqueConstraint(condition=models.Q(('channels__contains', ['partner']), ('state', 'published'), models.Q(('type', 'MEDIA'), _negated=True)), fields=('product_version', 'type'), name='product_document_one_partner', violation_error_message='Un document de ce type est déjà publié sur ce canal (Partenaires).'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'published', 'expired', 'archived'])), name='productdocument_state_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='8bae4843fc82cd2a099c07ea93f86d4a07e79f22', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_417db', table='product_document', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='e0a0cd2d7102843e373797a9ebe4cc4c6165808b', operation='INSERT', pgid='pgtrigger_company_from_parent_457e6', table='product_document', when='BEFORE')), pgtrigger.compiler.Trigger(name='keep_files', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF TG_OP = 'DELETE' THEN IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION 'product_document %: what was published is kept', OLD.id USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END IF; IF (OLD.product_version_id, OLD.company_id, OLD.type, OLD.version, OLD.replaces_id, OLD.author_id, OLD.file_url, OLD.file_hash, OLD.file_name, OLD.content_type, OLD.size) IS DISTINCT FROM (NEW.product_version_id, NEW.company_id, NEW.type, NEW.version, NEW.replaces_id, NEW.author_id, NEW.file_url, NEW.file_hash, NEW.file_name, NEW.content_type, NEW.size) OR (OLD.published_at IS NOT NULL AND OLD.published_at IS DISTINCT FROM NEW.published_at) THEN RAISE EXCEPTION 'product_document %: a file never changes', OLD.id USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;", hash='101ba739406e300cae0e3c91d222ce877c6415bd', operation='UPDATE OR DELETE', pgid='pgtrigger_keep_files_61af2', table='product_document', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE released boolean;', func="IF TG_OP = 'UPDATE' AND NOT (OLD.title, OLD.mandatory, OLD.channels, OLD.valid_until) IS DISTINCT FROM (NEW.title, NEW.mandatory, NEW.channels, NEW.valid_until) THEN RETURN NEW; END IF; IF OLD.mandatory OR NEW.mandatory THEN FOR released IN SELECT released_at IS NOT NULL FROM product_version WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; END LOOP; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='4b7230b8fcf1c47a0669f3e65ae65fcdb7d28b0d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_released_d57a6', table='product_document', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='7ecb39cdce249e0ed4f8e4d8537fa3e77a167f10', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_2634d', table='product_document', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProductDocument',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('title', models.CharField(max_length=160, verbose_name='titre')),
                ('version', models.PositiveIntegerField(db_default=1, default=1, verbose_name='version')),
                ('mandatory', models.BooleanField(db_default=False, default=False, verbose_name='obligatoire')),
                ('channels', models.JSONField(db_default=models.Value(['field', 'telesales', 'web', 'partner'], models.JSONField()), default=documents.models.document.every_channel, verbose_name='canaux')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name="valide jusqu'au")),
                ('state', models.CharField(choices=[('draft', 'Brouillon'), ('published', 'Publié'), ('expired', 'Expiré'), ('archived', 'Archivé')], db_default='draft', default='draft', max_length=10, verbose_name='état')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publié le')),
                ('file_url', models.TextField(verbose_name='fichier')),
                ('file_hash', models.CharField(max_length=96, verbose_name='empreinte')),
                ('file_name', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='nom du fichier')),
                ('content_type', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='format')),
                ('size', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='taille (octets)')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('author', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='auteur')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version du produit')),
                ('type', models.ForeignKey(blank=True, db_column='type', db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='documents.documenttype', to_field='code', verbose_name='type')),
                ('replaces', models.ForeignKey(blank=True, db_constraint=False, error_messages={'unique': 'Ce document a déjà été remplacé.'}, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='documents.productdocument', verbose_name='remplace')),
            ],
            options={
                'verbose_name': 'historical document',
                'verbose_name_plural': 'historical documents',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='DocumentRequirement',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('channel', models.CharField(blank=True, choices=[('field', 'Terrain'), ('telesales', 'Télévente'), ('web', 'Web'), ('partner', 'Partenaires')], max_length=10, null=True, verbose_name='canal')),
                ('stage', models.CharField(choices=[('publication', 'À la publication'), ('issue', "À l'émission du contrat")], db_default='publication', default='publication', max_length=12, verbose_name='contrôle')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='exigé')),
                ('note', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='origine ou condition')),
                ('family', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='document_requirements', to='catalog.risk', verbose_name='famille')),
                ('document_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requirements', to='documents.documenttype', verbose_name='type de document')),
            ],
            options={
                'verbose_name': 'exigence documentaire',
                'verbose_name_plural': 'exigences documentaires',
                'db_table': 'document_requirement',
                'ordering': ('family', 'document_type', 'channel'),
                'constraints': [models.UniqueConstraint(fields=('family', 'document_type', 'channel', 'stage'), name='document_requirement_once', nulls_distinct=False, violation_error_message='Cette exigence existe déjà.'), models.CheckConstraint(condition=models.Q(('channel__in', ['field', 'telesales', 'web', 'partner', ''])), name='documentrequirement_channel_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('stage__in', ['publication', 'issue'])), name='documentrequirement_stage_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='1d4dd1eea9bf434d5d8968f253063c81ad981b5e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_7e641', table='document_requirement', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='d12f38c7df26b3399e4b932dda189fa93a240a24', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_5c9f0', table='document_requirement', when='BEFORE'))],
            },
        ),
        owner_key('product_document', 'product_version_id', 'product_version'),
    ]
