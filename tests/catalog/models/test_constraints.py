"""What the database itself refuses in the catalogue, and the indexes it has (A.4, A.6)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from catalog.choices import Channel, LifecycleStatus
from catalog.models import Product, Publication, Risk
from tests.factories import (
    PartnerFactory,
    PlanFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.offers import make_released

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def execute(statement, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(statement, *parameters):
    """Return the name of the constraint that refused the statement."""
    with pytest.raises(IntegrityError) as error:
        execute(statement, *parameters)
    return error.value.__cause__.diag.constraint_name or str(error.value.__cause__)


@pytest.fixture
def draft(company):
    return VersionFactory(
        product=ProductFactory(company=company, lifecycle_status=LifecycleStatus.DRAFT)
    )


@pytest.mark.requirement("A.2.1-risk-01", "A.2.1-risk-03", "A.1.1-01")
class TestRisks:
    INSERT = (
        "INSERT INTO risk (id, company_id, code, label, scope, is_global)"
        " VALUES (gen_random_uuid(), %s, %s, 'X', %s, %s)"
    )

    @pytest.mark.parametrize(
        ("code", "scope", "common", "constraint"),
        [
            ("LOCAL", "personal", False, "risk_company_code"),
            ("SANTE", "personal", False, "risk_local_code_is_not_global"),
            ("sante", "personal", False, "risk_local_code_is_not_global"),
            ("LOCAL", "personal", True, "risk_local_code_is_not_global"),
            ("SANTE", "personal", True, "risk_global_code"),
            ("Sante", "personal", True, "risk_global_code"),
            ("NEUF", "nobody", False, "risk_scope"),
        ],
    )
    def test_codes_and_scopes(self, company, code, scope, common, constraint):
        RiskFactory(company=company, code="LOCAL")
        owner = None if common else company.pk
        assert refused(self.INSERT, owner, code, scope, common) == constraint

    def test_two_companies_may_use_one_code(self, company, other_company):
        RiskFactory(company=company, code="LOCAL")
        execute(self.INSERT, other_company.pk, "LOCAL", "both", False)

    @pytest.mark.requirement("A.2.1-risk-04")
    def test_a_global_risk_has_no_company(self, company):
        assert refused(self.INSERT, company.pk, "N", "both", True) == "risk_global_has_no_company"
        assert refused(self.INSERT, None, "N", "both", False) == "risk_global_has_no_company"

    def test_the_tree_has_no_circle_and_one_owner(self, company, other_company):
        root = RiskFactory(company=company)
        child = RiskFactory(company=company, parent=root)
        move = "UPDATE risk SET parent_id = %s WHERE id = %s"
        assert refused(move, child.pk, root.pk) == "risk_tree"
        assert refused(move, root.pk, root.pk) == "risk_tree"
        foreign = RiskFactory(company=other_company)
        assert refused(move, foreign.pk, root.pk) == "risk_tree"
        common = Risk.objects.get(code="SANTE")
        execute(move, common.pk, root.pk)
        assert refused(move, root.pk, common.pk) == "risk_tree"
        assert refused(
            "UPDATE risk SET company_id = %s WHERE id = %s", other_company.pk, root.pk
        ) == ("risk_tree")
        child.refresh_from_db()
        assert [risk.pk for risk in child.lineage()] == [child.pk, root.pk, common.pk]

    @pytest.mark.parametrize(
        ("parent", "message"),
        [
            ({"scope": "professional"}, "plus étroite"),
            ({"company": None, "is_global": True, "scope": "both"}, None),
        ],
    )
    def test_a_child_only_narrows(self, company, parent, message):
        above = RiskFactory(**{"company": company, **parent})
        child = RiskFactory.build(company=company, parent=above)
        if message is None:
            child.full_clean()
        else:
            with pytest.raises(ValidationError, match=message):
                child.full_clean()


@pytest.mark.requirement("A.2.2-product-04", "A.2.2-product-06", "A.2.2-product-07", "A.4-01")
class TestProducts:
    INSERT = (
        "INSERT INTO product (id, company_id, risk_id, sku, name, revenue_model)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'X', %s)"
    )

    @pytest.mark.parametrize(
        ("sku", "model", "constraint"),
        [
            ("DEJA-001", "revenue", "product_sku"),
            ("deja-001", "revenue", "product_sku_any_case"),
            ("BOX-ОО1", "revenue", "product_sku_signs"),  # Cyrillic О
            ("BOX\u200b1", "revenue", "product_sku_signs"),
            ("BOX\u202e1", "revenue", "product_sku_signs"),
            ("BOX１", "revenue", "product_sku_signs"),
            ("BOX 1", "revenue", "product_sku_signs"),
            ("BOX\n", "revenue", "product_sku_signs"),
            ("", "revenue", "product_sku_signs"),
            ("NEUF-1", "commission", "product_commission_has_partner"),
            ("NEUF-1", "gift", "product_"),
        ],
    )
    def test_what_is_refused(self, company, other_company, sku, model, constraint):
        ProductFactory(company=other_company, sku="DEJA-001")
        risk = RiskFactory(company=company)
        assert refused(self.INSERT, company.pk, risk.pk, sku, model).startswith(constraint)

    def test_defaults(self, company):
        execute(self.INSERT, company.pk, RiskFactory(company=company).pk, "A7-001", "revenue")
        made = Product.objects.get(sku="A7-001")
        assert (made.lifecycle_status, made.unit, made.attributes) == ("draft", "unit", {})
        assert made.created_at

    @pytest.mark.requirement("A.4-04")
    @pytest.mark.parametrize("status", [one for one in LifecycleStatus if one != "draft"])
    def test_only_a_draft_is_deleted(self, company, status):
        product = ProductFactory(company=company, lifecycle_status=status)
        assert "only a draft" in refused("DELETE FROM product WHERE id = %s", product.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            product.delete()
        assert Product.objects.filter(pk=product.pk).exists()

    @pytest.mark.requirement("A.4-04")
    def test_what_was_on_sale_stays(self, company):
        version = make_released(company=company, sku="VENDU-1", plans={"A": "1"})
        back = "UPDATE product SET lifecycle_status = 'draft'"
        assert refused(back) == "product_lifecycle_steps"
        with pytest.raises(ProtectedError):
            version.product.delete()
        assert "began" in refused("DELETE FROM publication")
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication.objects.all().delete()


@pytest.mark.requirement("A.2.2-product_plan-01", "A.2.2-product_plan-03", "A.5-03", "2.1-plan-04")
def test_plans(draft):
    insert = (
        "INSERT INTO product_plan (id, product_version_id, code, name, recurrence,"
        " billing_cycle_days, valid_from, valid_to) VALUES (gen_random_uuid(), %s, %s, 'X', %s, %s,"
        " now(), now() + %s::interval)"
    )
    PlanFactory(product_version=draft, code="BASE")
    for code, recurrence, days, period, constraint in (
        ("BASE", "monthly", None, "1 day", "product_plan_code"),
        ("B", "custom", None, "1 day", "product_plan_custom_has_days"),
        ("B", "custom", 0, "1 day", "product_plan_custom_has_days"),
        ("B", "monthly", 30, "1 day", "product_plan_custom_has_days"),
        ("B", "weekly", None, "1 day", "product_plan_recurrence"),
        ("B", "monthly", None, "0 day", "product_plan_period"),
    ):
        assert refused(insert, draft.pk, code, recurrence, days, period) == constraint
    execute(insert, draft.pk, "B", "custom", 45, "1 day")


@pytest.mark.requirement(
    "A.2.2-pricing_rule-02", "A.2.2-pricing_rule-03", "A.2.2-pricing_rule-04", "A.4-06"
)
def test_prices(draft):
    insert = (
        "INSERT INTO pricing_rule (id, product_version_id, type, payload, tax_code, tax_rate,"
        " tier_mode) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)"
    )
    for kind, payload, code, rate, mode, constraint in (
        ("gift", "{}", "FR20", 20, None, "pricing_rule_"),
        ("fixed", "{}", "FR20", 20, None, "pricing_rule_payload"),
        ("fixed", '{"amount": -1}', "FR20", 20, None, "pricing_rule_payload"),
        ("fixed", '{"amount": "1"}', "FR20", 20, None, "pricing_rule_payload"),
        ("tiered", "[]", "FR20", 20, "slab", "pricing_rule_payload"),
        ("tiered", '[{"min": 0, "amount": 1}]', "FR20", 20, None, "pricing_rule_tier_mode"),
        ("indexed", '{"index": "gold", "formula": "1"}', "FR20", 20, None, "pricing_rule_payload"),
        ("usage", '{"unit": " ", "unit_price": 1}', "FR20", 20, None, "pricing_rule_payload"),
        ("usage", '{"unit": "Go\\n", "unit_price": 1}', "FR20", 20, None, "pricing_rule_payload"),
        ("usage", '{"unit": "kWh"}', "FR20", 20, None, "pricing_rule_payload"),
        ("fixed", '{"amount": 1}', "FR20", 10, None, "pricing_rule_known_rate"),
        ("fixed", '{"amount": 1}', "FR99", 20, None, "pricing_rule_known_rate"),
    ):
        found = refused(insert, draft.pk, kind, payload, code, rate, mode)
        assert found.startswith(constraint), (kind, payload)
    execute(insert, draft.pk, "usage", '{"unit": "kWh", "unit_price": 0.174}', "FR55", 5.5, None)
    bare = (
        "INSERT INTO pricing_rule (id, product_version_id, type, payload)"
        " VALUES (gen_random_uuid(), %s, 'fixed', '{\"amount\": 9.90}')"
    )
    execute(bare, draft.pk)
    rule = draft.pricing_rules.get(type="fixed")
    assert (rule.tax_rate, rule.tax_included, rule.currency) == (20, True, "EUR")


@pytest.mark.requirement("A.2.2-publication-02", "A.2.2-publication-04", "2.1-product-07")
def test_publications(company, draft):
    draft.channels = ["field", "web"]
    draft.save()
    insert = (
        "INSERT INTO publication (id, product_version_id, company_id, channels, start_at, end_at)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s)"
    )
    for channels, start, end, constraint in (
        ("[]", "2026-01-01", None, "publication_channels"),
        ('["web", "web"]', "2026-01-01", None, "publication_channels"),
        ('["moon"]', "2026-01-01", None, "publication_within_version"),
        ('"web"', "2026-01-01", None, "publication_channels"),
        ('["web"]', "2026-01-01", "2026-01-01", "publication_period"),
        ('["telesales"]', "2026-01-01", None, "publication_within_version"),
        ('["web"]', "2024-01-01", None, "publication_within_version"),
    ):
        assert refused(insert, draft.pk, company.pk, channels, start, end) == constraint
    execute(insert, draft.pk, company.pk, '["web"]', "2026-01-01", None)
    assert (
        refused(insert, draft.pk, company.pk, '["web", "field"]', "2026-02-01", None)
        == "publication_no_overlap_web"
    )
    made = Publication.objects.get()
    assert (made.visibility, made.price_visible, made.owner_company_id) == (
        "internal",
        True,
        company.pk,
    )


@pytest.mark.requirement("A.2.2-external_mapping-01", "A.2.2-external_mapping-02", "8-07", "C.2-01")
def test_external_codes(company, draft):
    insert = (
        "INSERT INTO external_mapping (id, product_id, plan_id, system, external_code)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s)"
    )
    product, plan = draft.product, PlanFactory(product_version=draft)
    other = ProductFactory(company=company)
    execute(insert, product.pk, None, "OggoData", "A1")
    execute(insert, product.pk, plan.pk, "OggoData", "A1-BASE")
    assert draft.product.external_mappings.first().integration_status == "none"
    for owner, of_plan, code, constraint in (
        (product, None, "A2", "external_mapping_product_system"),
        (product, plan, "A3", "external_mapping_plan_system"),
        (other, None, "A1", "external_mapping_code"),
        (other, plan, "A4", "external_mapping_plan_of_product"),
        (other, None, "", "externalmapping_external_code_shape"),
    ):
        key = of_plan.pk if of_plan else None
        assert refused(insert, owner.pk, key, "OggoData", code) == constraint
    move = "UPDATE external_mapping SET product_id = %s WHERE plan_id IS NOT NULL"
    assert refused(move, other.pk) == "external_mapping_plan_of_product"


@pytest.mark.requirement("A.2.2-cq_rule-01", "A.2.2-cq_rule-02", "A.1.1-10")
def test_quality_rules(draft):
    insert = (
        "INSERT INTO cq_rule (id, product_version_id, required_fields)"
        " VALUES (gen_random_uuid(), %s, %s)"
    )
    execute(insert, draft.pk, '["CNI", "RIB", "JustifDomicile"]')
    for fields in ('["CNI", "CNI"]', '["Passeport inconnu"]', '"CNI"', "[1]"):
        assert refused(insert, draft.pk, fields) == "cq_rule_required_fields"
    assert draft.cq_rules.get().company_id == draft.company_id


def test_channels_of_a_version(draft):
    update = "UPDATE product_version SET channels = %s"
    for channels in ('["web", "web"]', '["moon"]', "{}", "null"):
        assert refused(update, channels) == "product_version_channels"
    execute(update, '["web"]')


@pytest.mark.requirement("A.6-01", "A.6-02", "A.6-03", "A.6-04", "A.6-06")
def test_the_indexes_of_the_annex():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        # Columns that an index only carries along (INCLUDE) change nothing of what it answers.
        found = {
            (table, text.split(" USING ")[1].split(" INCLUDE ")[0])
            for table, text in cursor.fetchall()
        }
    assert {
        ("product", "btree (sku)"),
        ("product", "btree (company_id, risk_id, lifecycle_status)"),
        ("product", "btree (upper((sku)::text) text_pattern_ops)"),
        ("product_version", "btree (product_id, effective_from DESC)"),
        ("pricing_rule", "btree (product_version_id, plan_id, type)"),
        ("publication", "btree (company_id, start_at, end_at)"),
        ("external_mapping", "btree (system, external_code)"),
    } <= found


@pytest.mark.requirement("A.5-05", "2.1-publication-01", "A.2.2-publication-01")
def test_the_seller_may_differ_from_the_owner(company, other_company):
    version = make_released(company=company, sku="PARTAGE-1", plans={"A": "1"})
    made = PublicationFactory(product_version=version, company=other_company)
    made.full_clean()
    assert dict(Channel.choices)["telesales"] == "Télévente"
    assert PartnerFactory(company=company).products.count() == 0
