"""Forms of two people at once, plain texts where a page is closed, first values in histories."""

import pytest
from django.urls import reverse

from catalog.models import ProductPlan
from tests.factories import BrandFactory, PlanFactory, ProductFactory
from tests.support.forms import form_of
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Brand, VatRate

STALE = "modifié cette fiche depuis que vous l&#x27;avez ouverte"


@pytest.mark.requirement("3.8-07")
def test_the_second_of_two_people_is_told_and_loses_nothing(company, user_with, browser_as):
    with scoping.everything():
        brand = BrandFactory(company=company, name="Départ")
    page = reverse("admin:core_brand_change", args=[brand.pk])
    first, second = (browser_as(user_with(Role.GROUP_ADMIN)) for _ in range(2))
    opened = [form_of(browser.get(page)) for browser in (first, second)]
    assert first.post(page, opened[0] | {"name": "Premier"}).status_code == 302

    refused = second.post(page, opened[1] | {"name": "Second"})
    assert refused.status_code == 200
    assert STALE in refused.text
    assert 'value="Second"' in refused.text
    with scoping.everything():
        assert Brand.objects.get(pk=brand.pk).name == "Premier"

    again = form_of(refused) | {"name": "Second"}
    assert second.post(page, again).status_code == 302
    with scoping.everything():
        assert Brand.objects.get(pk=brand.pk).name == "Second"


@pytest.mark.requirement("3.8-07")
def test_a_row_inside_the_page_tells_whoever_has_it_open(company, user_with, browser_as):
    with scoping.everything():
        plan = PlanFactory(product_version__product__company=company, name="Départ")
    version = plan.product_version
    page = reverse("admin:catalog_productversion_change", args=[version.pk])
    first, second = (browser_as(user_with(Role.CATALOG_MANAGER, company)) for _ in range(2))
    opened = [form_of(browser.get(page)) for browser in (first, second)]
    assert first.post(page, opened[0] | {"plans-0-name": "Premier"}).status_code == 302
    refused = second.post(page, opened[1] | {"plans-0-name": "Second"})
    assert STALE in refused.text
    with scoping.everything():
        assert ProductPlan.objects.get().name == "Premier"
        assert version.history.count() == 1
    # The journal tells the plan's change; the version's date is hidden with the routine.
    journal = browser_as(user_with(Role.AUDITOR, company))
    told = journal.get("/core/auditentry/", {"action__exact": "update", "q": ""}).text
    assert "Dernière modification" in told
    told = journal.get("/core/auditentry/").text
    assert "Dernière modification" not in told
    assert "Premier" in told


@pytest.mark.requirement("3.8-07")
def test_a_form_sent_as_it_was_shown_writes_nothing(company, user_with, browser_as):
    with scoping.everything():
        brand = BrandFactory(company=company)
    page = reverse("admin:core_brand_change", args=[brand.pk])
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    assert browser.post(page, form_of(browser.get(page))).status_code == 302
    with scoping.everything():
        assert brand.history.count() == 1
        assert not AuditEntry.objects.filter(record_id=brand.pk, action="update").exists()


def test_a_form_of_one_person_is_saved_twice_in_a_row(company, user_with, browser_as):
    with scoping.everything():
        brand = BrandFactory(company=company)
    page = reverse("admin:core_brand_change", args=[brand.pk])
    browser = browser_as(user_with(Role.GROUP_ADMIN))
    for name in ("Un", "Deux"):
        assert browser.post(page, form_of(browser.get(page)) | {"name": name}).status_code == 302


@pytest.mark.requirement("1-20")
def test_no_link_leads_to_a_page_that_the_reader_may_not_open(company, user_with, browser_as):
    admin = user_with(Role.GROUP_ADMIN)
    with scoping.everything():
        product = ProductFactory(company=company, created_by=admin)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    for role, linked in ((Role.AUDITOR, True), (Role.SALES, False)):
        browser = browser_as(user_with(role, company))
        text = browser.get(page).text
        if role is Role.AUDITOR:
            assert admin.name in text
        links = [
            reverse("admin:core_company_change", args=[company.pk]),
            reverse("admin:core_user_change", args=[admin.pk]),
        ]
        found = [link for link in links if f'href="{link}"' in text]
        assert found == (links[:1] if linked else [])
        for link in found:
            assert browser.get(link).status_code == 200


@pytest.mark.requirement("3.8-07", "1-23")
def test_the_history_shows_the_first_values(company, user_with, browser_as):
    with scoping.everything():
        product = ProductFactory(company=company, name="Premier nom")
        product.name = "Second nom"
        product.save()
    page = reverse("admin:catalog_product_history", args=[product.pk])
    text = browser_as(user_with(Role.AUDITOR, company)).get(page).text
    assert "<del>Premier nom</del>" in text
    assert "<ins>Premier nom</ins>" in text
    assert f"<ins>{product.risk.label}</ins>" in text
    assert "<ins>CA interne</ins>" in text


@pytest.mark.requirement("A.2.2-product-03")
@pytest.mark.parametrize("sent", ["-1", "a\x00", "9" * 400])
def test_a_text_that_is_no_key_is_refused_in_its_box(sent, company, user_with, browser_as):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    page = reverse("admin:catalog_product_add")
    filled = form_of(browser.get(page)) | {"name": "Essai"}
    for name in ("risk", "partner", "brand"):
        refused = browser.post(page, filled | {name: sent})
        assert refused.status_code == 200
        assert name in refused.context["adminform"].form.errors
        assert 'value="Essai"' in refused.text


@pytest.mark.requirement("1-22")
def test_a_first_day_that_is_only_read_is_written_as_people_do(company, user_with, browser_as):
    rate = VatRate.objects.get(code="FR20", valid_from="2014-01-01")
    auditor = browser_as(user_with(Role.AUDITOR, company))
    page = auditor.get(reverse("admin:core_vatrate_change", args=[rate.pk])).text
    assert "1er janvier 2014" in page
    assert "1 janvier" not in page
