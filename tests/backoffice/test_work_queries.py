"""« Mes tâches » and the wizard ask as much for two rows as for twenty (`architecture.md` §4)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.choices import LifecycleStatus, VersionState, WizardStep
from catalog.models import Risk
from catalog.services.lifecycle import move_product
from tests.factories import (
    DocumentFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    SchemeFactory,
    TierFactory,
    VersionFactory,
    WizardDraftFactory,
)
from tests.support.query_counts import check_query_count
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def priced(version):
    PricingRuleFactory(plan=PlanFactory(product_version=version))


# What adds a row to each step.
ROWS = {
    WizardStep.GENERAL: lambda version: VersionFactory(product__company=version.company),
    WizardStep.PRICING: priced,
    WizardStep.COMMISSIONS: lambda version: TierFactory(
        scheme=SchemeFactory(product_version=version, plan=PlanFactory(product_version=version))
    ),
    WizardStep.DOCUMENTS: lambda version: DocumentFactory(product_version=version),
    WizardStep.PUBLICATION: lambda version: (
        priced(version),
        DocumentFactory(product_version=version, mandatory=True),
    ),
}


@pytest.mark.requirement("E.2.3-06")
@pytest.mark.parametrize("step", WizardStep)
def test_a_step_asks_as_much_for_two_rows_as_for_twenty(step, company, user_with, browser_as):
    version = VersionFactory(product=ProductFactory(company=company, lifecycle_status="draft"))
    manager = user_with(Role.CATALOG_MANAGER, company)
    draft = WizardDraftFactory(user=manager, product_version=version, step="publication")
    browser = browser_as(manager)
    address = reverse("wizard-step", args=[draft.pk, step.value])

    def add_rows(number):
        for _ in range(number):
            ROWS[step](version)

    add_rows(1)
    check_query_count(f"wizard {step.value}", lambda: browser.get(address), add_rows)
    assert browser.get(address).status_code == 200


def test_the_drafts_of_the_wizard_ask_as_much_for_two_as_for_twenty(company, user_with, browser_as):
    manager = user_with(Role.CATALOG_MANAGER, company)
    browser = browser_as(manager)

    def add_rows(number):
        for _ in range(number):
            WizardDraftFactory(user=manager, product_version__product__company=company)

    check_query_count("wizard drafts", lambda: browser.get(reverse("wizard")), add_rows)
    assert "wizard-drafts" in browser.get(reverse("wizard")).text


def test_a_month_asks_as_much_for_two_plans_as_for_twenty(company, user_with, browser_as):
    manager = user_with(Role.CATALOG_MANAGER, company)
    browser = browser_as(manager)
    later = now() + timedelta(days=1)

    def add_rows(number):
        for _ in range(number):
            version = VersionFactory(product__company=company, effective_from=later)
            PublicationFactory(product_version=version, company=company, start_at=later)
            move_product(
                actor=manager,
                product=version.product,
                to=LifecycleStatus.FROZEN,
                at=later,
                reason="Essai",
            )

    address = reverse("my-calendar")
    check_query_count("admin my-calendar", lambda: browser.get(address), add_rows)
    assert "Gel" in browser.get(address).text


def test_missing_documents_ask_as_much_for_two_products_as_for_twenty(
    company, user_with, browser_as
):
    browser = browser_as(user_with(Role.LEGAL, company))
    health = Risk.objects.get(code="SANTE", is_global=True)
    address = reverse("dashboard-figures", args=["manquants"])
    partner = PartnerFactory(company=company)

    def add_rows(number):
        for _ in range(number):
            VersionFactory(
                product=ProductFactory(company=company, risk=health, partner=partner),
                state=VersionState.IN_REVIEW,
                submitted_at=now(),
            )

    check_query_count("admin missing documents", lambda: browser.get(address), add_rows)
    assert "tile-label" in browser.get(address).text
