"""Searching products: what is found, in which order, by whom, and on which pages."""

import pytest
from django.urls import reverse

from catalog.admin.product import ProductAdmin
from catalog.models import Product
from catalog.selectors import search
from tests.factories import (
    CompanyFactory,
    CqRuleFactory,
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    MembershipFactory,
    NegotiatedPriceFactory,
    PartnerFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    SchemeFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.demo import undone
from winvest.core import scoping
from winvest.core.domain.roles import Role

# One worker: the rows are made once.
pytestmark = [pytest.mark.xdist_group("search"), pytest.mark.requirement("3.7-02")]
PRODUCTS = "/api/catalog/products"
LIST = "admin:catalog_product_changelist"
NAMES = {
    "AP-SANTE-001": "Mutuelle santé Famille Confort",
    "AP-SANTE-002": "Garantie santé des Mutuelles",
    "AP-SANTE-003": "Assurances habitation de l'Œuvre sociale",
    "AP-ENER-001": "Offre à l’énergie — été",
    "FT-BOX-001": "Box Fibre Étudiants 5G",
    "FT-BOX-0012": "Fibre et Box Multi-écrans 24/7",
    "ETE-1": "Forfait mobile 100%",
    "VIDE": "De la",
}
CANARY = "CANARI"


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    """A company with the products above, and another with canaries that every search would find."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        company, other = CompanyFactory(code="AP"), CompanyFactory(code="MTV")
        for sku, name in NAMES.items():
            ProductFactory(company=company, sku=sku, name=name)
            ProductFactory(company=other, sku=f"{sku}-{CANARY}", name=f"{name} {CANARY}")
        ProductFactory(
            company=company,
            sku="OBS",
            name="Obsèques",
            short_name="Capital",
            carrier="AXA France",
            partner=PartnerFactory(company=company, name="Prévoyance du Léman"),
        )
        ProductFactory(
            company=other,
            sku=CANARY,
            name="Zygomorphe CANARI",
            carrier="Zygo Vie",
            partner=PartnerFactory(company=other, name="Léman Zygote"),
        )
        yield company


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(company, django_db_blocker):
    """Undo what each test writes."""
    with django_db_blocker.unblock(), undone():
        yield


@pytest.fixture
def manager(company):
    user = UserFactory()
    MembershipFactory(user=user, company=company, role=Role.CATALOG_MANAGER)
    return user


@pytest.fixture
def client(manager, api):
    return api(manager)


@pytest.fixture
def browser(manager, browser_as):
    return browser_as(manager)


def found(client, text, **more):
    answer = client.get(PRODUCTS, {"search": text, **more})
    assert answer.status_code == 200, answer.content
    assert CANARY not in answer.content.decode()
    return [row["sku"] for row in answer.json()["results"]]


def listed(browser, text):
    answer = browser.get(reverse(LIST), {"q": text})
    assert answer.status_code == 200
    assert CANARY not in answer.content.decode().replace(f"{text}", "")
    return [row.sku for row in answer.context_data["cl"].result_list]


# What is typed, and what is found, in this order.
SEARCHES = {
    # Accents, capitals, ligatures, apostrophes, hyphens.
    "mutuelle sante": ["AP-SANTE-001", "AP-SANTE-002"],
    "SANTÉ MUTUELLE": ["AP-SANTE-002", "AP-SANTE-001"],
    "œuvre": ["AP-SANTE-003"],
    "oeuvres": ["AP-SANTE-003"],
    "l'energie": ["AP-ENER-001"],
    "énergies": ["AP-ENER-001"],
    "ete": ["ETE-1", "AP-ENER-001"],
    "multi ecran": ["FT-BOX-0012"],
    "multi-écrans": ["FT-BOX-0012"],
    "24/7": ["FT-BOX-0012"],
    "100 %": ["ETE-1"],
    "5g": ["FT-BOX-001"],
    # Plurals and stop words.
    "mutuelles": ["AP-SANTE-002", "AP-SANTE-001"],
    "assurance habitations": ["AP-SANTE-003"],
    "les assurances de la": ["AP-SANTE-003"],
    "garantie pour la santé": ["AP-SANTE-002"],
    # The last word as it is typed, never another one.
    "assuranc": ["AP-SANTE-003"],
    "box fib": ["FT-BOX-001", "FT-BOX-0012"],
    "fibre box": ["FT-BOX-001", "FT-BOX-0012"],
    # The short name, and who carries the risk.
    "capital": ["OBS"],
    "axa": ["OBS"],
    # The partner's name, beside words of the product or alone.
    "leman": ["OBS"],
    "prevoyances lem": ["OBS"],
    "obsèques du léman": ["OBS"],
    "leman obs": ["OBS"],
    "zygote": [],
    # The code: from its start, whatever its case or its digits.
    "ft-box-001": ["FT-BOX-001", "FT-BOX-0012"],
    "ft-box": ["FT-BOX-001", "FT-BOX-0012"],
    "ｆｔ-ｂｏｘ-００１２": ["FT-BOX-0012"],
    "ap sante 002": ["AP-SANTE-002"],
    "Ap  Santé 00": ["AP-SANTE-003", "AP-SANTE-002", "AP-SANTE-001"],
    "ox-001": [],
    # Typing errors.
    "mutuele santé": ["AP-SANTE-001", "AP-SANTE-002"],
    "asurance habitatoin": ["AP-SANTE-003"],
    "bx fibre": ["FT-BOX-001", "FT-BOX-0012"],
    "forfiat": ["ETE-1"],
    "assurnace": ["AP-SANTE-003"],
    "mutulele confort": ["AP-SANTE-001"],
    "zygomrophe": [],
    "zygomorphe": [],
    "zygo vie": [],
    # Nothing but stop words, or no word at all.
    "de la": ["VIDE"],
    "%": [],
    "_": [],
    "'": [],
    "\\": [],
    "' OR 1=1 --": [],
    "🎉": [],
    "& | ! : *": [],
    "box:* & !fibre": ["FT-BOX-001", "FT-BOX-0012"],
    "box <-> (fibre": ["FT-BOX-001", "FT-BOX-0012"],
}


def test_what_is_found_and_in_which_order(client):
    assert {text: found(client, text) for text in SEARCHES} == SEARCHES


@pytest.mark.parametrize(
    "text",
    [
        "SANTÉ MUTUELLE",
        "ft-box-001",
        "ap sante 002",
        "leman obs",
        "mutuele santé",
        "box:* & !fibre",
    ],
)
def test_the_back_office_finds_the_same(browser, text):
    assert listed(browser, text) == SEARCHES[text]


def test_an_empty_search_keeps_everything(client, browser):
    assert len(found(client, "  ")) == len(listed(browser, " \x00 ")) == len(NAMES) + 1


def test_a_family_finds_its_products_and_those_of_the_ones_below(client, company, browser):
    with scoping.everything():
        pets = RiskFactory(company=company, label="Animaux de compagnie")
        dogs = RiskFactory(company=company, label="Chiens", parent=pets)
        partner = PartnerFactory(company=company, name="Vétérinaires réunis")
        ProductFactory(company=company, sku="NAC", name="Tortue sereine", risk=pets)
        ProductFactory(
            company=company, sku="CHIEN", name="Labrador vif", risk=dogs, partner=partner
        )
        other = CompanyFactory()
        ProductFactory(company=other, name=CANARY, risk=RiskFactory(company=other, label="Animaux"))
    searches = {
        "animaux": ["CHIEN", "NAC"],
        "compagnie anim": ["CHIEN", "NAC"],
        "chien": ["CHIEN"],
        # Beside words of the name and of the partner.
        "sereine animaux": ["NAC"],
        "labrador animal": ["CHIEN"],
        "veterinaire animaux": ["CHIEN"],
        "veterinaires chien labrad": ["CHIEN"],
    }
    assert {text: found(client, text) for text in searches} == searches
    assert listed(browser, "veterinaire animaux") == ["CHIEN"]


def test_what_is_too_long_or_unreadable(client, browser):
    for text in ("x" * 10_000, "box " * 2_500, "\x00", "\x00box", "é" * 10_000):
        assert client.get(PRODUCTS, {"search": text}).status_code == 422, text[:9]
        assert browser.get(reverse(LIST), {"q": text}).status_code == 200, text[:9]


def test_the_search_is_that_of_the_whole_site_and_of_the_choices(browser):
    palette = browser.get(reverse("admin:search"), {"s": "mutuele"}).content.decode()
    assert "AP-SANTE-001" in palette
    assert CANARY not in palette
    asked = {"app_label": "catalog", "model_name": "productversion", "field_name": "product"}
    choices = browser.get(reverse("admin:autocomplete"), {**asked, "term": "fibre box"})
    assert [one["text"][:11] for one in choices.json()["results"]] == ["FT-BOX-001 ", "FT-BOX-0012"]


def test_another_company_s_products_do_not_make_something_found(client, company, browser):
    # « Bx » is a word of the other company alone: here it still is a typing error.
    with scoping.everything():
        ProductFactory(company=CompanyFactory(), sku="BX-FIBRE", name=f"Bx fibre {CANARY}")
    assert found(client, "bx fibre") == listed(browser, "bx fibre") == SEARCHES["bx fibre"]


def test_a_seller_finds_what_is_on_sale(api, company):
    user = UserFactory()
    MembershipFactory(user=user, company=company, role=Role.SALES)
    assert found(api(user), "mutuelle") == found(api(user), "mutuele") == []


def test_the_filters_hold_while_searching(client, company):
    with scoping.everything():
        ProductFactory(company=company, sku="BROUILLON", name="Box", lifecycle_status="draft")
    assert found(client, "box", status="draft") == ["BROUILLON"]
    assert found(client, "box", status="test") == []
    as_of = {"as_of": "2020-01-01T00:00:00+01:00", "published": "false"}
    assert found(client, "box", **as_of) == ["BROUILLON", "FT-BOX-001", "FT-BOX-0012"]


# At most so many are ranked; beyond, they are sorted by name.
@pytest.mark.parametrize("ranked", [1, 1_000])
@pytest.mark.parametrize("text", ["offre", "ofre"])
def test_pages_while_searching(client, browser, company, text, ranked, monkeypatch):
    monkeypatch.setattr(search, "RANKED", ranked)
    with scoping.everything():
        for number in range(7):
            ProductFactory(company=company, sku=f"P{number}", name=f"Bonne offre {number % 2}")
    whole = found(client, text)
    assert len(whole) == 8
    pages, address = [], f"{PRODUCTS}?search={text}&page_size=3"
    while address:
        body = client.get(address).json()
        pages.append([row["sku"] for row in body["results"]])
        address = body["next"]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [sku for page in pages for sku in page] == whole
    before = client.get(body["previous"]).json()["results"]
    assert [row["sku"] for row in before] == pages[1]
    assert listed(browser, text) == whole


@pytest.mark.parametrize(("ranked", "change"), [(8, 1), (7, -2)])
def test_a_search_goes_on_as_it_began(client, browser, company, ranked, change, monkeypatch):
    """Products that come or go between two pages change the order of the next search only."""
    monkeypatch.setattr(search, "RANKED", ranked)
    monkeypatch.setattr(ProductAdmin, "list_per_page", 3)
    with scoping.everything():
        draft = {"company": company, "lifecycle_status": "draft"}
        made = [
            ProductFactory(**draft, sku=f"P{number}", name=f"Bonne offre {number % 2}")
            for number in range(7)
        ]
    whole = found(client, "offre")
    page = browser.get(reverse(LIST), {"q": "offre"}).context["cl"]
    address = client.get(f"{PRODUCTS}?search=offre&page_size=3").json()["next"]
    gone = made[: max(0, -change)]
    with scoping.everything():
        if change > 0:
            ProductFactory(company=company, sku="ZZ", name="Zone offre")
        for product in gone:
            product.delete()
    left = [sku for sku in whole[3:] if sku not in {product.sku for product in gone}]
    second = [row["sku"] for row in client.get(address).json()["results"]]
    assert second == left[:3]
    answer = browser.get(reverse(LIST) + page.next_link)
    assert [row.sku for row in answer.context["cl"].result_list] == second


@pytest.mark.parametrize(
    "factory",
    [
        VersionFactory,
        PublicationFactory,
        NegotiatedPriceFactory,
        ExternalMappingFactory,
        CqRuleFactory,
        SchemeFactory,
        DocumentFactory,
        MappingFactory,
    ],
)
def test_what_products_hold_is_found_by_the_product(factory, company, browser_as):
    """The words of the products: plurals, no accents, typing errors, the beginning of a code."""
    model = factory._meta.model
    rows = {}
    with scoping.everything():
        for sku in ("AP-SANTE-001", "FT-BOX-001"):
            product = Product.objects.get(sku=sku)
            owner = {"product": product}
            if hasattr(model, "product_version"):
                owner = {"product_version": VersionFactory(product=product)}
            rows[sku] = factory(**owner)
        user = UserFactory()
        MembershipFactory(user=user, company=company, role=Role.COMPANY_ADMIN)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    browser = browser_as(user)
    for text, sku in {
        "familles mutuelle": "AP-SANTE-001",
        "mutuele": "AP-SANTE-001",
        "etudiant": "FT-BOX-001",
        "ft-box-00": "FT-BOX-001",
        "ox-001": None,
        "\x00": "",
    }.items():
        shown = {row.pk for row in browser.get(address, {"q": text}).context["cl"].result_list}
        assert (rows["AP-SANTE-001"].pk in shown) == (sku in ("AP-SANTE-001", "")), text
        assert (rows["FT-BOX-001"].pk in shown) == (sku in ("FT-BOX-001", "")), text
