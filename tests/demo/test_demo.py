"""The demo data is the customer's: §13, A.7 and the facts of Annexe F (readings M-10, M-11)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection

from accounting.choices import MappingState, OperationState
from accounting.models import AccountingMapping, Entry, Line, Operation
from catalog.choices import Channel, LifecycleStatus, VersionState
from catalog.domain.tiers import TierMode, inversions, read_tiers
from catalog.models import PricingRule, Product, ProductVersion, Publication
from catalog.parts import content_hash
from commissions.models import Beneficiary, CommissionScheme
from documents.models import ProductDocument
from documents.selectors.requirements import requirements_of
from partners.models import Partner
from tests.support.demo import demo_for_a_module, undone
from winvest.core import scoping
from winvest.core.models import AuditEntry, Brand, Company, User, VatRate

# One worker: the data is loaded once.
pytestmark = [pytest.mark.usefixtures("everything"), pytest.mark.xdist_group("demo")]
START = datetime(2024, 12, 31, 23, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """Load the demo data once for all tests of the module."""
    with demo_for_a_module(django_db_blocker, tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(autouse=True)
def demo(loaded):
    """Undo what a test writes."""
    with undone():
        yield loaded


def entries(code: str) -> list[tuple]:
    """Return (date, journal, lines) of the company's entries, a line as (account, debit, credit)."""
    return [
        (
            entry.date,
            entry.journal,
            [(line.account, line.debit, line.credit) for line in entry.lines.all()],
        )
        for entry in Entry.objects.filter(company__code=code).order_by("date", "number")
    ]


@pytest.mark.requirement("F.4.1-02", "F.4.2-02", "F.4.3-02")
def test_september_2025_gives_exactly_the_entries_of_annexe_f():
    amount = Decimal
    assert entries("FT") == [
        (
            date(2025, 9, 1),
            "VENTE",
            [
                ("411000", amount("29.90"), 0),
                ("706100", 0, amount("24.92")),
                ("445710", 0, amount("4.98")),
            ],
        )
    ]
    assert entries("AP") == [
        (date(2025, 9, day), "VENTE", [("411000", amount(due), 0), ("756200", 0, amount(due))])
        for day, due in ((1, "120.00"), (2, "98.00"), (5, "145.00"))
    ]
    assert entries("WINVEST") == [
        (
            date(2025, 9, 1),
            "ACHAT",
            [
                ("627100", amount("15.00"), 0),
                ("445660", amount("3.00"), 0),
                ("401000", 0, amount("18.00")),
            ],
        )
    ]
    assert entries("MTV") == entries("USGP") == []


@pytest.mark.requirement("F.4.2-02")
def test_the_main_lines_carry_what_the_files_show():
    main = Line.objects.filter(role="main").order_by("company__code", "entry__date")
    assert [
        (line.company.code, line.product_label, line.partner_label, line.tax_rate, line.tax_amount)
        for line in main.select_related("company")
    ] == [
        ("AP", "AP-SANTE-001", "Oggodata", 0, 0),
        ("AP", "AP-SANTE-002", "Oggodata", 0, 0),
        ("AP", "AP-SANTE-003", "Oggodata", 0, 0),
        ("FT", "FT-BOX-001", "", 20, Decimal("4.98")),
        ("WINVEST", "PSP-Slimpay", "", 20, Decimal("3.00")),
    ]
    assert set(Operation.objects.values_list("state", flat=True)) == {OperationState.BOOKED}


@pytest.mark.requirement("13-06", "13-07", "13-09")
def test_the_products_of_chapter_13_have_their_prices():
    rules = PricingRule.objects.select_related("plan", "product_version__product")
    assert {
        (rule.product_version.product.sku, rule.plan.code, rule.plan.recurrence): (
            rule.payload["amount"],
            rule.tax_code,
            rule.tax_rate,
            rule.tax_included,
        )
        for rule in rules.exclude(type="tiered")
    } == {
        key: (Decimal(amount), "FR20", 20, True)
        for key, amount in {
            ("FT-BOX-001", "BOX", "monthly"): "29.90",
            ("MTV-OFFRE-001", "BASIC", "monthly"): "9.90",
            ("MTV-OFFRE-001", "CONFORT", "monthly"): "19.90",
            ("MTV-OFFRE-001", "PREMIUM", "monthly"): "29.90",
            ("DEPANSSUR-100", "UNIQUE", "one_shot"): "100.00",
        }.items()
    }


@pytest.mark.requirement("E.2.2-03")
def test_a_product_shows_where_more_costs_less():
    rule = PricingRule.objects.get(type="tiered")
    assert rule.product_version.product.sku == "MTV-VOD-001"
    turned = [
        str(point) for point in inversions(read_tiers(rule.payload), TierMode(rule.tier_mode))
    ]
    assert turned == ["10", "25"]


