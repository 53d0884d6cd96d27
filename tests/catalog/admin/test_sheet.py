"""The sheet of a product, tab by tab and role by role (§3.7, E.2.2)."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.choices import VersionState
from catalog.domain.eligibility import SellableProblem
from catalog.models import ProductVersion, Risk
from tests.factories import (
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    PromotionFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.offers import make_released, make_whole
from tests.support.publishable import add_document
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
TABS = [
    *("Description", "Tarification", "Commissions", "Documents"),
    *("Paramètres", "Intégrations", "Historique"),
]


def read(client, product, **query):
    """Return a page of the sheet as text, its spaces made one."""
    answer = client.get(reverse("product-sheet", args=[product.pk]), query)
    assert answer.status_code == 200
    page = answer.content.decode()
    main = page[page.index('class="sheet-head') :] if 'class="sheet-head' in page else page
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("&#x27;", "'").split())


def tabs(client, product):
    page = client.get(reverse("product-sheet", args=[product.pk])).content.decode()
    (nav,) = re.findall(r'<nav class="sheet-tabs".*?</nav>', page, re.DOTALL)
    return re.findall(r">([^<>\s]+)</a>", nav)


@pytest.fixture
def draft(company):
    """A draft with every part, of a product of a partner that an API links."""
    health = Risk.objects.get(code="SANTE", is_global=True)
    partner = PartnerFactory(company=company, name="OggoData")
    version = make_whole(company, name="Santé Zen", sku="AP-S-1", risk=health, partner=partner)
    ExternalMappingFactory(
        product=version.product,
        system="OGGO",
        external_code="ZEN-1",
        integration_status="api",
        sandbox_passed_at=now(),
        sandbox_passed_by=UserFactory(name="Iris Test"),
    )
    MappingFactory(product_version=version, company=company, gl_account="706100")
    return version


@pytest.mark.requirement("3.7-03", *(f"E.2.2-0{one}" for one in range(1, 8)), "E-02")
def test_the_seven_tabs_say_what_the_product_is(draft, browser_as, user_with, company):
    client = browser_as(user_with(Role.GROUP_ADMIN))
    assert tabs(client, draft.product) == TABS
    shown = read(client, draft.product)
    for text in (
        *("Santé Zen", "AP-S-1", "OggoData", "Actif", "Dernière mise à jour"),
        *("Version 1 — Brouillon", "Santé", "Télévente, Web", "Âge minimum : 18"),
    ):
        assert text in shown, text
    expected = {
        "tarification": ("Basic BASIC", "9,90 € TTC", "19,90 € TTC", "20 % (FR20)"),
        "commissions": ("Réseau", "De 0 à 100", "10 %", "À partir de 100", "12 %", "Société"),
        "documents": ("Script", "Questions", "Obligatoire", "Optionnel", "Manquant"),
        "parametres": ("Le 5", "3 jours", "706100"),
        "integrations": ("OGGO", "ZEN-1", "Intégré API", "Réussi le"),
        "historique": ("Version 1", "Derniers changements", "Formule BASIC", "Création"),
    }
    for tab, texts in expected.items():
        shown = read(client, draft.product, onglet=tab)
        for text in texts:
            assert text in shown, (tab, text, shown)


@pytest.mark.requirement("3.7-03")
def test_a_tab_comes_alone_and_an_unknown_one_is_the_first(draft, browser_as, user_with, company):
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    address = reverse("product-sheet", args=[draft.product_id])
    part = client.get(
        f"{address}?onglet=documents", headers={"HX-Request": "true", "HX-Target": "sheet"}
    ).content.decode()
    assert part.lstrip().startswith('<div id="sheet"')
    assert "sheet-head" not in part
    assert re.search(r'id="onglet-documents"[^>]+aria-current="page"', part)
    whole = client.get(f"{address}?onglet=rien&version=99&le=hier").content.decode()
    assert re.search(r'id="onglet-description"[^>]+aria-current="page"', whole)
    assert client.post(address).status_code == 405


@pytest.mark.requirement("3.5-04", "3.7-03", "3.8-13", "E.1-02")
def test_a_seller_reads_what_is_on_sale_and_no_commission(
    browser_as, user_with, company, other_company
):
    version = make_released(company=company, sku="BOX-1", plans={"BASIC": "29.90"}, name="Box")
    product = version.product
    with_draft = VersionFactory(product=product, company=company, version=2, notes="Secret")
    PricingRuleFactory(
        plan=PlanFactory(product_version=with_draft, code="LUXE"),
        payload={"amount": Decimal("777")},
    )
    add_document(version, "CGV")
    hidden = DocumentFactory(product_version=version, title="Projet caché")
    PromotionFactory(company=company, product=product, name="Rentrée", on_code=True)
    seller = browser_as(user_with(Role.SALES, company))
    assert tabs(seller, product) == ["Description", "Tarification", "Documents", "Intégrations"]
    pages = [
        read(seller, product, onglet=tab, version=number)
        for tab in ("description", "tarification", "documents", "commissions", "historique")
        for number in ("", 2)
    ]
    assert "29,90 € TTC" in pages[2]
    for page in pages:
        for text in ("Version 2", "LUXE", "777", "Secret", "Projet caché", "Rentrée", "Barème"):
            assert text not in page, text
    # What is published he downloads; what is not, he does not even guess.
    page = seller.get(reverse("product-sheet", args=[product.pk]), {"onglet": "documents"})
    (link,) = re.findall(r'href="(/catalogue/documents/[^"]+)"', page.content.decode())
    assert b"".join(seller.get(link).streaming_content).startswith(b"%PDF")
    assert seller.get(reverse("product-document", args=[hidden.pk])).status_code == 404
    # Another company's people are told what everybody is told of nothing.
    address = reverse("product-sheet", args=[product.pk])
    nothing = reverse("product-sheet", args=[hidden.pk])
    for role in (Role.SALES, Role.CATALOG_MANAGER):
        stranger = browser_as(user_with(role, other_company))
        answers = [stranger.get(one) for one in (address, nothing)]
        assert [one.status_code for one in answers] == [404, 404]
        assert stranger.get(link).status_code == 404


@pytest.mark.requirement("3.1-06", "3.7-03")
def test_the_version_of_a_day_is_shown_as_it_stood(browser_as, user_with, company):
    first = make_released(company=company, sku="BOX-1", plans={"BASIC": "29.90"}, name="Box")
    start = now() - timedelta(days=10)
    second = VersionFactory(product=first.product, company=company, version=2, effective_from=start)
    PricingRuleFactory(
        plan=PlanFactory(product_version=second, code="BASIC"), payload={"amount": Decimal("34.90")}
    )
    ProductVersion.objects.filter(pk=first.pk).update(effective_to=start)
    ProductVersion.objects.filter(pk=second.pk).update(
        state=VersionState.RELEASED, released_at=start, content_hash="sha256:test"
    )
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    prices = {"onglet": "tarification"}
    assert "34,90 €" in read(client, first.product, **prices)
    assert "29,90 €" in read(client, first.product, version=1, **prices)
    before = f"{now() - timedelta(days=30):%Y-%m-%d}"
    assert "29,90 €" in read(client, first.product, le=before, **prices)
    early = read(client, first.product, le="2024-12-31", **prices)
    assert "29,90" not in early
    assert SellableProblem.BEFORE_FIRST.message in early
