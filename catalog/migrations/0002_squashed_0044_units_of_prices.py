"""Keys of two columns, which need the unique constraints of the tables; bounds of dates and numbers."""

from django.db import migrations

from winvest.core.models.finite import finite
from winvest.core.models.owner_keys import owner_key

# A membership is limited to risks that exist, and a notification names such ones (N-02): the core
# cannot name the catalogue's table.
RISKS_OF_THE_CORE = """
ALTER TABLE membership_risk ADD CONSTRAINT membership_risk_risk_id_fk
    FOREIGN KEY (risk_id) REFERENCES risk (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX membership_risk_risk ON membership_risk (risk_id);
ALTER TABLE notification ADD CONSTRAINT notification_risk_id_fk
    FOREIGN KEY (risk_id) REFERENCES risk (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX notification_risk ON notification (risk_id);
"""
# A publication names its version's product.
PRODUCT_OF_PUBLICATION = """
ALTER TABLE publication ADD CONSTRAINT publication_product_version_product_fk
    FOREIGN KEY (product_version_id, product_id) REFERENCES product_version (id, product_id)
    DEFERRABLE INITIALLY DEFERRED
"""
NOOP = migrations.RunSQL.noop


class Migration(migrations.Migration):

    replaces = [('catalog', '0044_units_of_prices')]

    dependencies = [('catalog', '0001_squashed_0043_reasons_in_full')]

    operations = [
        # A child's owner is its parent's, for ever (`architecture.md` §4).
        owner_key('product', 'brand_id', 'brand'),
        owner_key('product_version', 'product_id', 'product'),
        owner_key('product_plan', 'product_version_id', 'product_version'),
        owner_key('pricing_rule', 'product_version_id', 'product_version'),
        owner_key('publication', 'product_version_id', 'product_version', 'owner_company_id'),
        owner_key('external_mapping', 'product_id', 'product'),
        owner_key('cq_rule', 'product_version_id', 'product_version'),
        owner_key('promotion', 'product_id', 'product'),
        owner_key('negotiated_price', 'product_id', 'product'),
        owner_key('bundle_component', 'product_version_id', 'product_version'),
        owner_key('bundle_component', 'product_id', 'product'),
        owner_key('version_approval', 'product_version_id', 'product_version'),
        owner_key('version_author', 'product_version_id', 'product_version', cascade=True),
        owner_key('product_transition', 'product_id', 'product'),
        owner_key('product_transition', 'replacement_id', 'product'),
        owner_key('version_billing', 'product_version_id', 'product_version'),
        owner_key('version_logistics', 'product_version_id', 'product_version'),
        owner_key('sale_agreement', 'product_id', 'product'),
        # The plan of a part is a plan of the same version.
        *(
            owner_key(table, 'plan_id', 'product_plan', 'product_version_id', 'product_version_id')
            for table in ('pricing_rule', 'bundle_component', 'version_billing')
        ),
        migrations.RunSQL(RISKS_OF_THE_CORE, NOOP),
        migrations.RunSQL(PRODUCT_OF_PUBLICATION, NOOP),
        finite('external_mapping', 'catalog_historicalexternalmapping', 'sales_ban', 'catalog_historicalsalesban'),
        finite('sale_agreement', 'catalog_historicalsaleagreement'),
    ]
