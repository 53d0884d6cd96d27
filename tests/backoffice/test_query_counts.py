"""Lists of the back-office ask as much of the database for 2 rows as for 20."""

from itertools import count

import pytest
from django.urls import reverse

from tests.factories import (
    BeneficiaryFactory,
    BrandFactory,
    CompanyFactory,
    CqRuleFactory,
    CredentialFactory,
    DocumentFactory,
    EndpointFactory,
    ExternalMappingFactory,
    MappingFactory,
    MembershipFactory,
    NegotiatedPriceFactory,
    PartnerActivationFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    RiskFactory,
    TierFactory,
    UserFactory,
    VersionFactory,
    WebhookEventFactory,
)
from tests.support.ledger import book
from tests.support.query_counts import check_query_count
from tests.support.world import (
    make_grid,
    make_import,
    make_notification,
    make_run,
    make_trail,
)
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Membership

pytestmark = pytest.mark.usefixtures("everything")


def product(company):
    partner = PartnerFactory(company=company)
    brand = BrandFactory(company=company)
    return ProductFactory(company=company, partner=partner, brand=brand)


def version(company):
    return VersionFactory(product=product(company))


def logged(company):
    """Make rows that only others name: their product, version, plan or partner."""
    row = version(company)
    MappingFactory(product_version=row)
    PublicationFactory(product_version=row)
    ExternalMappingFactory(product=row.product, plan=None)
    PartnerActivationFactory(partner=row.product.partner)
    TierFactory(scheme__product_version=row)
    user(company)


def user(company):
    made = UserFactory()
    for role in (Role.SALES, Role.AUDITOR):
        MembershipFactory(user=made, company=company, role=role)
    return made


def token(company):
    ApiToken.draw(user=user(company), name="essai")[0].save()


def told(company):
    """Tell the administrator who reads the lists."""
    reader = Membership.objects.filter(company=None).latest("created_at")
    make_notification(company, reader.user)


REVISIONS = count(1)


def run(company):
    return make_run(company, revision=next(REVISIONS))


def grid(company):
    return make_grid(company, revision=next(REVISIONS))


ROWS = {
    "core_company": lambda company: CompanyFactory(),
    "core_brand": lambda company: BrandFactory(company=company),
    "core_user": user,
    "core_apitoken": token,
    "core_auditentry": logged,
    "core_audittrail": lambda company: make_trail(company, month=f"{1900 + next(REVISIONS)}-01"),
    "core_job": run,
    "core_importrun": make_import,
    "core_notification": told,
    "partners_partner": lambda company: PartnerActivationFactory(
        partner=PartnerFactory(company=company)
    ),
    "partners_partnercredential": lambda company: CredentialFactory(partner__company=company),
    "catalog_risk": lambda company: RiskFactory(company=company),
    "catalog_product": product,
    "catalog_productversion": version,
    "catalog_negotiatedprice": lambda company: NegotiatedPriceFactory(product=product(company)),
    "catalog_promotion": lambda company: PromotionFactory(
        company=company, product=product(company)
    ),
    "catalog_publication": lambda company: PublicationFactory(product_version=version(company)),
    "catalog_cqrule": lambda company: CqRuleFactory(product_version=version(company)),
    "catalog_externalmapping": lambda company: ExternalMappingFactory(
        product=product(company), plan=None
    ),
    "integrations_webhookendpoint": lambda company: EndpointFactory(partner__company=company),
    "integrations_webhookevent": lambda company: WebhookEventFactory(
        endpoint__partner__company=company
    ),
    "documents_productdocument": lambda company: DocumentFactory(product_version=version(company)),
    "commissions_commissionscheme": lambda company: TierFactory(
        scheme__product_version=version(company)
    ),
    "commissions_beneficiary": lambda company: BeneficiaryFactory(company=company),
    "accounting_accountingmapping": lambda company: MappingFactory(
        product_version=version(company)
    ),
    "accounting_operation": lambda company: book(company, credit=1),
    "accounting_entry": lambda company: book(company, credit=1),
    "accounting_exportrun": run,
    "accounting_pricegridexport": grid,
}


@pytest.mark.parametrize("page", ROWS)
def test_a_list_asks_as_much_for_two_rows_as_for_twenty(page, company, user_with, browser_as):
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    address = reverse(f"admin:{page}_changelist")
    browser.get(address)  # what is read once per process is not the list's

    def add_rows(number):
        for _ in range(number):
            ROWS[page](company)

    def call():
        assert browser.get(address).status_code == 200

    if page == "core_auditentry":
        add_rows(4)  # a full page: what it names is of as many tables each time
    check_query_count(f"admin {page}", call, add_rows)


def test_a_checklist_asks_as_much_for_many_prices_as_for_few(company, browser_as, user_with):
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    row = version(company)
    page = reverse("admin:catalog_productversion_checklist", args=[row.pk])

    def add_rows(number):
        for _ in range(number):
            PricingRuleFactory(product_version=row, plan=PlanFactory(product_version=row))

    check_query_count("admin checklist", lambda: client.get(page), add_rows)
