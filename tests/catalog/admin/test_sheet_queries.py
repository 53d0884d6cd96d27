"""Each tab of the sheet asks as much for two rows as for twenty (`architecture.md` §4)."""

import pytest
from django.urls import reverse

from catalog.models import IndexValue
from tests.factories import (
    BillingFactory,
    CompanyFactory,
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    SchemeFactory,
    VersionFactory,
)
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
GRID = [{"min": 0, "max": 99, "amount": 10}, {"min": 100, "max": None, "amount": 9}]


def plans(version):
    plan = PlanFactory(product_version=version, parameters={"base": 1})
    PricingRuleFactory(plan=plan, type="tiered", tier_mode="slab", payload=GRID)
    formula = {"index": "cpi", "formula": "base * index"}
    PricingRuleFactory(
        plan=PlanFactory(product_version=version, parameters={"base": 1}),
        type="indexed",
        payload=formula,
    )
    PromotionFactory(company=version.company, product=version.product)


# What adds a row to each tab; the page itself has every version and every publication.
ROWS = {
    "page": lambda version: (
        VersionFactory(product=version.product, version=version.product.versions.count() + 1),
        PublicationFactory(product_version=version, company=CompanyFactory()),
    ),
    "description": lambda version: PublicationFactory(
        product_version=version, company=CompanyFactory()
    ),
    "tarification": plans,
    "commissions": lambda version: SchemeFactory(
        product_version=version, plan=PlanFactory(product_version=version)
    ),
    "documents": lambda version: DocumentFactory(product_version=version, mandatory=True),
    "parametres": lambda version: (
        BillingFactory(product_version=version, plan=PlanFactory(product_version=version)),
        MappingFactory(product_version=version, company=CompanyFactory()),
    ),
    "integrations": lambda version: ExternalMappingFactory(
        product=version.product,
        system=f"Système {version.product.external_mappings.count()}",
        plan=PlanFactory(product_version=version),
    ),
    "historique": lambda version: PlanFactory(product_version=version),
}


@pytest.mark.parametrize("tab", ROWS)
def test_a_tab_asks_as_much_for_two_rows_as_for_twenty(tab, company, user_with, browser_as):
    version = VersionFactory(product=ProductFactory(company=company))
    IndexValue.objects.create(index="cpi", valid_on="2026-01-01", value=100)
    if tab == "historique":  # as many kinds of rows on the page, whatever their number
        for _ in range(20):
            ROWS[tab](version)
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    address = reverse("product-sheet", args=[version.product_id])
    part = {} if tab == "page" else {"HX-Request": "true", "HX-Target": "sheet"}

    def add_rows(number):
        for _ in range(number):
            ROWS[tab](version)

    def call():
        answer = browser.get(address, {"onglet": tab, "version": 1}, headers=part)
        assert answer.status_code == 200

    add_rows(1)
    call()  # what is read once per process is not the tab's
    check_query_count(f"sheet {tab}", call, add_rows)
