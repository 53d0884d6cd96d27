"""The sheet of a product, tab by tab and role by role (§3.7, E.2.2)."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from catalog.domain.eligibility import SellableProblem
from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import ExternalMapping, Risk
from catalog.services.approvals import ApprovalProblem
from catalog.services.copies import duplicate_version
from catalog.services.lifecycle import ExitPlan, move_product
from catalog.services.versions import release_version, submit_version
from tests.factories import (
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PartnerFactory,
    PlanFactory,
    PricingRuleFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    SchemeFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.offers import approve, make_released, make_whole
from tests.support.publishable import add_document, make_publishable, release
from tests.support.sheet import plain, read
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
TABS = [
    *("Description", "Tarification", "Commissions", "Documents"),
    *("Paramètres", "Intégrations", "Historique"),
]


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


@pytest.mark.requirement("3.7-03", "E.2.2-01", "E.2.2-02", "E.2.2-03", "E.2.2-04", "E.2.2-05")
@pytest.mark.requirement("E.2.2-06", "E.2.2-07")
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
        "historique": ("Version 1", "Derniers changements", "Création"),
    }
    for tab, texts in expected.items():
        shown = read(client, draft.product, onglet=tab)
        for text in texts:
            assert text in shown, (tab, text, shown)
    # Far back, whatever the product holds has its past there.
    past = read(client, draft.product, onglet="historique", tout="1")
    for text in ("Formule BASIC", "Barème de commission Réseau", "Document", "Code externe OGGO"):
        assert text in past, text
    # Each change is told whole there, on the version that was shown.
    assert "de plus" in read(client, draft.product, onglet="historique", version=1)
    sheet = reverse("product-sheet", args=[draft.product_id])
    recent = client.get(sheet, {"onglet": "historique", "version": 1}).content.decode()
    assert "version=1&amp;tout=1" in recent
    assert "de plus" not in past


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
    for odd in ("0001-01-01", "9999-12-31", "2026-02-30", "x" * 300, "\x00"):
        answer = client.get(address, {"le": odd, "connu": odd, "version": odd, "onglet": odd})
        assert answer.status_code == 200, odd
    far = client.get(address, {"le": "2200-12-31", "connu": "1900-01-01"})
    assert far.status_code == 200


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
    assert "Dernière mise à jour 1er janvier 2025" in pages[0]  # the release, and no draft
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


def steps(client, product, **query):
    """Return each step with its address, or with the reasons that refuse it."""
    address = reverse("product-steps", args=[product.pk])
    page = client.get(address, query, headers={"HX-Target": "sheet-steps", "HX-Request": "true"})
    found = {}
    for item in page.content.decode().split("<strong>")[1:]:
        title, rest = item.split("</strong>", 1)
        reasons = re.findall(r"<li>(.*?)</li>", rest.split("</details>")[0], re.DOTALL)
        links = re.findall(r'sheet-button" href="([^"]+)"', rest)
        found[title] = unescape(links[0]) if links else [plain(one) for one in reasons]
    return found


@pytest.mark.requirement("E.2.2-08")
def test_actions_open_or_say_why_not(draft, browser_as, user_with, company):
    product = draft.product
    manager = user_with(Role.CATALOG_MANAGER, company)
    client = browser_as(manager)
    found = steps(client, product)
    assert list(found) == [
        *("Dupliquer le produit", "Dupliquer la version", "Soumettre à validation"),
        *("Approuver ou refuser", "Mettre en production", "Retirer avant effet"),
        *("Mettre en test", "Geler", "Retirer du catalogue"),
    ]
    for title in ("Dupliquer le produit", "Dupliquer la version", "Geler", "Retirer du catalogue"):
        assert client.get(found[title]).status_code == 200, title
    # A refusal says what to do instead, and leads there.
    assert found["Mettre en test"] == [
        "Ce produit est « Actif » et ne peut pas devenir « En test » : il est en vente. Essayez un "
        "changement dans une nouvelle version, ou gelez-le. Dupliquer la version"
    ]
    assert found["Mettre en production"] == [
        "Cette version est un brouillon : soumettez-la d'abord à validation. Soumettre à validation"
    ]
    assert found["Approuver ou refuser"] == [ApprovalProblem.NOT_IN_REVIEW.message]
    # ADV is told all that the publication lacks, each with the page that mends it.
    publisher = browser_as(user_with(Role.ADV, company))
    lacking = steps(publisher, product)["Publier"]
    assert len(lacking) > 3
    assert sum("Ouvrir l" in one for one in lacking) >= len(lacking) - 1
    assert all("Qui : " in one for one in lacking)
    # A document is told once, with all its channels.
    documents = re.findall(r"[Ll]e document « (.*?) »", " ".join(lacking))
    assert len(documents) == len(set(documents)) > 0
    # In review, the author does not approve; once approved, it goes into production.
    submit_version(actor=manager, version=draft)
    found = steps(client, product)
    assert found["Soumettre à validation"][0] == "Cette version est déjà « En validation »."
    assert any("approuvé" in one for one in found["Mettre en production"])
    draft.refresh_from_db()
    approve(draft)
    found = steps(client, product)
    assert client.get(found["Mettre en production"]).status_code == 200
    # What a version became is called as it is in the chooser.
    draft.refresh_from_db()
    release_version(actor=user_with(Role.GROUP_ADMIN), version=draft)
    found = steps(client, product)
    assert found["Soumettre à validation"] == ["Cette version est déjà « En vigueur »."]
    past = read(client, product, onglet="historique", tout=1)
    assert "État : En validation → En vigueur" in past
    assert "En vigueur ou planifiée" not in past
    # The header shows the quick ones by right; an auditor only reads.
    page = client.get(reverse("product-sheet", args=[product.pk])).content.decode()
    assert reverse("admin:catalog_product_duplicate", args=[product.pk]) in page
    auditor = browser_as(user_with(Role.AUDITOR, company))
    assert steps(auditor, product) == {}
    page = auditor.get(reverse("product-sheet", args=[product.pk])).content.decode()
    assert reverse("admin:catalog_product_duplicate", args=[product.pk]) not in page
    assert steps(browser_as(user_with(Role.LEGAL, company)), product)


def test_a_change_of_status_opens_on_the_status_that_was_asked(browser_as, user_with, company):
    product = ProductFactory(company=company, lifecycle_status="test")
    VersionFactory(product=product)
    client = browser_as(user_with(Role.CATALOG_MANAGER, company))
    asking = steps(client, product)["Activer"]
    page = client.get(asking).content.decode()
    assert re.findall(r'<option value="(\w+)"\s+selected', page) == ["active"]
    # It comes back to the sheet, and nowhere that is not ours.
    sheet = reverse("product-sheet", args=[product.pk])
    assert client.post(asking, {"to": "draft"}).url == f"{sheet}?version=1"
    move = reverse("admin:catalog_product_move", args=[product.pk])
    for other in ("https://example.org/", "//example.org/", "catalogue/"):
        answer = client.post(f"{move}?{urlencode({'next': other})}", {"to": "test"})
        assert answer.url == reverse("admin:catalog_product_change", args=[product.pk])
        client.post(asking, {"to": "draft"})


@pytest.mark.requirement("3.1-08", "E.2.2-07")
def test_any_two_versions_stand_side_by_side(draft, browser_as, user_with, company):
    product = draft.product
    manager = user_with(Role.CATALOG_MANAGER, company)
    client = browser_as(manager)
    compared = reverse("product-diff", args=[product.pk])
    assert "qu'une version" in client.get(compared).content.decode()
    for _ in range(2):
        last = duplicate_version(actor=manager, version=draft)
    rule = last.plans.get(code="BASIC").pricing_rules.get()
    rule.payload = {"amount": Decimal("12.50")}
    rule.save()
    page = client.get(reverse("product-sheet", args=[product.pk]), {"onglet": "historique"})
    assert compared in page.content.decode()
    # Each change is told with who made it, and under which role.
    assert f"{manager.name} Catalogue Manager (Produit)" in plain(page.content.decode())
    # By default the last two; the words that differ are marked on each side.
    page = client.get(compared).content.decode()
    assert "1 changement." in page
    (before,) = re.findall(r'side-before"[^>]*>(.*?)</td>', page, re.DOTALL)
    (after,) = re.findall(r'side-after"[^>]*>(.*?)</td>', page, re.DOTALL)
    assert "<mark>9,90</mark>" in before
    assert "<mark>12,50</mark>" in after
    assert "Version 2 — Brouillon" in page
    same = plain(client.get(compared, {"de": 1, "a": 2}).content.decode())
    assert "le même contenu" in same
    turned = client.get(compared, {"de": 3, "a": 1}).content.decode()
    assert re.search(r'side-before"[^>]*>.*?12,50', turned, re.DOTALL)
    # An odd address is one that names nothing; commissions stay with those who read them.
    assert "1 changement." in client.get(compared, {"de": "x", "a": 99}).content.decode()
    last.commission_schemes.get().delete()
    assert "Réseau" in client.get(compared, {"de": 1, "a": 3}).content.decode()
    jurist = browser_as(user_with(Role.LEGAL, company))
    assert "Réseau" not in jurist.get(compared, {"de": 1, "a": 3}).content.decode()
    assert client.get(compared, {"de": 2, "a": 2}).status_code == 200


@pytest.mark.requirement("3.7-03")
def test_a_product_without_a_version_says_what_to_do_next(browser_as, user_with, company):
    product = ProductFactory(company=company, name="Nu", lifecycle_status="draft")
    client = browser_as(user_with(Role.GROUP_ADMIN))
    assert tabs(client, product) == TABS
    for tab in ("description", "tarification", "commissions", "documents", "parametres"):
        assert "pas encore de version" in read(client, product, onglet=tab), tab
    page = client.get(reverse("product-sheet", args=[product.pk])).content.decode()
    assert f"/catalog/productversion/add/?product={product.pk}" in page
    assert "ajoutez son code" in read(client, product, onglet="integrations")
    jurist = browser_as(user_with(Role.LEGAL, company))
    integrations = read(jurist, product, onglet="integrations")
    assert "Aucun système externe" in integrations
    assert "ajoutez son code" not in integrations
    assert "pas encore de version" in read(client, product, onglet="historique")
    assert "Nouvelle version" in steps(client, product)
    asked = read(client, product, le="2026-01-01")
    assert SellableProblem.VERSION.message in asked
    # The forms lead back to the sheet.
    back = client.get(reverse("admin:catalog_product_sheet", args=[product.pk]))
    assert back["Location"] == reverse("product-sheet", args=[product.pk])
    version = VersionFactory(product=product)
    back = client.get(reverse("admin:catalog_productversion_sheet", args=[version.pk]))
    assert back["Location"] == f"{reverse('product-sheet', args=[product.pk])}?version=1"


@pytest.mark.requirement("3.8-13", "3.7-03")
def test_a_company_that_sells_another_s_product_reads_its_own_part(
    browser_as, user_with, company, other_company
):
    version = VersionFactory(product=ProductFactory(company=company, name="Box"))
    own = {"product_version": version}
    PricingRuleFactory(plan=PlanFactory(**own, code="BASIC"))
    SchemeFactory(**own, name="Du propriétaire")
    SchemeFactory(**own, name="Du vendeur", seller=other_company)
    release(version)
    VersionFactory(product=version.product, version=2, notes="Secret")
    MappingFactory(**own, company=company, gl_account="706111")
    MappingFactory(**own, company=other_company, gl_account="706222")
    PublicationFactory(**own, company=other_company)
    client = browser_as(user_with(Role.COMPANY_ADMIN, other_company))
    product = version.product
    assert tabs(client, product) == [tab for tab in TABS if tab != "Historique"]
    page = "".join(
        read(client, product, onglet=tab, version=number)
        for tab in ("description", "tarification", "commissions", "parametres", "historique")
        for number in ("", 2)
    )
    for text in ("29,90 €", "Du vendeur", "706222"):
        assert text in page, text
    for text in ("Du propriétaire", "706111", "Secret", "Version 2"):
        assert text not in page, text
    # It publishes for itself: what the owner has not agreed to is told.
    found = steps(client, product)
    assert list(found) == ["Publier"]
    page = client.get(reverse("product-sheet", args=[product.pk])).content.decode()
    (link,) = re.findall(r'sheet-button" href="([^"]+)">\s*Publier', page)
    assert client.get(unescape(link)).status_code == 200
    assert any("Action Prévoyance" in one or "accord" in one for one in found["Publier"])


@pytest.mark.requirement("E.2.2-08", "1-21")
def test_who_only_reads_has_no_actions_and_an_unknown_version_is_told(
    draft, browser_as, user_with, company
):
    steps = reverse("product-steps", args=[draft.product_id])
    address = reverse("product-sheet", args=[draft.product_id])
    auditor = browser_as(user_with(Role.AUDITOR, company))
    assert steps not in auditor.get(address).text
    # Whoever only approves comes when somebody asks.
    jurist = browser_as(user_with(Role.LEGAL, company))
    assert steps not in jurist.get(address).text
    type(draft).objects.filter(pk=draft.pk).update(state="in_review")
    assert steps in jurist.get(address).text
    # IT answers for an API's prices alone: no button that leads to a refusal.
    engineer = browser_as(user_with(Role.IT, company))
    assert steps in engineer.get(address).text
    ExternalMapping.objects.filter(product=draft.product).delete()
    assert steps not in engineer.get(address).text
    # In production with every approval, nothing is left to approve, and nobody « wrote » it there.
    type(draft).objects.filter(pk=draft.pk).update(state="draft")
    make_publishable(draft)
    assert steps not in jurist.get(address).text
    page = reverse("admin:catalog_productversion_review", args=[draft.pk])
    told = jurist.get(page, follow=True).text
    assert ApprovalProblem.DONE.message in unescape(told)
    for number in ("9", "abc"):
        assert "pas de version de ce numéro" in read(auditor, draft.product, version=number)


@pytest.mark.requirement("4-10", "D.3.5-04", "E.2.2-05")
def test_a_retired_product_keeps_its_documents_and_lacks_none(company, user_with, browser_as):
    health = Risk.objects.get(code="SANTE", is_global=True)
    version = make_released(company=company, sku="RETRAIT-1", plans={"A": "10"}, risk=health)
    add_document(version, "CG", title="Conditions 2026")
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    page = reverse("product-sheet", args=[version.product_id])
    assert "Manquant" in browser.get(page, {"onglet": "documents"}).text
    retired = {"actor": user_with(Role.GROUP_ADMIN), "product": version.product}
    plan = ExitPlan(note="Support jusqu'en 2028.")
    move_product(**retired, to=LifecycleStatus.RETIRED, reason="Fin de l'offre", exit_plan=plan)
    shown = browser.get(page, {"onglet": "documents"}).text
    assert "Conditions 2026" in shown
    assert "Archivé" in shown
    assert "Manquant" not in shown
