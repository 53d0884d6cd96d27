"""The catalogue in three panes: risks, partners, products (§3.7, E.2.1)."""

import re

import pytest
from django.urls import reverse

from catalog.models import Risk
from tests.factories import ExternalMappingFactory, PartnerFactory, ProductFactory, UserFactory
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
PANES = {"HX-Request": "true", "HX-Target": "panes"}


def shown(client, query="", **headers):
    answer = client.get(f"{reverse('catalogue')}{query}", headers=headers or PANES)
    assert answer.status_code == 200
    return answer.content.decode()


def names(page):
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)<', page)


def lines(page, pane):
    """Return the labels and the counts of a pane."""
    (nav,) = re.findall(rf'<nav class="pane" aria-label="{pane}">(.*?)</nav>', page, re.DOTALL)
    found = re.findall(
        r'pane-label">(.*?)</span>\s*<span class="pane-count">(.*?)</span>\s*</a>', nav, re.DOTALL
    )
    return {
        " ".join(re.sub(r"<[^>]+>", " ", label).split()): " ".join(
            re.sub(r"<[^>]+>", " ", count).split()
        )
        for label, count in found
    }


@pytest.fixture
def catalogue(company, other_company):
    """Make three products of two families, one of a partner linked by API; another company's too."""
    health = Risk.objects.get(code="SANTE", is_global=True)
    telecom = Risk.objects.get(code="TELECOM", is_global=True)
    partner = PartnerFactory(company=company, name="Écho")
    linked = ProductFactory(
        company=company, name="Énergie", sku="A-1", risk=health, partner=partner
    )
    ExternalMappingFactory(product=linked, integration_status="api")
    ProductFactory(company=company, name="Dentaire", sku="A-2", risk=health)
    ProductFactory(company=company, name="Fibre", sku="A-3", risk=telecom)
    ProductFactory(company=other_company, name="Secret", sku="Z-1", risk=health)
    return {"health": health, "telecom": telecom, "partner": partner}


@pytest.mark.requirement("3.7-01", "3.7-02", "E.2.1-01", "E.2.1-03", "E.2.1-05")
def test_choosing_on_the_left_narrows_on_the_right(catalogue, browser_as, user_with, company):
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    whole = shown(client)
    assert names(whole) == ["Dentaire", "Énergie", "Fibre"]  # É with E
    assert lines(whole, "Risques") == {"Santé": "2", "Télécom": "1"}
    assert lines(whole, "Partenaires") == {"Interne": "2", "Écho Intégré API": "1"}
    assert "Secret" not in whole
    health = f"?risk={catalogue['health'].pk}"
    found = shown(client, health)
    assert names(found) == ["Dentaire", "Énergie"]
    assert lines(found, "Partenaires") == {"Interne": "1", "Écho Intégré API": "1"}
    # The pane on the left is not narrowed by what is chosen on its right.
    found = shown(client, f"{health}&partner={catalogue['partner'].pk}")
    assert names(found) == ["Énergie"]
    assert lines(found, "Risques") == {"Santé": "2", "Télécom": "1"}
    assert names(shown(client, "?partner=internal")) == ["Dentaire", "Fibre"]
    assert names(shown(client, "?search=energie")) == ["Énergie"]
    assert names(shown(client, "?status=frozen&search=energie")) == []
    assert "Aucun produit ne répond" in shown(client, "?status=frozen")
    # An address that means nothing is one that says nothing.
    assert names(shown(client, "?risk=x&status=y&company=z&cursor=!")) == names(whole)


@pytest.mark.requirement("3.7-04", "3.7-05", "E.2.1-07")
def test_a_seller_sees_what_is_on_sale_and_adds_nothing(
    catalogue, browser_as, user_with, company, other_company
):
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    seller = browser_as(user_with(Role.SALES, company))
    page = shown(seller)
    assert names(page) == ["Box"]
    assert "/add/" not in page
    manager = shown(
        browser_as(user_with(Role.CATALOG_MANAGER, company)), f"?risk={catalogue['health'].pk}"
    )
    add = reverse("admin:catalog_product_add")
    assert f'href="{add}?risk={catalogue["health"].pk}"' in manager
    for model in ("catalog_risk", "partners_partner"):
        assert f'href="{reverse(f"admin:{model}_add")}"' in manager
    assert names(shown(browser_as(user_with(Role.SALES, other_company)))) == []
    assert browser_as(UserFactory()).get(reverse("catalogue")).status_code == 403


@pytest.mark.requirement("3.7-01")
def test_more_rows_follow_each_once(browser_as, user_with, company):
    for number in range(120):
        ProductFactory(company=company, name=f"Produit {number:03}", sku=f"P-{number:03}")
    client = browser_as(user_with(Role.AUDITOR, company))
    page = shown(client)
    found = names(page)
    assert len(found) == 50
    while more := re.search(r'hx-get="([^"]+cursor=[^"]+)"', page):
        address = more[1].replace("&amp;", "&").removeprefix(reverse("catalogue"))
        page = shown(client, address, **{"HX-Request": "true", "HX-Target": "more"})
        assert "<nav" not in page
        found += names(page)
    assert found == [f"Produit {number:03}" for number in range(120)]


@pytest.mark.requirement("3.7-08", "E.2.1-07")
def test_what_is_shown_leaves_as_a_file_for_whoever_sees_it_whole(
    catalogue, browser_as, user_with, company
):
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    query = f"?risk={catalogue['health'].pk}&partner=internal&search=dentaire"
    page = shown(manager, query)
    (address,) = re.findall(r'href="([^"]+)">\s*Exporter', page)
    answer = manager.post(address.replace("&amp;", "&"), {"format": "0", "resource": "0"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert ("A-2" in content, "A-1" in content, "A-3" in content) == (True, False, False)
    make_released(company=company, sku="A-9", plans={"A": "10"}, name="Box")
    assert "Exporter" not in shown(browser_as(user_with(Role.SALES, company)))
