"""The schema of the commissions.

One step in the place of the first ones, so that an empty database is ready at once; one that has
them all is left as it is. The constraints, indexes and triggers of a table stand with it: each
step of their own would have Django draw up again all the models known so far.
"""

import commissions.models.scheme
import commissions.models.tier
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import pgtrigger.compiler
import simple_history.models
import uuid
import winvest.core.clock
import winvest.core.json
import winvest.core.models.base
import winvest.core.models.sorting
import winvest.core.models.vat
from django.conf import settings
from django.db import migrations, models

from winvest.core.models.owner_keys import owner_key

# What the database itself refuses in a split (Annexe A.4; readings K-01, K-07).
SPLIT_RULE = """
CREATE FUNCTION commission_split_is_valid(split jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    key text;
    share jsonb;
    total numeric := 0;
BEGIN
    IF jsonb_typeof(split) IS DISTINCT FROM 'object' THEN RETURN false; END IF;
    FOR key, share IN SELECT * FROM jsonb_each(split) LOOP
        IF key NOT IN ('company', 'commercial', 'manager', 'partner', 'platform')
           OR jsonb_typeof(share) <> 'number' THEN RETURN false; END IF;
        IF (share #>> '{}')::numeric NOT BETWEEN 0 AND 1 THEN RETURN false; END IF;
        total := total + (share #>> '{}')::numeric;
    END LOOP;
    RETURN abs(total - 1) <= 0.000001;
END $$;
"""

# A plan, and the scheme of a tier, are of the same version.
VERSION = ('product_version_id', 'product_version_id')


