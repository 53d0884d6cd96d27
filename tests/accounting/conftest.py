"""A company that sells, with its accounts, and the accountant who tells its operations."""

import pytest

from accounting.choices import Nature
from tests.factories import MappingFactory, PartnerFactory, make_accounts
from tests.support.offers import make_released
from winvest.core.domain.roles import Role


@pytest.fixture
def ledger(company, everything):
    """Action Prévoyance with its default accounts."""
    make_accounts(company)
    return company


@pytest.fixture
def accountant(user_with, ledger):
    """The accountant of that company."""
    return user_with(Role.ACCOUNTING, ledger)


@pytest.fixture
def box(ledger):
    """A product of its own at 29.90 including 20 % VAT, mapped to 706100."""
    version = make_released(company=ledger, sku="AP-BOX-001", plans={"BOX": "29.90"})
    MappingFactory(product_version=version, cost_center="TV")
    return version


@pytest.fixture
def insurance(ledger):
    """A partner's insurance that brings a commission, mapped to 756200, without VAT."""
    partner = PartnerFactory(company=ledger, name="OggoData", export_label="Oggodata")
    version = make_released(
        company=ledger, sku="AP-SANTE-001", plans={}, revenue_model="commission", partner=partner
    )
    MappingFactory(
        product_version=version, nature=Nature.COMMISSION, gl_account="756200", tax_code=None
    )
    return version


@pytest.fixture
def mixed(ledger):
    """A telecom partner's product that is sold by us and brings a commission with VAT."""
    partner = PartnerFactory(company=ledger, name="Télécom", is_insurance=False)
    version = make_released(
        company=ledger,
        sku="AP-MIXTE-001",
        plans={"DUO": "29.90"},
        revenue_model="mixed",
        partner=partner,
    )
    MappingFactory(product_version=version)
    MappingFactory(product_version=version, nature=Nature.COMMISSION, gl_account="756200")
    return version


@pytest.fixture
def body(ledger):
    """Return a function that makes the body of an operation."""

    def make(external_id="V-1", kind="sale", **fields):
        told = {
            "source": "contracts",
            "external_id": external_id,
            "kind": kind,
            "company_id": str(ledger.pk),
            "occurred_at": "2025-10-01T09:00:00+02:00",
            "amount": "29.90",
        }
        if kind == "sale":
            told |= {"sku": "AP-BOX-001", "plan": "BOX", "channel": "web"}
        return told | fields

    return make