def test_versions_are_in_force_since_2025_and_nobody_approved_his_own_work():
    for version in ProductVersion.objects.select_related("product", "released_by"):
        assert (version.effective_from, version.effective_to) == (START, None)
        assert (version.state, version.version) == (VersionState.RELEASED, 1)
        assert version.released_by.email == "admin.groupe@winvest.example"
        assert version.product.created_by != version.released_by
    for mapping in AccountingMapping.objects.select_related("company", "validated_by"):
        assert mapping.state == MappingState.VALIDATED
        code = mapping.company.code.lower()
        assert mapping.validated_by.email == f"compta.{code}@winvest.example"


def test_the_schemes_of_chapter_13_stand_in_the_released_versions():
    def tiers(scheme):
        return [(tier.min, tier.max, tier.value) for tier in scheme.tiers.all()]

    mtv = CommissionScheme.objects.get(company__code="MTV")
    assert (mtv.direction, mtv.tier_mode, mtv.counting_scope) == ("outbound", "slab", "company")
    assert mtv.split == {
        "company": Decimal("0.6"),
        "commercial": Decimal("0.3"),
        "manager": Decimal("0.1"),
    }
    assert tiers(mtv) == [(0, 99, 10), (100, 499, 12), (500, None, 15)]
    first, renewal = CommissionScheme.objects.filter(
        product_version__product__sku="AP-ASSIST-001"
    ).order_by("applies_to")
    assert (first.applies_to, first.mode, first.flow) == ("new", "precomptee", "retained")
    assert (renewal.applies_to, renewal.mode) == ("renewal", "postcomptee")
    for scheme in CommissionScheme.objects.filter(company__code="AP"):
        assert (scheme.direction, scheme.split) == ("inbound", {"company": 1})
        assert tiers(scheme) == [(0, None, 100)]
    assert Beneficiary.objects.filter(company__code="MTV").count() == 3


def test_every_version_has_the_documents_that_its_family_requires():
    assert {
        sku: set(
            ProductDocument.objects.filter(
                product_version__product__sku=sku,
                state="published",
                mandatory=True,
                content_type="application/pdf",
            ).values_list("type", flat=True)
        )
        for sku in ("FT-BOX-001", "MTV-OFFRE-001", "DEPANSSUR-100", "AP-SANTE-001")
    } == {
        "FT-BOX-001": {"CGV", "MANDAT", "RGPD"},
        "MTV-OFFRE-001": {"CGU", "CGA", "CHARTE", "CGV"},
        "DEPANSSUR-100": {"CGV", "NOTICE", "DIPA", "CG"},
        "AP-SANTE-001": {"DIPA", "CG"},
    }
    for version in ProductVersion.objects.select_related("product"):
        required = set(requirements_of(version).values_list("document_type__code", flat=True))
        assert required <= set(version.documents.values_list("type", flat=True))


def test_an_older_demo_is_told_what_it_lacks(demo):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM commission_tier")
        cursor.execute("DELETE FROM commission_scheme")
        cursor.execute("SET LOCAL session_replication_role = origin")
    printed = demo.load_again()
    assert "sans barème ou sans document : MTV-OFFRE-001, AP-SANTE-001" in printed
    assert not CommissionScheme.objects.exists()


def test_four_products_are_active_and_published_on_every_channel():
    published = Publication.objects.select_related("company", "product_version__product")
    assert {
        (row.company.code, row.product_version.product.sku, tuple(row.channels), row.start_at)
        for row in published
    } == {
        (code, sku, tuple(Channel.values), START)
        for code, sku in (
            ("FT", "FT-BOX-001"),
            ("MTV", "MTV-OFFRE-001"),
            ("MTV", "MTV-VOD-001"),
            ("USGP", "DEPANSSUR-100"),
        )
    }
    assert {row.product_version.product.lifecycle_status for row in published} == {
        LifecycleStatus.ACTIVE
    }


@pytest.mark.requirement("1-01", "1-02", "1-03")
def test_companies_and_brands_keep_the_customer_s_identifiers():
    assert dict(Company.objects.values_list("code", "siren")) == {
        "FT": "800397291",
        "AP": "530895710",
        "MTV": "999990005",
        "USGP": "999990013",
        "WINVEST": "999990021",
    }
    assert str(Company.objects.get(code="FT").pk) == "11111111-1111-1111-1111-111111111111"
    assert str(Company.objects.get(code="AP").pk) == "22222222-2222-2222-2222-222222222222"
    brand = Brand.objects.get(name="Depanssur")
    assert brand.company.code == "USGP"
    assert [product.sku for product in brand.products.all()] == ["DEPANSSUR-100"]
    partner = Partner.objects.get()
    assert (partner.company.code, partner.export_label) == ("AP", "Oggodata")
    assert partner.is_insurance
    assert (partner.iban_masked, partner.bic) == ("FR76 •••• 0189", "AGRIFRPPXXX")
    credential = partner.credentials.get()
    assert (credential.env, credential.valid_to) == ("sandbox", None)
    assert partner.products.count() == 4


