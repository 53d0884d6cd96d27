"""What the database refuses in schemes and tiers, whatever the door (decision 4; A.2.2, A.4)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from catalog.parts import content_hash, content_of
from commissions.models import Beneficiary, CommissionScheme, CommissionTier
from partners.models import Partner
from tests.factories import (
    BeneficiaryFactory,
    PartnerActivationFactory,
    PartnerFactory,
    PlanFactory,
    SchemeFactory,
    TierFactory,
    UserFactory,
    VersionFactory,
)
from winvest.core import scoping
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.fixture
def version(company):
    return VersionFactory(product__company=company)


def run(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def insert(version, split='{"company": 1}', **fields):
    """Write a scheme as psql would, with the columns of Annexe A only."""
    columns = {"settlement": "'upfront'", **{name: f"'{value}'" for name, value in fields.items()}}
    run(
        f"INSERT INTO commission_scheme (id, product_version_id, split, {', '.join(columns)})"
        f" VALUES (gen_random_uuid(), %s, %s, {', '.join(columns.values())})",
        version.pk,
        split,
    )
    return CommissionScheme.objects.latest("created_at")


@pytest.mark.requirement(
    "A.2.2-commission_scheme-01", "A.2.2-commission_scheme-02", "A.1.1-05", "A.1.2-03"
)
def test_annexe_a_s_columns_are_enough(version, company):
    scheme = insert(version)
    assert (scheme.company, scheme.plan, scheme.applies_to) == (company, None, "both")
    run(
        "INSERT INTO commission_tier (id, scheme_id, basis, min, value_type, value)"
        " VALUES (gen_random_uuid(), %s, 'volume', 0, 'percent', 10)",
        scheme.pk,
    )
    tier = scheme.tiers.get()
    assert (tier.company, tier.product_version, tier.max) == (company, version, None)


@pytest.mark.requirement("A.4-05", "A.2.2-commission_scheme-04", "2.1-commission-08")
@pytest.mark.parametrize(
    ("split", "valid"),
    [
        ('{"company": 0.999999}', True),
        ('{"company": 0.6, "commercial": 0.300001, "manager": 0.1}', True),
        ('{"company": 0.99999}', False),
        ('{"company": 1.000001}', False),
        ('{"company": 0.5, "vrp": 0.5}', False),
        ('{"company": -0.5, "manager": 1.5}', False),
        ('{"company": "1"}', False),
        ("{}", False),
        ("[1]", False),
        ("1", False),
        ("null", False),
    ],
)
def test_the_database_checks_the_split(version, split, valid):
    if valid:
        insert(version, split)
        return
    with pytest.raises(IntegrityError, match="commission_scheme_split"):
        insert(version, split)


@pytest.mark.requirement("2.1-commission-01")
def test_two_schemes_of_one_scope_are_refused(version, company):
    partner = PartnerFactory(company=company)
    axes = {"channel": "web", "seller_id": company.pk, "partner_id": partner.pk}
    insert(version, **axes, valid_to=date(2026, 1, 1))
    insert(version, **axes, valid_from=date(2026, 1, 1))
    insert(version, **axes, direction="inbound")
    insert(version, **axes, applies_to="new")
    insert(version)
    for other in (axes | {"valid_from": date(2025, 12, 31)}, {}):
        with pytest.raises(IntegrityError, match="commission_scheme_no_tie"):
            insert(version, **other)
    twin = SchemeFactory.build(product_version=version, company=company)
    with pytest.raises(ValidationError, match="exactement la même portée"):
        twin.full_clean()


@pytest.mark.requirement(
    "A.2.2-commission_scheme-03", "2.1-commission-07", "2.1-commission-05", "2.1-commission-06"
)
@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"settlement": "jamais"}, "settlement"),
        ({"mode": "autre"}, "mode"),
        ({"min_amount": Decimal(10), "max_amount": Decimal(5)}, "__all__"),
        ({"min_amount": Decimal(-1)}, "min_amount"),
        ({"malus": Decimal(-1)}, "malus"),
        ({"offset_day": 32}, "__all__"),
        ({"advance_months": 12}, "__all__"),
        ({"advance_months": 12, "advance_percent": Decimal(101)}, "__all__"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
        ({"split": {"company": Decimal("0.5")}}, "split"),
    ],
    ids=str,
)
def test_a_form_says_in_french_what_the_database_refuses(version, company, fields, where):
    scheme = SchemeFactory.build(product_version=version, company=company, **fields)
    with pytest.raises(ValidationError) as refused:
        scheme.full_clean()
    assert set(refused.value.message_dict) == {where}
    if where == "settlement" or where == "mode":
        return  # a closed list is the form's, the database keeps the text
    with pytest.raises((IntegrityError,)), transaction.atomic():
        scheme.save()


@pytest.mark.requirement("2.1-partner-07")
def test_a_partner_is_open_to_the_scheme_s_company(version, company, other_company):
    closed = PartnerFactory(company=other_company)
    scheme = SchemeFactory.build(product_version=version, company=company, partner=closed)
    with pytest.raises(ValidationError) as refused:
        scheme.full_clean()
    assert set(refused.value.message_dict) == {"partner"}
    PartnerActivationFactory(partner=closed, company=company)
    opened = Partner.objects.get(pk=closed.pk)
    SchemeFactory.build(product_version=version, company=company, partner=opened).full_clean()


def test_a_plan_is_of_the_same_version_even_in_sql(version, company):
    foreign = PlanFactory(product_version=VersionFactory(product=version.product, version=2))
    scheme = SchemeFactory.build(product_version=version, company=company, plan=foreign)
    with pytest.raises(ValidationError, match="autre version"):
        scheme.full_clean()
    with pytest.raises(IntegrityError, match="owner_fk"):
        run("SET CONSTRAINTS ALL IMMEDIATE; " + INSERT_PLAN, version.pk, foreign.pk)


INSERT_PLAN = (
    "INSERT INTO commission_scheme (id, product_version_id, plan_id, settlement, split)"
    " VALUES (gen_random_uuid(), %s, %s, 'upfront', '{\"company\": 1}')"
)


@pytest.mark.requirement(
    "A.2.2-commission_tier-01", "A.2.2-commission_tier-02", "A.2.2-commission_tier-03"
)
@pytest.mark.parametrize(
    ("fields", "where", "constraint"),
    [
        ({"min": Decimal(5), "max": Decimal(5)}, "max", "max_above_min"),
        ({"min": Decimal(5), "max": Decimal(4)}, "max", "max_above_min"),
        ({"min": Decimal(-1)}, "__all__", "not_negative"),
        ({"value": Decimal(-1)}, "__all__", "not_negative"),
        ({"month_from": 3, "month_to": 2}, "__all__", "months"),
        ({"month_to": 2}, "__all__", "months"),
        ({"min": Decimal(50)}, "__all__", "no_overlap"),
        ({"basis": "ventes"}, "basis", ""),
        ({"value_type": "taux"}, "value_type", ""),
        ({"value": Decimal("1234567.1")}, "value", ""),
    ],
    ids=str,
)
def test_a_tier_is_checked_alone(version, fields, where, constraint):
    scheme = SchemeFactory(product_version=version)
    first = TierFactory(scheme=scheme, max=Decimal(99))
    base = {"min": Decimal(100), "company": scheme.company, "product_version": version}
    tier = TierFactory.build(scheme=scheme, **{**base, **fields})
    with pytest.raises(ValidationError) as refused:
        tier.full_clean()
    assert set(refused.value.message_dict) == {where}
    if constraint:
        refused = pytest.raises(IntegrityError, match=f"commission_tier_{constraint}")
        with refused, transaction.atomic():
            tier.save()
            run("SET CONSTRAINTS ALL IMMEDIATE")
    first.delete()  # alone, it would end the grid


def release(version):
    version.state, version.released_at = "released", version.effective_from
    version.content_hash = content_hash(version)
    version.save()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE commission_scheme SET bonus = 1",
        "DELETE FROM commission_tier",
        "UPDATE commission_tier SET value = 99",
        "INSERT INTO commission_tier (id, scheme_id, basis, min, value_type, value)"
        " SELECT gen_random_uuid(), id, 'volume', 9, 'percent', 1 FROM commission_scheme",
        "INSERT INTO commission_scheme (id, product_version_id, settlement, split)"
        " SELECT gen_random_uuid(), id, 'upfront', '{\"company\": 1}' FROM product_version",
    ],
)
def test_a_released_version_keeps_its_schemes(version, sql):
    TierFactory(scheme__product_version=version)
    release(version)
    with pytest.raises(IntegrityError, match="frozen"):
        run(sql)


@pytest.mark.requirement("A.1.2-02")
def test_schemes_are_content_and_no_scheme_changes_no_hash(version, company):
    plan = PlanFactory(product_version=version, code="BASIC")
    before = content_hash(version)
    assert "commission_schemes" not in content_of(version)
    scheme = SchemeFactory(product_version=version, plan=plan, seller=company)
    TierFactory(scheme=scheme, value=Decimal("10.00"))
    (content,) = content_of(version)["commission_schemes"]
    assert (content["plan"], content["seller"]) == ("BASIC", company.code)
    assert content["tiers"] == [
        {"basis": "volume", "min": 0, "value_type": "percent", "value": Decimal(10)}
    ]
    assert str(scheme.pk) not in str(content)
    with_scheme = content_hash(version)
    CommissionTier.objects.update(value=Decimal(11))
    assert len({before, with_scheme, content_hash(version)}) == 3
    scheme.delete()
    assert content_hash(version) == before


def test_a_seller_reads_the_schemes_made_for_him_only(version, other_company):
    own = TierFactory(scheme__product_version=version, scheme__seller=other_company)
    TierFactory(scheme=SchemeFactory(product_version=version, direction="inbound"))
    with scoping.scope([other_company.pk]):
        assert list(CommissionScheme.objects.all()) == [own.scheme]
        assert list(CommissionTier.objects.all()) == [own]
        assert [row.id for row in CommissionScheme.history.all()] == [own.scheme.pk]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"split_key": "company"}, None),
        ({"auxiliary_account": "C1;"}, "Chiffres ou majuscules"),
        ({"employment": "employee", "tax_code": "FR20"}, "salarié"),
        ({"auxiliary_account": "V00001"}, "déjà"),
    ],
    ids=str,
)
def test_a_beneficiary_is_a_person_or_a_partner(company, fields, message):
    BeneficiaryFactory(company=company, auxiliary_account="V00001")
    row = BeneficiaryFactory.build(**{"company": company, "auxiliary_account": "V2", **fields})
    with pytest.raises(ValidationError, match=message):
        row.full_clean()


def test_a_beneficiary_s_partner_and_account_are_of_the_company(company, other_company, user_with):
    stranger = user_with(Role.SALES, other_company)
    row = BeneficiaryFactory.build(company=company, user=stranger)
    with pytest.raises(ValidationError, match="pas de rôle"):
        row.full_clean()
    row.user, row.partner = None, PartnerFactory(company=other_company)
    with scoping.scope([company.pk]), pytest.raises(ValidationError, match="n'existe pas"):
        row.full_clean()
    partner = PartnerFactory(company=company)
    with pytest.raises(IntegrityError, match="person_or_partner"), transaction.atomic():
        BeneficiaryFactory(company=company, partner=partner, user=UserFactory())
    assert not Beneficiary.objects.exists()


@pytest.mark.requirement("A.6-05")
def test_tiers_are_found_by_scheme_and_bound():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'commission_tier'")
        found = [row[0] for row in cursor.fetchall()]
    assert any(text.endswith("USING btree (scheme_id, min)") for text in found)
