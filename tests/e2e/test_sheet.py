"""The sheet of a product by hand: tabs by click and by key, two versions compared, a price as of
last month (§3.7, E.2.2)."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from catalog.choices import VersionState
from catalog.models import Product, ProductVersion
from catalog.services.copies import duplicate_version
from tests.e2e.keyboard import unreached
from tests.e2e.review import faults
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.models import User

GROUP_ADMIN = "admin.groupe@winvest.example"
GRID = [
    {"min": 0, "max": 99, "amount": Decimal(10)},
    {"min": 100, "max": None, "amount": Decimal(9)},
]
TABS = [
    *("Description", "Tarification", "Commissions", "Documents"),
    *("Paramètres", "Intégrations", "Historique"),
]


@pytest.fixture
def product(demo):
    """« Offre TV », whose second version is ten days old: BASIC costs more, PREMIUM has a grid."""
    with scoping.everything():
        first = ProductVersion.objects.get(product__sku="MTV-OFFRE-001")
        author = User.objects.get(email=GROUP_ADMIN)
        second = duplicate_version(actor=author, version=first)
        rule = second.plans.get(code="BASIC").pricing_rules.get()
        rule.payload = {"amount": Decimal("12.90")}
        rule.save()
        grid = second.plans.get(code="PREMIUM").pricing_rules.get()
        grid.type, grid.tier_mode, grid.payload = "tiered", "slab", GRID
        grid.save()
        start = now() - timedelta(days=10)
        ProductVersion.objects.filter(pk=first.pk).update(effective_to=start)
        ProductVersion.objects.filter(pk=second.pk).update(
            state=VersionState.RELEASED,
            released_at=start,
            effective_from=start,
            content_hash="sha256:essai",
        )
        return Product.objects.get(pk=first.product_id)


@pytest.mark.requirement("3.7-03", "E.1-02", "E.2.2-03", "E.2.2-07", "3.1-08")
def test_the_sheet_is_worked_by_clicks_and_by_keys(product, open_page):
    page, watch = open_page(GROUP_ADMIN)
    # From the catalogue, what is essential is two clicks away.
    visit(page, "/catalogue/?search=offre")
    page.locator("#panes tbody th a").get_by_text("Offre TV").click()
    tabs = page.get_by_role("navigation", name="Onglets de la fiche")
    expect(tabs.get_by_role("link")).to_have_text(TABS)
    tabs.get_by_role("link", name="Tarification").click()
    expect(page).to_have_url(re.compile("onglet=tarification"))
    expect(page.get_by_text("12,90 € TTC").first).to_be_visible()
    # The keyboard goes from tab to tab, and « back » too.
    expect(page.locator("#onglet-tarification")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#onglet-commissions")).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("Répartition et paliers")).to_be_visible()
    page.go_back()
    expect(page.locator("#onglet-tarification")).to_have_attribute("aria-current", "page")
    # A number goes to its tab in one key, and « ? » tells the keys.
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Raccourcis du clavier")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("body").press("7")
    expect(page.locator("#onglet-historique")).to_have_attribute("aria-current", "page")
    expect(page.locator("#onglet-historique")).to_be_focused()
    page.keyboard.press("v")
    expect(page.get_by_label("Version", exact=True)).to_be_focused()
    page.locator("#onglet-historique").press("2")
    expect(page.locator("#onglet-tarification")).to_have_attribute("aria-current", "page")
    # The curve is drawn, its inversion is told.
    expect(page.get_by_text("À 100, le total passe de")).to_be_visible()
    assert page.locator("canvas.sheet-chart").evaluate("one => Boolean(Chart.getChart(one))")
    # A price as of last month: the version of that day, on the page and in the quote.
    month_ago = f"{now() - timedelta(days=30):%Y-%m-%d}"
    page.get_by_label("Au", exact=True).first.fill(month_ago)
    page.get_by_role("button", name="Afficher", exact=True).click()
    expect(page.get_by_text("9,90 € TTC").first).to_be_visible()
    expect(page.get_by_text("12,90 € TTC")).to_have_count(0)
    quote = page.locator(".sheet-quote")
    quote.get_by_label("Formule").select_option("BASIC")
    quote.get_by_label("Canal").select_option("web")
    quote.get_by_label("Quantité").fill("2")
    quote.get_by_role("button", name="Calculer").click()
    answer = page.locator("#sheet-quote-answer")
    expect(answer.get_by_text("19,80 € TTC", exact=True)).to_be_visible()
    expect(answer.get_by_text("Version 1")).to_be_visible()
    page.get_by_role("link", name="Revenir à aujourd'hui").click()
    expect(page.get_by_text("12,90 € TTC").first).to_be_visible()
    # Every action, with its reasons; then the two versions side by side.
    page.get_by_role("link", name="Actions", exact=True).click()
    expect(page.get_by_role("heading", name="Actions sur la version 2")).to_be_visible()
    tabs.get_by_role("link", name="Historique").click()
    page.get_by_role("link", name="Comparer deux versions").click()
    expect(page.locator(".side-before mark", has_text="9,90")).to_be_visible()
    expect(page.locator(".side-after mark", has_text="12,90")).to_be_visible()
    page.get_by_role("link", name="Retour à la fiche").click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Télécharger la fiche en PDF").click()
    assert downloaded.value.suggested_filename == "Fiche_MTV-OFFRE-001_v2.pdf"
    assert watch.problems == []


@pytest.mark.requirement("1-22", "13-06", "3.7-03", "E.3-04")
def test_every_tab_and_every_deed_is_for_everybody(product, open_page):
    with scoping.everything():  # a name as long as the database takes it
        longest = ("Complémentaire " * 20)[: Product._meta.get_field("name").max_length].strip()
        Product.objects.filter(pk=product.pk).update(name=longest)
        first, second = product.versions.order_by("version").values_list("pk", flat=True)
    page, watch = open_page(GROUP_ADMIN)
    base = f"/catalogue/produits/{product.pk}/"
    screens = [
        base,
        *(f"{base}?onglet={tab}" for tab in ("tarification", "commissions", "documents")),
        *(f"{base}?onglet={tab}" for tab in ("parametres", "integrations", "historique")),
        *(f"{base}actions/", f"{base}comparer/", f"{base}devis/"),
        *(f"/catalog/product/{product.pk}/{deed}/" for deed in ("duplicate", "freeze", "retire")),
        *(f"/catalog/productversion/{second}/{deed}/" for deed in ("checklist", "duplicate")),
        f"/catalog/productversion/{first}/rollback/",
    ]
    wrong = {}
    for path in screens:
        visit(page, path)
        if found := [*faults(page, watch), *unreached(page)]:
            wrong[path] = found
    assert wrong == {}
    assert watch.problems == []
