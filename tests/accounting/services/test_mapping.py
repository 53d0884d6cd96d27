"""Validating a mapping: account, VAT code, and the operations that waited for it (C.6)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounting.choices import MappingState, Nature
from accounting.models import AccountingMapping, Operation
from accounting.services.mapping import validate_mapping
from accounting.services.operations import post_operations
from catalog.models import PricingRule
from tests.factories import (
    BillingFactory,
    CompanyAccountFactory,
    MappingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    VersionFactory,
)
from tests.support.offers import make_released
from winvest.core.domain.roles import Role
from winvest.core.errors import Forbidden
from winvest.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(ledger):
    """A product at 29.90 with FR20, not mapped yet."""
    return make_released(company=ledger, sku="AP-BOX-001", plans={"BOX": "29.90"})


def draft(version, **fields):
    """Return a mapping that waits for its validation."""
    return MappingFactory(
        product_version=version,
        **{"state": MappingState.TO_VALIDATE, "validated_at": None, **fields},
    )


def validate(actor, mapping):
    """Validate, and return the codes of the reasons against it."""
    codes = [reason.code for reason in validate_mapping(actor=actor, mapping=mapping)]
    mapping.refresh_from_db()
    return codes


@pytest.mark.requirement("3.6-01")
@pytest.mark.requirement("C.6-02")
def test_it_is_dated_signed_and_books_what_waited(accountant, version, body):
    post_operations(actor=accountant, bodies=[body("V-1"), body("V-2")])
    assert Operation.objects.filter(state="parked").count() == 2
    mapping = draft(version)
    assert validate(accountant, mapping) == []
    assert (mapping.state, mapping.validated_by) == (MappingState.VALIDATED, accountant)
    assert mapping.validated_at is not None
    assert Operation.objects.filter(state="booked").count() == 2
    last = AuditEntry.objects.filter(record_id=mapping.pk).latest("at")
    assert (last.actor_id, last.after["state"]) == (accountant.pk, "validated")


@pytest.mark.requirement("3.6-13", "3.6-01")
@pytest.mark.parametrize(
    ("code", "problems"), [("FR20", []), ("FR10", ["accounting.tax_code_mismatch"])]
)
def test_the_initial_fees_have_the_rate_of_the_account_that_books_them(
    accountant, ledger, code, problems
):
    version = VersionFactory(product=ProductFactory(company=ledger))
    PricingRuleFactory(plan=PlanFactory(product_version=version), tax_code="FR20")
    BillingFactory(product_version=version, fee_amount=Decimal(5), fee_tax_code=code)
    assert validate(accountant, draft(version)) == problems


def test_a_second_validation_changes_nothing(accountant, version):
    mapping = draft(version)
    validate(accountant, mapping)
    first = mapping.validated_at
    assert validate(accountant, mapping) == []
    assert mapping.validated_at == first


@pytest.mark.requirement("2.2-05", "2.2-06", "2.2-07", "2.2-08")
@pytest.mark.parametrize(
    ("nature", "account"),
    [
        (Nature.REVENUE, "401000"),
        (Nature.REVENUE, "606100"),
        (Nature.COMMISSION, "706100"),
        (Nature.FEE, "706100"),
        (Nature.TAX, "706100"),
    ],
)
def test_the_database_refuses_the_account_of_another_nature(version, company, nature, account):
    with (
        pytest.raises(IntegrityError, match="accounting_mapping_account_prefix"),
        transaction.atomic(),
    ):
        draft(version, nature=nature, gl_account=account)
    purpose = "vat_collected" if nature == Nature.TAX else nature
    with pytest.raises(IntegrityError, match="company_account_prefix"), transaction.atomic():
        CompanyAccountFactory(company=company, purpose=purpose, account=account)


@pytest.mark.requirement("A.2.2-accounting_mapping-05", "A.4-01")
def test_a_nature_has_one_account_in_force_and_one_that_waits(version, other_company):
    MappingFactory(product_version=version)
    draft(version)
    for state, rule in (
        ({}, "accounting_mapping_once"),
        ({"state": MappingState.TO_VALIDATE, "validated_at": None}, "accounting_mapping_one_waits"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            MappingFactory(product_version=version, **state)
    MappingFactory(product_version=version, nature=Nature.FEE, gl_account="627100")
    MappingFactory(product_version=version, company=other_company)


@pytest.mark.requirement("2.2-05", "2.2-07")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"gl_account": "7061"}, "accounting.account_length"),
        ({"nature": Nature.FEE, "gl_account": "62710"}, "accounting.account_length"),
        ({"tax_code": "FR99"}, "accounting.tax_code_unknown"),
        ({"tax_code": "FR10"}, "accounting.tax_code_mismatch"),
        (
            {"nature": Nature.COMMISSION, "gl_account": "756200", "tax_code": None},
            "accounting.tax_code_missing",
        ),
    ],
)
def test_what_is_wrong_sets_it_in_error(accountant, version, fields, code):
    mapping = draft(version, **fields)
    assert validate(accountant, mapping) == [code]
    assert mapping.state == MappingState.ERROR
    assert (mapping.validated_by, mapping.validated_at) == (None, None)


def test_every_reason_at_once_then_mended(accountant, version):
    mapping = draft(version, gl_account="7061A", tax_code="FR99")
    assert validate(accountant, mapping) == [
        "accounting.account_not_digits",
        "accounting.account_length",
        "accounting.tax_code_unknown",
    ]
    AccountingMapping.objects.filter(pk=mapping.pk).update(gl_account="706100", tax_code="FR20")
    assert validate(accountant, mapping) == []


@pytest.mark.requirement("F.4.2-02")
def test_an_insurance_commission_is_exempt(accountant, insurance):
    mapping = draft(insurance, nature=Nature.COMMISSION, gl_account="756200", tax_code="FR20")
    assert validate(accountant, mapping) == ["accounting.insurance_exempt"]


def test_the_code_is_compared_when_the_version_applies(accountant, ledger):
    """Energy bore 5.5 % until 1 August 2025: a version of today is compared at 20 %."""
    version = VersionFactory(
        product__company=ledger, effective_from=datetime(2099, 1, 1, tzinfo=UTC)
    )
    PricingRule.objects.create(
        company=ledger,
        product_version=version,
        type="fixed",
        payload={"amount": Decimal("19.90")},
        tax_code="FRENERGIE",
    )
    assert validate(accountant, draft(version, tax_code="FR20")) == []


@pytest.mark.requirement("3.8-04")
@pytest.mark.parametrize("role", [Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.AUDITOR])
def test_only_compta_validates(user_with, company, version, role):
    mapping = draft(version)
    with pytest.raises(Forbidden):
        validate_mapping(actor=user_with(role, company), mapping=mapping)
    mapping.refresh_from_db()
    assert mapping.state == MappingState.TO_VALIDATE
