"""A ban, and a code by which an API prices, are waited for by a publication (8-05, C.2)."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_squashed_0044_units_of_prices'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='externalmapping',
            trigger=pgtrigger.compiler.Trigger(name='hold_product', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF 'api' IN (OLD.integration_status, NEW.integration_status) THEN PERFORM 1 FROM product WHERE id IN (OLD.product_id, NEW.product_id) ORDER BY id FOR NO KEY UPDATE; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='b9ea06f2c7526ab02c246cf45c05ac9b3eaac5b6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_hold_product_884fd', table='external_mapping', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='salesban',
            trigger=pgtrigger.compiler.Trigger(name='hold_list', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM pg_advisory_xact_lock(hashtextextended('sales_ban:' || COALESCE(NEW.company_id, OLD.company_id), 0)); IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='e648848d14532bfb8508727afa33881645ce5684', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_hold_list_9a423', table='sales_ban', when='BEFORE')),
        ),
    ]
