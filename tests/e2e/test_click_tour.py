"""The back-office works under the strict Content-Security-Policy (1-22, 13-06, design/theme.md)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.controls import CONTROLS
from tests.e2e.screens import walk
from tests.e2e.watch import visit

GROUP_ADMIN = "admin.groupe@winvest.example"


@pytest.mark.requirement("1-22", "13-06")
def test_every_control_works_without_a_violation(open_page):
    page, watch = open_page(GROUP_ADMIN)
    met: set[str] = set()
    screens = 0
    for _path in walk(page):
        screens += 1
        met |= {name for name, control in CONTROLS.items() if control(page)}
    assert watch.problems == []
    assert screens > 20
    assert set(CONTROLS) - met == set(), "a control that no screen has any more"


def test_sign_in_and_out(open_page, settings):
    page, watch = open_page()
    visit(page, "/")
    page.get_by_label("Adresse e-mail").fill(GROUP_ADMIN)
    page.get_by_label("Mot de passe").fill("faux")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Adresse e-mail ou mot de passe incorrect.")
    assert watch.problems == []


def test_a_removed_row_takes_no_typed_value_with_it(open_page):
    """unfold writes the rows below a removed one again and would empty them."""
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/partners/partner/add/")
    for _row in range(3):
        page.locator(".add-row:visible").first.click()
    fields = page.locator(".form-group:not(.empty-form) input[type=text]:visible")
    assert fields.count() >= 3
    assert watch.problems == []


def test_the_company_switcher_narrows_and_widens(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/core/company/")
    rows = page.locator("#result_list .data-row")
    expect(rows).to_have_count(5)
    page.locator(".company-switch summary").click()
    page.get_by_role("button", name="Mondial TV").click()
    expect(page.locator(".company-switch summary")).to_contain_text("Mondial TV")
    expect(rows).to_have_count(1)
    page.locator(".company-switch summary").click()
    page.get_by_role("button", name="Toutes mes sociétés").click()
    expect(rows).to_have_count(5)
    assert watch.problems == []
