"""The catalogue by hand: a product in three clicks, and in three keys (§3.7, E.2.1, E.3-04)."""

import re

import pytest
from playwright.sync_api import expect

from catalog.choices import ViewColumn
from catalog.models import Product
from tests.e2e.watch import visit
from tests.factories import ProductFactory
from winvest.core import scoping

GROUP_ADMIN = "admin.groupe@winvest.example"


@pytest.mark.requirement("3.7-01", "3.7-02", "E.1-02", "E.1-03", "E.3-04")
def test_a_product_is_found_by_clicks_and_by_keys(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/")
    rows = page.locator(".pane-products tbody th a")
    expect(rows).to_have_count(8)
    page.get_by_role("navigation", name="Risques").get_by_role("link", name="Santé").click()
    expect(rows).to_have_count(3)
    partners = page.get_by_role("navigation", name="Partenaires")
    partners.get_by_role("link", name="OggoData").click()
    expect(page).to_have_url(re.compile("risk=.*partner="))
    shared = page.url
    page.go_back()
    expect(page).to_have_url(re.compile(r"risk=[^&]+$"))
    visit(page, shared)
    expect(rows).to_have_count(3)
    rows.first.click()
    expect(page.locator(".sheet-head")).to_contain_text("Complémentaire Santé Confort")

    visit(page, "/catalogue/")
    page.keyboard.press("/")
    page.keyboard.type("box")
    expect(page).to_have_url(re.compile("search=box"))
    expect(rows).to_have_count(1)
    expect(page.locator("#catalogue-search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".sheet-head")).to_contain_text("Box Internet")
    page.get_by_role("link", name="Tarification").click()
    expect(page.locator("#sheet")).to_contain_text("BOX")

    # What is typed stays when one chooses by the mouse, which takes the keyboard away from it.
    visit(page, "/catalogue/")
    search = page.locator("#catalogue-search")
    search.press_sequentially("sante")
    expect(page).to_have_url(re.compile("search=sante"))
    page.get_by_role("navigation", name="Risques").get_by_role("link", name="Santé").click()
    expect(page).to_have_url(re.compile("risk="))
    expect(page).to_have_url(re.compile("search=sante"))
    expect(page.locator("[aria-label=Risques] [aria-current]")).to_contain_text("Santé")
    expect(search).to_have_value("sante")
    search.fill("zzzzqq")
    expect(page.get_by_text("Aucun produit ne répond à ces choix.")).to_be_visible()
    page.get_by_role("link", name="Tout effacer").click()
    expect(rows).to_have_count(8)
    expect(search).to_have_value("")
    expect(page.locator(".row-button").first).to_be_in_viewport()

    # Enter opens the first one found, though it is typed faster than it is looked for; back, the
    # keyboard is where one left it.
    visit(page, "/catalogue/")
    page.keyboard.press("/")
    page.keyboard.type("depanssur")
    page.keyboard.press("Enter")
    expect(page.locator(".sheet-head")).to_contain_text("Depanssur")
    page.go_back()
    expect(page.locator("#catalogue-search")).to_be_focused()
    expect(rows).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".sheet-head")).to_contain_text("Depanssur")
    visit(page, "/catalogue/")
    rows.nth(3).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sheet-head")).to_be_visible()
    page.go_back()
    expect(rows.nth(3)).to_be_focused()

    visit(page, "/catalogue/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("partner=internal"))
    expect(rows).to_have_count(4)
    expect(partners.get_by_role("link", name="Interne")).to_be_focused()
    page.keyboard.press("?")
    guide = page.get_by_role("dialog").get_by_role("link", name="Le guide de votre métier")
    expect(guide).to_have_attribute("href", "/aide/")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url("**/assistant/**")
    assert watch.problems == []


@pytest.mark.requirement("3.7-01", "3.7-05", "E.2.1-07")
def test_views_favourites_and_several_products_at_once(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/")
    rows = page.locator(".pane-products tbody th a")
    # Columns and order, kept under a name.
    page.get_by_text("Affichage").click()
    page.get_by_label("Code", exact=True).check()
    page.get_by_label("Trier par").select_option("code")
    page.get_by_role("button", name="Appliquer").click()
    expect(page).to_have_url(re.compile(r"/catalogue/\?order=code$"))
    expect(page.locator("tbody .pane-code").first).to_have_text("AP-ASSIST-001")
    visit(page, "/catalogue/")  # they stay
    expect(page.locator("tbody .pane-code").first).to_be_visible()
    page.get_by_text("Vues", exact=True).click()
    page.get_by_label("Nom", exact=True).fill("Par code")
    page.get_by_role("button", name="Enregistrer ce qui est affiché").click()
    expect(page).to_have_url(re.compile("view="))
    expect(page.locator(".catalogue-menus")).to_contain_text("Par code")
    # A star, by the mouse and by a key.
    visit(page, "/catalogue/")
    page.get_by_role("button", name="Favori : Box Internet").click()
    expect(page.get_by_role("button", name="Favori : Box Internet")).to_have_attribute(
        "aria-pressed", "true"
    )
    # One menu serves all the rows: each opens it with what is its own.
    menu = page.locator("#row-menu")
    for row in (rows.first, rows.last):
        name = row.text_content()
        page.get_by_role("button", name=f"Actions : {name}").click()
        key = row.get_attribute("href").strip("/").rsplit("/", 1)[-1]
        expect(menu.get_by_role("link", name="Dupliquer")).to_have_attribute(
            "href", re.compile(key)
        )
        export = menu.get_by_role("button", name="Exporter")
        expect(export).to_have_attribute("value", f"export:{key}")
        page.keyboard.press("Escape")
    # Two clicks, and the reason between them, stop the sale of one.
    page.get_by_role("button", name="Actions : Crédits vidéo à la demande").click()
    menu.get_by_label("Motif du gel").fill("Droits échus")
    menu.get_by_role("button", name="Geler la vente").click()
    expect(page.get_by_text("est gelée : l'équipe et les vendeurs")).to_be_visible()
    expect(page.locator("tbody tr", has_text="Crédits vidéo")).to_contain_text("Gelé")
    rows.last.focus()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favori : Offre TV")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("link", name="Mes favoris").click()
    expect(rows).to_have_text(["Box Internet", "Offre TV"])
    # Two ticked by the space bar, frozen for a reason, told line by line.
    rows.first.focus()
    for key in ("Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked]")).to_have_text("2 produits cochés")
    page.get_by_role("button", name="Geler").click()
    page.get_by_label(re.compile("Motif")).fill("Tarif à revoir")
    page.get_by_role("button", name="Geler 2 produits").click()
    expect(page.get_by_role("status")).to_have_text("2 sur 2 : terminé.")
    expect(page.locator("tbody .badge-success")).to_have_text(["Gelé", "Gelé"])
    page.get_by_role("link", name="Retour au catalogue").click()
    expect(page.locator("tbody .pane-status")).to_have_text(["Gelé", "Gelé"])
    # A file of what is ticked.
    page.get_by_label("Cocher tout ce qui est affiché").check()
    page.locator(".selection-bar").get_by_role("button", name="Exporter").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter en CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    # On a telephone the panes are steps that fold.
    page.set_viewport_size({"width": 390, "height": 800})
    visit(page, "/catalogue/")
    health = page.get_by_role("navigation", name="Risques").get_by_role("link", name="Santé")
    expect(health).to_be_hidden()
    # A large number leaves the page within the screen.
    page.locator(".pane-products h2 .pane-count").evaluate("one => one.textContent = '≥ 50 007'")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Risques Tous").click()
    health.click()
    expect(page.get_by_role("button", name="Risques Santé")).to_be_visible()
    expect(rows).to_have_count(3)
    assert watch.problems == []


@pytest.mark.requirement("3.7-01", "E.3-04")
def test_the_keyboard_goes_on_among_the_rows_that_come(open_page):
    with scoping.everything():
        model = Product.objects.get(sku="FT-BOX-001")
        for number in range(1, 32):
            ProductFactory(company=model.company, risk=model.risk, name=f"Zéphyr {number:02}")
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/?search=zephyr")
    rows = page.locator(".pane-products tbody th a")
    expect(rows).to_have_count(30)
    page.get_by_role("link", name="Afficher plus").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(31)
    expect(rows.nth(30)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(rows.nth(29)).to_be_focused()
    assert watch.problems == []


@pytest.mark.requirement("3.7-01", "E.3-04")
def test_the_keyboard_stays_on_the_filter_that_it_changes(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/")
    channel = page.get_by_label("Canal de vente", exact=True)
    channel.focus()
    for value in ("field", "telesales"):
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile(f"channel={value}"))
        expect(channel).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#filter-published")).to_be_focused()
    # What clears the filters goes away with them.
    search = page.locator("#catalogue-search")
    for clear, address in (
        ("Tout effacer", "/catalogue/?search=zzzzqq"),
        ("Effacer", "/catalogue/?channel=web"),
    ):
        visit(page, address)
        page.get_by_role("link", name=clear, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".pane-products tbody th a")).to_have_count(8)
        expect(search).to_be_focused()
        expect(search).to_have_value("")
    assert watch.problems == []


@pytest.mark.requirement("3.7-01", "E.2.1-06")
def test_a_wide_table_scrolls_beside_the_names_and_a_telephone_names_each_value(open_page):
    page, watch = open_page(GROUP_ADMIN)
    columns = "&".join(f"columns={one}" for one in ViewColumn)
    visit(page, f"/catalogue/?{columns}")
    table = page.locator(".pane-scroll")
    name, menu = page.locator("tbody th a").first, page.locator(".row-button").first
    expect(table).to_have_class("pane-scroll goes-on-right")
    table.evaluate("one => one.scrollLeft = 200")
    expect(table).to_have_class(re.compile("goes-on-left"))
    for one in (page.get_by_label(re.compile("^Cocher A")), name, menu):
        expect(one).to_be_in_viewport(ratio=1)
        assert one.evaluate(
            """one => {
              const { left, top } = one.getBoundingClientRect();
              return one.contains(document.elementFromPoint(left + 4, top + 8));
            }"""
        )
    table.evaluate("one => one.scrollLeft = one.scrollWidth")
    expect(table).not_to_have_class(re.compile("goes-on-right"))
    page.set_viewport_size({"width": 390, "height": 800})
    row = page.locator("tbody tr", has_text="Assistance Action Prévoyance")
    said = "one => getComputedStyle(one, '::before').content"
    assert row.locator(".pane-revenue").evaluate(said) == '"Monétisation\u00a0:"'
    assert row.locator(".pane-status").evaluate(said) == "none"
    expect(row.locator(".pane-pricing")).to_be_hidden()
    expect(table).to_have_class("pane-scroll")
    assert watch.problems == []


@pytest.mark.requirement("3.7-05", "E.2.1-07")
def test_what_is_ticked_stays_so_from_a_search_to_the_next(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/")
    picked, search = page.locator("[data-picked]"), page.locator("#catalogue-search")
    page.get_by_label("Cocher Box Internet").check()
    search.fill("offre")
    expect(page).to_have_url(re.compile("search=offre"))
    expect(picked).to_have_text("1 produit coché, dont 1 hors de la liste")
    page.get_by_label("Cocher Offre TV").check()
    expect(picked).to_have_text("2 produits cochés, dont 1 hors de la liste")
    # Where nothing is found they wait.
    search.fill("zzzzqq")
    expect(page.get_by_text("Aucun produit ne répond à ces choix.")).to_be_visible()
    search.fill("box")
    expect(page.get_by_label("Cocher Box Internet")).to_be_checked()
    expect(picked).to_have_text("2 produits cochés, dont 1 hors de la liste")
    page.locator(".selection-bar").get_by_role("button", name="Exporter").click()
    page.wait_for_url("**/selection/**")
    expect(page.locator("tbody th a")).to_have_text(["Box Internet", "Offre TV"])
    # One button lets go of all.
    visit(page, "/catalogue/")
    page.get_by_label("Cocher Box Internet").check()
    search.fill("offre")
    expect(picked).to_have_text("1 produit coché, dont 1 hors de la liste")
    page.get_by_role("button", name="Tout décocher").click()
    expect(page.locator(".selection-bar")).to_be_hidden()
    search.fill("")
    expect(page.locator("tbody [name=product]")).to_have_count(8)
    expect(page.locator("tbody [name=product]:checked")).to_have_count(0)
    assert watch.problems == []


@pytest.mark.requirement("E.3-01")
def test_a_name_that_exists_is_told_below_its_box_while_one_types(open_page):
    page, watch = open_page(GROUP_ADMIN)
    for path, typed, told in (
        ("/catalog/product/add/", "Box Internett", "FT-BOX-001"),
        ("/partners/partner/add/", "Oggo Data", "OggoData"),
    ):
        visit(page, path)
        page.locator("#id_name").press_sequentially(typed)
        notice = page.locator("#twins-name .notice")
        expect(notice).to_contain_text(told)
        expect(notice.get_by_role("link", name="Voir la fiche")).to_be_visible()
    # What is told of the code stands below the code.
    visit(page, "/catalog/product/add/")
    page.locator("#id_sku").press_sequentially("FTBOX001")
    expect(page.locator("#twins-sku .notice")).to_contain_text("FT-BOX-001")
    expect(page.locator("#twins-name .notice")).to_have_count(0)
    assert watch.problems == []