class Migration(migrations.Migration):

    replaces = [
        ('commissions', '0001_split_rule'),
        ('commissions', '0002_initial'),
        ('commissions', '0003_owner_keys'),
        ('commissions', '0004_closed_lists'),
    ]

    initial = True

    dependencies = [
        ('core', '0001_squashed_0016_audit_filters'),
        ('partners', '0001_squashed_0004_closed_lists'),
        ('catalog', '0001_squashed_0012_owners_of_products'),
    ]

    operations = [
        migrations.RunSQL(SPLIT_RULE, 'DROP FUNCTION commission_split_is_valid(jsonb)'),
        migrations.CreateModel(
            name='CommissionScheme',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('name', models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='libellé')),
                ('direction', models.CharField(choices=[('inbound', 'Reçue du partenaire'), ('outbound', 'Versée au réseau')], db_default='outbound', default='outbound', max_length=20, verbose_name='sens')),
                ('applies_to', models.CharField(choices=[('new', 'Première année'), ('renewal', 'Renouvellement'), ('both', 'Les deux')], db_default='both', default='both', max_length=20, verbose_name="s'applique à")),
                ('channel', models.CharField(blank=True, choices=[('field', 'Terrain'), ('telesales', 'Télévente'), ('web', 'Web'), ('partner', 'Partenaires')], max_length=10, null=True, verbose_name='canal')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name="jusqu'au (exclu)")),
                ('settlement', models.CharField(choices=[('upfront', 'En une fois'), ('recurring', 'À chaque période'), ('on_collection', "À l'encaissement")], max_length=20, verbose_name='règlement')),
                ('trigger', models.CharField(choices=[('sale', 'Vente'), ('collection', 'Encaissement'), ('renewal', 'Renouvellement')], db_default='sale', default='sale', max_length=20, verbose_name='déclencheur')),
                ('offset_months', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='décalage (mois)')),
                ('offset_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='jour du mois')),
                ('mode', models.CharField(choices=[('precomptee', 'Précomptée'), ('postcomptee', 'Post-comptée')], db_default='postcomptee', default='postcomptee', max_length=20, verbose_name='mode')),
                ('flow', models.CharField(choices=[('retained', 'Retenue par le partenaire'), ('paid', 'Payée')], db_default='paid', default='paid', max_length=20, verbose_name='flux')),
                ('base', models.CharField(choices=[('revenue_excl_tax', 'CA hors taxes'), ('revenue_incl_tax', 'CA toutes taxes'), ('premium_excl_tax', 'Prime hors taxes'), ('margin', 'Marge'), ('partner_commission', 'Commission due par le partenaire')], db_default='revenue_excl_tax', default='revenue_excl_tax', max_length=20, verbose_name='assiette des pourcentages')),
                ('split', models.JSONField(decoder=winvest.core.json.DecimalDecoder, encoder=winvest.core.json.DecimalEncoder, verbose_name='répartition')),
                ('tier_mode', models.CharField(choices=[('slab', 'Palier atteint, sur tout'), ('progressive', 'Par tranche')], db_default='slab', default='slab', max_length=20, verbose_name='mode des paliers')),
                ('counting_scope', models.CharField(choices=[('company', 'De la société'), ('beneficiary', 'Du bénéficiaire')], db_default='beneficiary', default='beneficiary', max_length=20, verbose_name='volume compté')),
                ('counting_period', models.CharField(choices=[('month', 'Mois civil'), ('year', 'Année civile'), ('total', 'Depuis le début')], db_default='month', default='month', max_length=20, verbose_name='période de comptage')),
                ('min_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='minimum')),
                ('max_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='maximum')),
                ('bonus', models.DecimalField(blank=True, decimal_places=4, help_text='Montant ajouté.', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='prime')),
                ('malus', models.DecimalField(blank=True, decimal_places=4, help_text='Montant retiré.', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='malus')),
                ('clawback_months', models.PositiveSmallIntegerField(blank=True, help_text='Reprise au prorata des mois non courus en cas de résiliation anticipée.', null=True, verbose_name='reprise sur (mois)')),
                ('earned_basis', models.CharField(choices=[('covered', 'Mois couverts'), ('collected', 'Mois encaissés')], db_default='covered', default='covered', max_length=20, verbose_name='acquis selon')),
                ('advance_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='avance (mois)')),
                ('advance_percent', models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True, verbose_name='avance (%)')),
                ('recognition', models.CharField(choices=[('immediate', 'Immédiate'), ('amortised', 'Étalée sur les primes')], db_default='immediate', default='immediate', max_length=20, verbose_name='constatation')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commission_schemes', to='partners.partner', verbose_name='partenaire')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commission_schemes', to='catalog.productplan', verbose_name='formule')),
                ('product_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commission_schemes', to='catalog.productversion', verbose_name='version')),
                ('seller', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société vendeuse')),
            ],
            options={
                'verbose_name': 'barème de commission',
                'verbose_name_plural': 'barèmes de commission',
                'db_table': 'commission_scheme',
                'ordering': ('product_version', 'direction', 'applies_to', 'pk'),
                'indexes': [models.Index(fields=['company', 'direction'], name='commission_scheme_company')],
                'constraints': [models.UniqueConstraint(fields=('id', 'company'), name='commission_scheme_id_company'), models.CheckConstraint(condition=commissions.models.scheme.SplitIsValid('split'), name='commission_scheme_split', violation_error_message='La répartition donne à des bénéficiaires connus des parts de 0 à 1, dont la somme est 1.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('product_version', '='), ('direction', '='), ('applies_to', '='), (django.db.models.functions.comparison.Coalesce(models.F('plan'), models.Value(uuid.UUID('00000000-0000-0000-0000-000000000000')), output_field=models.UUIDField()), '='), (django.db.models.functions.comparison.Coalesce(models.F('channel'), models.Value('')), '='), (django.db.models.functions.comparison.Coalesce(models.F('seller'), models.Value(uuid.UUID('00000000-0000-0000-0000-000000000000')), output_field=models.UUIDField()), '='), (django.db.models.functions.comparison.Coalesce(models.F('partner'), models.Value(uuid.UUID('00000000-0000-0000-0000-000000000000')), output_field=models.UUIDField()), '='), (winvest.core.models.vat.DateRange('valid_from', 'valid_to', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='commission_scheme_no_tie', violation_error_message='Un autre barème a exactement la même portée à ces dates : on ne saurait lequel appliquer.'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='commission_scheme_period', violation_error_message='La fin doit suivre le début.'), models.CheckConstraint(condition=models.Q(models.Q(('min_amount__isnull', True), ('min_amount__gte', 0), _connector='OR'), models.Q(('max_amount__isnull', True), ('max_amount__gte', 0), _connector='OR'), models.Q(('bonus__isnull', True), ('bonus__gte', 0), _connector='OR'), models.Q(('malus__isnull', True), ('malus__gte', 0), _connector='OR')), name='commission_scheme_not_negative', violation_error_message='Minimum, maximum, prime et malus ne sont pas négatifs.'), models.CheckConstraint(condition=models.Q(('min_amount__isnull', True), ('max_amount__isnull', True), ('max_amount__gte', models.F('min_amount')), _connector='OR'), name='commission_scheme_min_below_max', violation_error_message='Le maximum est au moins le minimum.'), models.CheckConstraint(condition=models.Q(('offset_day__isnull', True), models.Q(('offset_day__gte', 1), ('offset_day__lte', 31)), _connector='OR'), name='commission_scheme_day', violation_error_message='Le jour du mois va de 1 à 31.'), models.CheckConstraint(condition=models.Q(models.Q(('advance_months__isnull', True), ('advance_percent__isnull', True)), models.Q(('advance_months__gte', 1), ('advance_months__isnull', False), ('advance_percent__gt', 0), ('advance_percent__isnull', False), ('advance_percent__lte', 100)), _connector='OR'), name='commission_scheme_advance', violation_error_message='Une avance a un nombre de mois et un pourcentage de 0 à 100 %%.'), models.CheckConstraint(condition=models.Q(('channel__in', ['field', 'telesales', 'web', 'partner', ''])), name='commissionscheme_channel_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('settlement__in', ['upfront', 'recurring', 'on_collection'])), name='commissionscheme_settlement_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('direction__in', ['inbound', 'outbound'])), name='commissionscheme_direction_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('applies_to__in', ['new', 'renewal', 'both'])), name='commissionscheme_applies_to_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('trigger__in', ['sale', 'collection', 'renewal'])), name='commissionscheme_trigger_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('mode__in', ['precomptee', 'postcomptee'])), name='commissionscheme_mode_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('flow__in', ['retained', 'paid'])), name='commissionscheme_flow_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('base__in', ['revenue_excl_tax', 'revenue_incl_tax', 'premium_excl_tax', 'margin', 'partner_commission'])), name='commissionscheme_base_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('tier_mode__in', ['slab', 'progressive'])), name='commissionscheme_tier_mode_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('counting_scope__in', ['company', 'beneficiary'])), name='commissionscheme_counting_scope_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('counting_period__in', ['month', 'year', 'total'])), name='commissionscheme_counting_period_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('earned_basis__in', ['covered', 'collected'])), name='commissionscheme_earned_basis_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('recognition__in', ['immediate', 'amortised'])), name='commissionscheme_recognition_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='65d7a6a6d8db03c8a8be37f485cb496ecb5cdd1a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_e79a6', table='commission_scheme', when='AFTER')), pgtrigger.compiler.Trigger(name='company_from_parent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL)', func='SELECT company_id INTO NEW.company_id FROM product_version WHERE id = NEW.product_version_id; RETURN NEW;', hash='22f6045c418cb172728571cd7b4ec75d39559d69', operation='INSERT', pgid='pgtrigger_company_from_parent_f62c0', table='commission_scheme', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE released boolean;', func="FOR released IN SELECT released_at IS NOT NULL FROM product_version WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; END LOOP; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='8e8bce43e39da0e835a8a721a95926bbdeeb36c8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_released_05730', table='commission_scheme', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='6aab7df03c8df6f1c284d4434524787ef39040df', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_e4a40', table='commission_scheme', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CommissionTier',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('basis', models.CharField(choices=[('volume', 'Volume'), ('revenue', 'CA'), ('margin', 'Marge'), ('months', 'Mois')], max_length=10, verbose_name='assiette')),
                ('month_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='du mois')),
                ('month_to', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='au mois')),
                ('min', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='de')),
                ('max', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='à')),
                ('value_type', models.CharField(choices=[('percent', '%'), ('amount', 'Montant par vente')], max_length=10, verbose_name='forme')),
                ('value', models.DecimalField(decimal_places=4, max_digits=10, verbose_name='valeur')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('product_version', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('scheme', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='commissions.commissionscheme', verbose_name='barème')),
            ],
            options={
                'verbose_name': 'palier',
                'verbose_name_plural': 'paliers',
                'db_table': 'commission_tier',
                'ordering': ('scheme', 'month_from', 'min'),
                'indexes': [models.Index(fields=['scheme', 'min'], name='commission_tier_scheme_min')],
                'constraints': [models.CheckConstraint(condition=models.Q(('max__isnull', True), ('max__gt', models.F('min')), _connector='OR'), name='commission_tier_max_above_min', violation_error_message="La fin d'un palier dépasse son début."), models.CheckConstraint(condition=models.Q(('min__gte', 0), ('value__gte', 0)), name='commission_tier_not_negative', violation_error_message="Les bornes et la valeur d'un palier ne sont pas négatives."), models.CheckConstraint(condition=models.Q(models.Q(('month_from__isnull', True), ('month_to__isnull', True)), models.Q(('month_from__gte', 1), ('month_from__isnull', False), models.Q(('month_to__isnull', True), ('month_to__gte', models.F('month_from')), _connector='OR')), _connector='OR'), name='commission_tier_months', violation_error_message='Les mois se comptent à partir de 1, et se suivent.'), django.contrib.postgres.constraints.ExclusionConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], expressions=[('scheme', '='), (django.db.models.functions.comparison.Coalesce(models.F('month_from'), models.Value(0)), '='), (commissions.models.tier.NumberRange('min', 'max', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='commission_tier_no_overlap', violation_error_message='Deux paliers se recouvrent.'), models.CheckConstraint(condition=models.Q(('basis__in', ['volume', 'revenue', 'margin', 'months'])), name='commissiontier_basis_known', violation_error_message="Cette valeur n'est pas dans la liste."), models.CheckConstraint(condition=models.Q(('value_type__in', ['percent', 'amount'])), name='commissiontier_value_type_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY[]::text[]); RETURN NULL;', hash='9a2b3e0e858a0dfe5f1809fed7a094d6a8b99bae', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_b29b9', table='commission_tier', when='AFTER')), pgtrigger.compiler.Trigger(name='company_and_version_from_scheme', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.company_id IS NULL OR NEW.product_version_id IS NULL)', func='SELECT coalesce(NEW.company_id, company_id), coalesce(NEW.product_version_id, product_version_id) INTO NEW.company_id, NEW.product_version_id FROM commission_scheme WHERE id = NEW.scheme_id; RETURN NEW;', hash='03ad15d93f12d365c173af3e55293da0f2cf6c52', operation='INSERT', pgid='pgtrigger_company_and_version_from_scheme_c16de', table='commission_tier', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_released', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE released boolean;', func="FOR released IN SELECT released_at IS NOT NULL FROM product_version WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; END LOOP; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='718def2238750ae8149b06a28dd1b7bb84a74e64', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_released_cb7da', table='commission_tier', when='BEFORE')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='87e75a30d36068aefd821a18034814bfd5cb09eb', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_4de58', table='commission_tier', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HistoricalBeneficiary',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('split_key', models.CharField(choices=[('commercial', 'Commercial'), ('manager', 'Manager'), ('partner', 'Partenaire'), ('platform', 'Plateforme')], max_length=12, verbose_name='part')),
                ('name', models.CharField(max_length=160, verbose_name='nom')),
                ('employment', models.CharField(choices=[('employee', 'Salarié'), ('independent', 'Indépendant')], max_length=12, verbose_name='statut')),
                ('auxiliary_account', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z]{2,20}\\Z', 'Chiffres ou majuscules, de 2 à 20.')], verbose_name='compte auxiliaire')),
                ('tax_code', models.CharField(blank=True, max_length=10, null=True, verbose_name='code TVA')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='actif')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner', verbose_name='partenaire')),
                ('user', models.ForeignKey(blank=True, db_constraint=False, help_text='Le compte de cette personne dans Winvest, si elle en a un.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
            ],
            options={
                'verbose_name': 'historical bénéficiaire',
                'verbose_name_plural': 'historical bénéficiaires',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalCommissionScheme',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('name', models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='libellé')),
                ('direction', models.CharField(choices=[('inbound', 'Reçue du partenaire'), ('outbound', 'Versée au réseau')], db_default='outbound', default='outbound', max_length=20, verbose_name='sens')),
                ('applies_to', models.CharField(choices=[('new', 'Première année'), ('renewal', 'Renouvellement'), ('both', 'Les deux')], db_default='both', default='both', max_length=20, verbose_name="s'applique à")),
                ('channel', models.CharField(blank=True, choices=[('field', 'Terrain'), ('telesales', 'Télévente'), ('web', 'Web'), ('partner', 'Partenaires')], max_length=10, null=True, verbose_name='canal')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name="jusqu'au (exclu)")),
                ('settlement', models.CharField(choices=[('upfront', 'En une fois'), ('recurring', 'À chaque période'), ('on_collection', "À l'encaissement")], max_length=20, verbose_name='règlement')),
                ('trigger', models.CharField(choices=[('sale', 'Vente'), ('collection', 'Encaissement'), ('renewal', 'Renouvellement')], db_default='sale', default='sale', max_length=20, verbose_name='déclencheur')),
                ('offset_months', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='décalage (mois)')),
                ('offset_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='jour du mois')),
                ('mode', models.CharField(choices=[('precomptee', 'Précomptée'), ('postcomptee', 'Post-comptée')], db_default='postcomptee', default='postcomptee', max_length=20, verbose_name='mode')),
                ('flow', models.CharField(choices=[('retained', 'Retenue par le partenaire'), ('paid', 'Payée')], db_default='paid', default='paid', max_length=20, verbose_name='flux')),
                ('base', models.CharField(choices=[('revenue_excl_tax', 'CA hors taxes'), ('revenue_incl_tax', 'CA toutes taxes'), ('premium_excl_tax', 'Prime hors taxes'), ('margin', 'Marge'), ('partner_commission', 'Commission due par le partenaire')], db_default='revenue_excl_tax', default='revenue_excl_tax', max_length=20, verbose_name='assiette des pourcentages')),
                ('split', models.JSONField(decoder=winvest.core.json.DecimalDecoder, encoder=winvest.core.json.DecimalEncoder, verbose_name='répartition')),
                ('tier_mode', models.CharField(choices=[('slab', 'Palier atteint, sur tout'), ('progressive', 'Par tranche')], db_default='slab', default='slab', max_length=20, verbose_name='mode des paliers')),
                ('counting_scope', models.CharField(choices=[('company', 'De la société'), ('beneficiary', 'Du bénéficiaire')], db_default='beneficiary', default='beneficiary', max_length=20, verbose_name='volume compté')),
                ('counting_period', models.CharField(choices=[('month', 'Mois civil'), ('year', 'Année civile'), ('total', 'Depuis le début')], db_default='month', default='month', max_length=20, verbose_name='période de comptage')),
                ('min_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='minimum')),
                ('max_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='maximum')),
                ('bonus', models.DecimalField(blank=True, decimal_places=4, help_text='Montant ajouté.', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='prime')),
                ('malus', models.DecimalField(blank=True, decimal_places=4, help_text='Montant retiré.', max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='malus')),
                ('clawback_months', models.PositiveSmallIntegerField(blank=True, help_text='Reprise au prorata des mois non courus en cas de résiliation anticipée.', null=True, verbose_name='reprise sur (mois)')),
                ('earned_basis', models.CharField(choices=[('covered', 'Mois couverts'), ('collected', 'Mois encaissés')], db_default='covered', default='covered', max_length=20, verbose_name='acquis selon')),
                ('advance_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='avance (mois)')),
                ('advance_percent', models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True, verbose_name='avance (%)')),
                ('recognition', models.CharField(choices=[('immediate', 'Immédiate'), ('amortised', 'Étalée sur les primes')], db_default='immediate', default='immediate', max_length=20, verbose_name='constatation')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner', verbose_name='partenaire')),
                ('plan', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productplan', verbose_name='formule')),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('seller', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société vendeuse')),
            ],
            options={
                'verbose_name': 'historical barème de commission',
                'verbose_name_plural': 'historical barèmes de commission',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalCommissionTier',
            fields=[
                ('id', models.UUIDField(db_index=True, default=winvest.core.models.base.new_id, editable=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='modifié le')),
                ('basis', models.CharField(choices=[('volume', 'Volume'), ('revenue', 'CA'), ('margin', 'Marge'), ('months', 'Mois')], max_length=10, verbose_name='assiette')),
                ('month_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='du mois')),
                ('month_to', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='au mois')),
                ('min', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='de')),
                ('max', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='à')),
                ('value_type', models.CharField(choices=[('percent', '%'), ('amount', 'Montant par vente')], max_length=10, verbose_name='forme')),
                ('value', models.DecimalField(decimal_places=4, max_digits=10, verbose_name='valeur')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.company', verbose_name='société')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product_version', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.productversion', verbose_name='version')),
                ('scheme', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='commissions.commissionscheme', verbose_name='barème')),
            ],
            options={
                'verbose_name': 'historical palier',
                'verbose_name_plural': 'historical paliers',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Beneficiary',
            fields=[
                ('id', models.UUIDField(default=winvest.core.models.base.new_id, editable=False, primary_key=True, serialize=False, verbose_name='identifiant')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=winvest.core.clock.now, editable=False, verbose_name='créé le')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now(), verbose_name='modifié le')),
                ('split_key', models.CharField(choices=[('commercial', 'Commercial'), ('manager', 'Manager'), ('partner', 'Partenaire'), ('platform', 'Plateforme')], max_length=12, verbose_name='part')),
                ('name', models.CharField(max_length=160, verbose_name='nom')),
                ('employment', models.CharField(choices=[('employee', 'Salarié'), ('independent', 'Indépendant')], max_length=12, verbose_name='statut')),
                ('auxiliary_account', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z]{2,20}\\Z', 'Chiffres ou majuscules, de 2 à 20.')], verbose_name='compte auxiliaire')),
                ('tax_code', models.CharField(blank=True, max_length=10, null=True, verbose_name='code TVA')),
                ('is_active', models.BooleanField(db_default=True, default=True, verbose_name='actif')),
                ('sort_label', models.GeneratedField(db_persist=True, expression=winvest.core.models.sorting.FrenchSort(models.F('name')), output_field=models.TextField(), verbose_name='libellé de tri')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.company', verbose_name='société')),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='beneficiaries', to='partners.partner', verbose_name='partenaire')),
                ('user', models.ForeignKey(blank=True, help_text='Le compte de cette personne dans Winvest, si elle en a un.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='beneficiaries', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
            ],
            options={
                'verbose_name': 'bénéficiaire',
                'verbose_name_plural': 'bénéficiaires',
                'db_table': 'beneficiary',
                'ordering': ('sort_label', 'pk'),
                'indexes': [models.Index(fields=['sort_label', 'id'], name='beneficiary_sorted')],
                'constraints': [models.UniqueConstraint(fields=('company', 'auxiliary_account'), name='beneficiary_auxiliary_account', violation_error_message="Ce compte auxiliaire est déjà celui d'un bénéficiaire."), models.CheckConstraint(condition=models.Q(('split_key__in', ['commercial', 'manager', 'partner', 'platform'])), name='beneficiary_key', violation_error_message="La part de la société n'a pas de bénéficiaire."), models.CheckConstraint(condition=models.Q(('partner__isnull', True), models.Q(('employment', 'independent'), ('user__isnull', True)), _connector='OR'), name='beneficiary_person_or_partner', violation_error_message="Un partenaire n'est ni une personne ni un salarié."), models.CheckConstraint(condition=models.Q(models.Q(('employment', 'employee'), _negated=True), ('tax_code__isnull', True), _connector='OR'), name='beneficiary_employee_without_vat', violation_error_message="Un salarié n'a pas de code TVA."), models.CheckConstraint(condition=models.Q(('employment__in', ['employee', 'independent'])), name='beneficiary_employment_known', violation_error_message="Cette valeur n'est pas dans la liste.")],
                'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM audit_write(TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[], ARRAY['sort_label']::text[]); RETURN NULL;", hash='879ebe7b5e81c913381a90d362f10075381c9d6b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_295c6', table='beneficiary', when='AFTER')), pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';", hash='e6867c0b9dde58f61d6504d619d584ba48a21f15', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_eebc3', table='beneficiary', when='BEFORE'))],
            },
        ),
        # Now, not with its table: Django lays those of a new table last, after the keys below.
        migrations.AddConstraint(
            model_name='commissionscheme',
            constraint=models.UniqueConstraint(fields=('id', 'product_version'), name='commission_scheme_id_version'),
        ),
        owner_key('commission_scheme', 'product_version_id', 'product_version'),
        # The plan of a scheme is a plan of the same version.
        owner_key('commission_scheme', 'plan_id', 'product_plan', *VERSION),
        # A tier is of the version of its scheme, and so of its owner.
        owner_key('commission_tier', 'scheme_id', 'commission_scheme', *VERSION),
        owner_key('commission_tier', 'product_version_id', 'product_version'),
    ]
