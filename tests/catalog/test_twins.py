"""A product that looks like another is told, whoever types it, and refused to nobody (E.3-01)."""

import re
from html import unescape

import pytest
from django.urls import reverse

from catalog.models import Product
from tests.factories import ProductFactory, RiskFactory
from tests.support.calls import PRODUCTS, send
from tests.support.forms import form_of
from winvest.core.domain.roles import Role

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("everything"),
    pytest.mark.requirement("E.3-01"),
]
NEAR_CODE, NEAR_NAME = "product.near_code", "product.near_name"
# The code and the name that are typed, and what is told of the product that is there.
TYPED = {
    ("ap.box.001", "Tout autre"): [NEAR_CODE],
    ("APBOX001", "Tout autre"): [NEAR_CODE],
    ("AP-B0X-OO1", "Tout autre"): [NEAR_CODE],
    ("AP-BOX-00l", "Tout autre"): [NEAR_CODE],
    ("AP-OBX-001", "Tout autre"): [NEAR_CODE],
    ("AP-BX-001", "Tout autre"): [NEAR_CODE],
    ("AP-BOOX-001", "Tout autre"): [NEAR_CODE],
    ("AP-BOX-01", "Tout autre"): [NEAR_CODE],
    ("AP-BOX-0001", "Tout autre"): [NEAR_CODE],
    ("AP-BOX-002", "Tout autre"): [],
    ("AP-BOX-0011", "Tout autre"): [],
    ("AP-BAX-001", "Tout autre"): [],
    ("AUTRE", "Ofre TV"): [NEAR_NAME],
    ("AUTRE", "Offre TVs"): [NEAR_NAME],
    ("AUTRE", "OFFRE VT"): [NEAR_NAME],
    ("AUTRE", "Forfait 3"): [],
    ("AUTRE", "Forfait 20"): [],
    ("AUTRE", "Option B"): [],
    ("AUTRE", "Box Firbe Étudiants"): [NEAR_NAME],
    ("AUTRE", "box fibre etudiant"): [NEAR_NAME],
    ("AUTRE", "BOX FIBRE ÉTUDIANTS"): [NEAR_NAME],
    ("AUTRE", "Box fibre seniors"): [],
    ("AUTRE", "Étranger proche"): [],
    ("ETRANGER.001", "Tout autre"): [],
    ("", ""): [],
    ("%", "_"): [],
}


@pytest.fixture
def people(company, other_company, user_with):
    ProductFactory(company=company, sku="AP-BOX-001", name="Box Fibre Étudiants")
    for place, name in enumerate(("Offre TV", "Forfait 2", "Option A")):
        ProductFactory(company=company, sku=f"X{place}-COURT", name=name)
    ProductFactory(company=other_company, sku="ETRANGER-001", name="Étranger proche")
    return {role: user_with(role, company) for role in (Role.CATALOG_MANAGER, Role.SALES)}


def test_while_one_types(people, browser_as):
    address = reverse("admin:catalog_product_twins")
    browser = browser_as(people[Role.CATALOG_MANAGER])
    for (sku, name), told in TYPED.items():
        text = browser.get(address, {"sku": sku, "name": name}).text
        assert text.count('class="notice"') == len(told), (sku, name)
        assert ("code produit presque semblable" in text) == (NEAR_CODE in told), (sku, name)
        assert "Étranger" not in text
    # It leads to the product that is there.
    there = Product.objects.get(sku="AP-BOX-001")
    text = browser.get(address, {"sku": "APBOX001", "name": ""}).text
    assert f'href="{reverse("product-sheet", args=[there.pk])}"' in text
    same = browser.get(address, {"sku": " ap-box-001", "name": ""}).text
    assert "Ce code produit existe déjà : AP-BOX-001" in same
    odd = {"sku": "\x00" * 200, "name": "a\x00b' OR 1=1 --" + "x" * 5_000, "but": "x"}
    assert browser.get(address, odd).status_code == 200
    assert browser_as(people[Role.SALES]).get(address, odd).status_code == 403


def test_the_form_tells_it_and_saves(people, browser_as, company):
    browser = browser_as(people[Role.CATALOG_MANAGER])
    twin = ProductFactory(company=company, sku="AP.BOX.001", name="Autre")
    page = browser.get(reverse("admin:catalog_product_change", args=[twin.pk])).text
    assert "AP-BOX-001" in page
    twins = reverse("admin:catalog_product_twins")
    for box in ("sku", "name"):
        assert f'hx-get="{twins}?about={box}&amp;but={twin.pk}"' in page
    # A copy is a new product: nothing of its name is left out.
    copying = reverse("admin:catalog_product_duplicate", args=[twin.pk])
    for address in (reverse("admin:catalog_product_add"), copying):
        page = browser.get(address).text
        for box in ("sku", "name"):
            assert f'hx-get="{twins}?about={box}"' in page
        assert 'id="id_sku"' in page


def test_a_refused_form_tells_it_again_and_says_its_error_once(people, browser_as, company):
    browser = browser_as(people[Role.CATALOG_MANAGER])
    add, twins = (reverse(f"admin:catalog_product_{name}") for name in ("add", "twins"))
    asks = rf'hx-get="{twins}[^"]*"\s+hx-trigger="load, '
    assert not re.search(asks, browser.get(add).text)
    typed = form_of(browser.get(add)) | {"sku": "AP-BOX-001", "name": "Offre TV"}
    refused = browser.post(add, typed).text
    assert refused.count("Ce code produit existe déjà.") == 1
    assert len(re.findall(asks, refused)) == 2
    told = unescape(browser.get(twins, {"sku": "AP-BOX-001", "about": "sku"}).text)
    assert "Voir la fiche" in told
    # In another case the database refuses it alone.
    assert "Ce code produit existe déjà." in browser.post(add, typed | {"sku": "ap-box-001"}).text


def test_by_the_api(people, api, company):
    client = api(people[Role.CATALOG_MANAGER])
    body = {
        "company_id": str(company.pk),
        "risk_id": str(RiskFactory(company=company).pk),
        "revenue_model": "revenue",
    }
    for (sku, name), told in list(TYPED.items())[1:9]:
        new = body | {"sku": "LIBRE" if sku == "AUTRE" else sku, "name": name}
        status, made = send(client, "post", PRODUCTS, new)
        codes = [one["code"] for one in made["warnings"] if one["code"] != "sku.format"]
        assert (status, codes) == (201, told), new
        # Read, it warns of nothing: the reader has nothing to choose.
        address = f"{PRODUCTS}/{made['id']}"
        codes = [one["code"] for one in client.get(address).json()["warnings"]]
        assert codes == ["sku.format"]
        client.delete(address)
