"""What opens over the catalogue: no serious fault that axe finds, in light and in dark (1-22)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.review import serious
from tests.e2e.watch import visit

GROUP_ADMIN = "admin.groupe@winvest.example"


@pytest.mark.requirement("1-22")
def test_axe_finds_nothing_serious_in_what_opens(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/?columns=code&columns=pricing&columns=changed")
    page.get_by_text("Vues", exact=True).click()
    assert serious(page, watch) == []
    page.get_by_text("Affichage").click()
    assert serious(page, watch) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert serious(page, watch) == []
    page.keyboard.press("Escape")
    page.get_by_label("Cocher tout ce qui est affiché").check()
    page.locator(".row-button").first.click()
    assert serious(page, watch) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Geler").click()
    page.wait_for_url("**/selection/**")
    assert serious(page, watch) == []
    visit(page, "/catalog/product/")
    page.locator(".filter-button").click()
    page.locator("#filter-panel .filter-wait").wait_for(state="detached")
    assert serious(page, watch) == []
    assert watch.problems == []


@pytest.mark.requirement("1-22", "E.3-04")
def test_each_page_has_one_main_part_to_which_the_first_link_leads(open_page):
    page, watch = open_page(GROUP_ADMIN)
    for path in ("/catalogue/", "/catalog/product/", "/core/auditentry/", "/tableau-de-bord/"):
        visit(page, path)
        expect(page.get_by_role("main")).to_have_count(1)
        page.locator(".skip-link").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("main :focus")).to_have_count(1)
    assert watch.problems == []
