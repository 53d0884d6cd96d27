"""What a person does on particular pages, under the strict Content-Security-Policy (13-06)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.watch import visit

GROUP_ADMIN = "admin.groupe@winvest.example"


def test_sign_in_is_refused_in_french(open_page):
    page, watch = open_page()
    visit(page, "/")
    page.get_by_label("Adresse e-mail").fill(GROUP_ADMIN)
    page.get_by_label("Mot de passe").fill("faux")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Adresse e-mail ou mot de passe incorrect.")
    assert watch.problems == []


def test_a_removed_row_takes_no_other_choice_with_it(open_page):
    """unfold writes the rows below a removed one again, which would empty them."""
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/core/user/add/")
    roles = page.locator("select[name$='-role']:visible")
    for index, role in enumerate(("accounting", "sales", "auditor")):
        if roles.count() <= index:
            page.locator(".add-row").click()
        roles.nth(index).select_option(role)
    page.locator(".delete-template:visible").nth(1).click()
    expect(roles).to_have_count(2)
    assert [roles.nth(index).input_value() for index in range(2)] == ["accounting", "auditor"]
    names = [roles.nth(index).get_attribute("name") for index in range(2)]
    assert names == ["memberships-0-role", "memberships-1-role"]
    expect(page.locator("[name=memberships-TOTAL_FORMS]")).to_have_value("2")
    assert watch.problems == []


@pytest.mark.requirement("E.1-04", "2.1-company-02")
def test_the_company_switcher_narrows_and_widens(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/core/company/")
    rows = page.locator("#result_list .data-row")
    expect(rows).to_have_count(5)
    page.locator(".company-switch summary").click()
    page.get_by_role("button", name="Mondial TV").click()
    expect(page.locator(".company-switch summary")).to_contain_text("Mondial TV")
    expect(rows).to_have_count(1)
    # Its colours and its logo stand on the page, on a telephone too.
    mark = page.locator(".company-mark")
    expect(mark).to_contain_text("Mondial TV")
    purple = "getComputedStyle(document.querySelector('.company-mark'), '::before').backgroundImage"
    assert "rgb(124, 58, 237)" in page.evaluate(purple)
    page.set_viewport_size({"width": 390, "height": 800})
    assert mark.locator("img").evaluate("image => image.naturalWidth") == 256
    expect(mark.locator("img")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".company-switch summary").click()
    page.get_by_role("button", name="Toutes mes sociétés").click()
    expect(rows).to_have_count(5)
    expect(mark).to_have_count(0)
    assert watch.problems == []
