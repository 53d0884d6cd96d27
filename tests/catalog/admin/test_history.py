"""What the history of a product tells: names as they were when it happened (§3.8, E.2.2-07)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from catalog.models import ProductVersion
from catalog.services.copies import duplicate_version
from tests.factories import (
    CompanyFactory,
    DocumentFactory,
    ExternalMappingFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PublicationFactory,
    SchemeFactory,
    VersionFactory,
)
from tests.support.offers import make_released
from tests.support.sheet import plain, read
from winvest.core.clock import now
from winvest.core.domain.roles import Role

NEXT = datetime(2027, 1, 1, 9, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("3.8-07", "1-23", "E.2.2-07")
def test_what_a_change_names_is_told_by_its_name_of_then(company, user_with, browser_as):
    partner = PartnerFactory(company=company, name="Oggo")
    product = ProductFactory(company=company, sku="AP-BOX-1", partner=partner)
    version = VersionFactory(product=product)
    plan = PlanFactory(product_version=version, code="BOX", name="Box")
    price = PricingRuleFactory(plan=plan)
    gone = PlanFactory(product_version=version, code="MINI", name="Mini")
    moved = PricingRuleFactory(plan=gone)
    seller = CompanyFactory(brand_name="Ancienne enseigne")
    PublicationFactory(product_version=version, company=seller)
    for row, name in ((plan, "Box Fibre"), (partner, "Oggo Groupe")):
        row.name = name
        row.save()
    seller.brand_name = "Nouvelle enseigne"
    seller.save()
    product.sku = "AP-BOX-2"
    product.save()
    price.payload = {"amount": Decimal("35")}
    price.save()
    moved.plan = plan
    moved.save()
    gone.delete()
    browser = browser_as(user_with(Role.GROUP_ADMIN))

    sheet = read(browser, product, onglet="historique", tout="1")
    told = sheet.partition("Derniers changements")[2]
    created, renamed = "Formule : BOX — Box ;", "Nom commercial : Box → Box Fibre"
    for text in (
        *(created, "Formule : MINI — Mini ;", "Formule : MINI — Mini → BOX — Box Fibre"),
        *("Partenaire : Oggo ;", "Publication Ancienne enseigne", "Version : AP-BOX-1 v1"),
    ):
        assert text in told, (text, told)
    for text in ("Oggo Groupe", "Nouvelle enseigne", "AP-BOX-2 v1"):
        assert text not in told, text
    page = reverse("admin:catalog_productversion_history", args=[version.pk])
    whole = plain(browser.get(page).text)
    assert "BOX — Box " in whole
    assert renamed.rpartition(" → ")[2] in whole


@pytest.mark.requirement("3.1-10", "E.2.2-07")
def test_a_history_leads_back_to_a_version_that_is_over(company, user_with, browser_as):
    first = make_released(company=company, sku="BOX-1", plans={"BASIC": "10"})
    manager = user_with(Role.CATALOG_MANAGER, company)
    second = duplicate_version(actor=manager, version=first, effective_from=NEXT)
    histories = [
        reverse("admin:catalog_product_history", args=[first.product_id]),
        reverse("admin:catalog_productversion_history", args=[first.pk]),
    ]
    back = f'href="{reverse("admin:catalog_productversion_roll_back", args=[first.pk])}"'
    browser, reader = browser_as(manager), browser_as(user_with(Role.AUDITOR, company))
    for page in histories:
        assert "Revenir à" not in browser.get(page).text
    ProductVersion.objects.filter(pk=first.pk).update(effective_to=NEXT)
    ProductVersion.objects.filter(pk=second.pk).update(
        state="released", released_at=NEXT, content_hash="sha256:test"
    )
    with time_machine.travel(NEXT, tick=False):
        browser, reader = browser_as(manager), browser_as(user_with(Role.AUDITOR, company))
        for page in histories:
            assert browser.get(page).text.count(back) == 1
            assert back not in reader.get(page).text
        other = reverse("admin:catalog_productversion_history", args=[second.pk])
        assert "Revenir à" not in browser.get(other).text


@pytest.mark.requirement("3.8-07", "E.2.2-07")
def test_what_was_deleted_tried_or_shared_is_told_on_the_sheet_and_in_the_whole_history(
    company, user_with, browser_as
):
    product = ProductFactory(company=company)
    version = VersionFactory(product=product)
    plan = PlanFactory(product_version=version, code="CONF", name="Confort")
    code = ExternalMappingFactory(product=product, system="OggoData")
    scheme = SchemeFactory(product_version=version, name="Réseau")
    DocumentFactory(product_version=version, title="Brochure")
    scheme.split = {"company": Decimal("0.7"), "manager": Decimal("0.3")}
    scheme.save()
    code.sandbox_passed_at, code.sandbox_passed_by = now(), user_with(Role.IT, company)
    code.save()
    plan.delete()
    code.save()  # it changes nothing: nobody is told
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    sheet = read(browser, product, onglet="historique", tout="1")
    told = sheet.partition("Derniers changements")[2]
    for words in (
        *("Formule CONF (v1)", "Nom : Confort", "Essai en sandbox réussi le : — →"),
        *("Société 70 %, Manager 30 %", "Barème de commission Réseau (v1)"),
    ):
        assert words in told, (words, told)
    assert "company :" not in told
    assert told.count("Code externe OggoData") == 2
    whole = plain(browser.get(reverse("admin:catalog_product_history", args=[product.pk])).text)
    for words in ("CONF", "Brochure", "Réseau", "Essai en sandbox réussi le"):
        assert words in whole, words
