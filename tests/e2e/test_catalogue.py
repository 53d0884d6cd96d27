"""The catalogue by hand: a product in three clicks, and in three keys (§3.7, E.2.1, E.3-04)."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.watch import visit

GROUP_ADMIN = "admin.groupe@winvest.example"


@pytest.mark.requirement("3.7-01", "3.7-02", "E.3-04")
def test_a_product_is_found_by_clicks_and_by_keys(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/catalogue/")
    rows = page.locator(".pane-products tbody th a")
    expect(rows).to_have_count(7)
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
    expect(page.locator("[name=name]")).to_have_value("Complémentaire Santé Confort")

    visit(page, "/catalogue/")
    page.keyboard.press("/")
    page.keyboard.type("box")
    expect(rows).to_have_count(1)
    expect(page.locator("#catalogue-search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[name=name]")).to_have_value("Box Internet")

    visit(page, "/catalogue/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("partner=internal"))
    expect(rows).to_have_count(3)
    expect(partners.get_by_role("link", name="Interne")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url("**/catalog/product/add/**")
    assert watch.problems == []
