"""What every screen must be: in French, within its window at each width, and without a fault that
axe finds serious, in light and in dark (1-22, 13-06)."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.watch import Watch
from tests.e2e.words import english

HEIGHT = 900
# A telephone, a tablet and a laptop, at which the page is left.
WIDTHS = (390, 1024, 1440)
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = """
async (rules) => {
  const asked = { resultTypes: ["violations"], preload: false, ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run(document, asked);
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
"""
# Nothing that comes after the page is on its way.
WHOLE = "() => document.querySelector('.htmx-request') === null"
# What changes between light and dark.
COLOURS = ["color-contrast"]
IS_DARK = "() => document.documentElement.classList.contains('dark')"


def faults(page: Page, watch: Watch) -> list[str]:
    """Return what a person would find wrong in the page once it is there whole."""
    page.wait_for_function(WHOLE)
    return [*english(page), *too_wide(page), *serious(page, watch)]


def too_wide(page: Page) -> list[str]:
    """Return the widths at which the page has to be pushed aside."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width}")
    return found


def serious(page: Page, watch: Watch) -> list[str]:
    """Return the faults that axe finds serious, in light then in dark."""
    watch.paused = True  # axe itself breaks the policy
    page.evaluate(AXE)
    found = page.evaluate(RUN)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(IS_DARK)
    found += [f"dark {fault}" for fault in page.evaluate(RUN, COLOURS)]
    page.emulate_media(color_scheme="light")
    watch.paused = False
    return found