@pytest.mark.requirement("1-23")
def test_every_row_has_its_author_in_the_log():
    authors = dict(User.objects.values_list("pk", "email"))
    box = Product.objects.get(sku="FT-BOX-001")
    written = AuditEntry.objects.filter(table="product", record_id=box.pk).get()
    assert authors[written.actor_id] == "produit.ft@winvest.example"
    assert written.actor_role == "catalog_manager"
    sale = Operation.objects.get(company__code="FT")
    written = AuditEntry.objects.get(table="operation", record_id=sale.pk)
    assert authors[written.actor_id] == "compta.ft@winvest.example"
    assert box.history.get().history_user.email == "produit.ft@winvest.example"


def test_a_second_start_changes_nothing(demo):
    log, content = AuditEntry.objects.count(), demo.accounts
    demo.load_again()
    assert AuditEntry.objects.count() == log
    assert demo.accounts == content


def test_what_somebody_edited_stays(demo):
    Company.objects.filter(code="MTV").update(brand_name="Mondial")
    Product.objects.filter(sku="MTV-OFFRE-001").update(name="Offre TV été")
    Publication.objects.all().update(end_at=START + timedelta(days=1))
    demo.load_again()
    assert Company.objects.get(code="MTV").brand_name == "Mondial"
    assert Product.objects.get(sku="MTV-OFFRE-001").name == "Offre TV été"
    assert Publication.objects.filter(end_at=None).count() == 0


def test_no_secret_is_printed(demo):
    assert demo.output == f"Démonstration : 42 comptes dans {demo.path}.\n"


def test_the_reference_data_is_there_and_loads_twice():
    def rates():
        return set(VatRate.objects.values_list("code", "rate", "valid_from", "valid_to"))

    old, reform = date(2014, 1, 1), date(2025, 8, 1)
    assert rates() == {
        ("FR20", Decimal("20.00"), old, None),
        ("FR10", Decimal("10.00"), old, None),
        ("FR55", Decimal("5.50"), old, None),
        ("FR21", Decimal("2.10"), old, None),
        ("FR0", Decimal("0.00"), old, None),
        ("FRENERGIE", Decimal("5.50"), old, reform),
        ("FRENERGIE", Decimal("20.00"), reform, None),
    }
    VatRate.objects.filter(code="FR10").update(label="Taux de la restauration")
    output = StringIO()
    call_command("load_reference", stdout=output)
    assert output.getvalue() == (
        "Référence : 0 taux de TVA, 0 risques, 0 types de documents et 0 exigences documentaires "
        "ajoutés.\n"
    )
    assert VatRate.objects.get(code="FR10").label == "Taux de la restauration"


@pytest.mark.requirement("3.8-13")
def test_a_person_of_another_company_sees_no_product():
    mtv = Company.objects.get(code="MTV")
    with scoping.scope([mtv.pk]):
        assert [product.sku for product in Product.objects.all()] == [
            "MTV-VOD-001",
            "MTV-OFFRE-001",
        ]
        assert not Partner.objects.exists()


@pytest.mark.requirement("H.2.4-01")
def test_the_large_demo_is_a_catalogue_like_any_other():
    seen = set(Product.objects.values_list("pk", flat=True))
    output = StringIO()
    call_command("load_large", products=16, stdout=output)
    assert "16 produits ajoutés" in output.getvalue()
    products = Product.objects.exclude(pk__in=seen)
    versions = ProductVersion.objects.filter(product__in=products)
    assert (products.count(), versions.count()) == (16, 160)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("product", "product_version", "product_plan", "pricing_rule"):
            cursor.execute(UNLIKE_THE_LOG.format(table=table))
            assert cursor.fetchone() == (0,), table
    for version in versions:
        assert version.history.count() == 1
        if version.state != VersionState.DRAFT:
            assert version.content_hash == content_hash(version)
    for row in (*products, *versions, *PricingRule.objects.filter(product_version__in=versions)):
        row.full_clean()
    released = list(versions.filter(state=VersionState.RELEASED).order_by("product", "version"))
    for earlier, later in pairwise(released):
        if earlier.product_id == later.product_id:
            assert earlier.effective_to == later.effective_from
    call_command("load_large", products=16, stdout=output)
    assert "déjà là" in output.getvalue()
    assert Product.objects.count() == len(seen) + 16


# Rows whose only line of the log is not what the trigger would have written.
UNLIKE_THE_LOG = """
SELECT count(*) FROM {table} LEFT JOIN audit_log line
  ON line.record_id = {table}.id AND line."table" = '{table}' AND line.action = 'insert'
WHERE (line.id IS NULL OR line.request_id = 'make demo-large')
  AND (line.after IS DISTINCT FROM to_jsonb({table}) - '{{sort_label,natural_label,search_words}}'::text[] OR line.before IS NOT NULL
       OR NOT EXISTS (SELECT FROM audit_unsealed WHERE audit_unsealed.id = line.id))
"""
