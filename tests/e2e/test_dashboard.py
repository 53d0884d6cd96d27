"""The dashboard as it is drawn (§6, E.3-04)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.watch import visit

GROUP_ADMIN = "admin.groupe@winvest.example"
DRAWN = "canvases => canvases.map(canvas => Chart.getChart(canvas)?.data.datasets.length ?? 0)"


@pytest.mark.requirement("6-05", "H.3.1-01")
def test_charts_are_drawn_and_told_as_tables(open_page):
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/tableau-de-bord/")
    charts = page.locator("canvas[data-chart]")
    expect(charts).to_have_count(4)
    assert charts.evaluate_all(DRAWN) == [5, 2, 3, 6]
    tile = page.get_by_role("region", name="Produits par statut et société")
    tile.get_by_text("Voir les chiffres").click()
    expect(tile.get_by_role("row", name="Mondial TV 0 0 2 0 0")).to_be_visible()
    tile.get_by_role("link", name="produits actifs").click()
    expect(page.locator("#result_list tbody .data-row")).to_have_count(7)
    page.keyboard.press("?")
    page.wait_for_url("**/aide/admin-groupe/")
    assert watch.problems == []
