"""No serious fault that axe finds, in light and in dark (1-22)."""

from pathlib import Path

import pytest

from tests.e2e.watch import visit

GROUP_ADMIN = "admin.groupe@winvest.example"
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
"""
SCREENS = (
    *("/catalogue/", "/catalog/product/", "/catalog/product/add/", "/accounting/entry/"),
    *("/tableau-de-bord/", "/mes-taches/", "/assistant/", "/aide/compta/", "/core/user/add/"),
)


def _serious(page) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate(RUN)


@pytest.mark.requirement("1-22")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, scheme):
    visitor, _watch = open_page(scheme=scheme)
    visit(visitor, "/login/")
    assert _serious(visitor) == []
    page, watch = open_page(GROUP_ADMIN, scheme=scheme)
    # axe itself breaks the policy.
    watch.paused = True
    for path in SCREENS:
        visit(page, path)
        assert _serious(page) == [], path
    visit(page, "/catalogue/?columns=code&columns=pricing&columns=changed")
    page.get_by_text("Vues", exact=True).click()
    assert _serious(page) == []
    page.get_by_text("Affichage").click()
    assert _serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_label("Cocher tout ce qui est affiché").check()
    page.locator(".row-button").first.click()
    assert _serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Geler").click()
    page.wait_for_load_state()
    assert _serious(page) == []
    visit(page, "/catalog/product/")
    page.locator(".data-row th a").first.click()
    page.wait_for_load_state()
    assert _serious(page) == []
