"""The screens that a signed-in person reaches by following the links of the back-office."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from tests.e2e.watch import visit

Visit = Callable[[Page, str], None]

FIRST_ROW = "#result_list tbody:first-of-type .data-row th a"
LINKS = (
    FIRST_ROW,
    "#main a[href$='/add/']",
    "#main a[href$='/history/']",
    "#main a[href$='/import/']",
    "#main a[href$='/delete/']",
)


def _paths(page: Page, selector: str) -> list[str]:
    found = page.locator(selector).evaluate_all("links => links.map(link => link.pathname)")
    return list(dict.fromkeys(found))


def walk(page: Page, links: tuple[str, ...] = LINKS, *, visit: Visit = visit) -> Iterator[str]:
    """Visit every entry of the menu and the pages that `links` lead to; yield each path.

    The page shows the path while the caller looks at it, and may be left in any state.
    """
    visit(page, "/")
    waiting = [*_paths(page, "#nav-sidebar-apps a"), "/password_change/"]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        visit(page, path)
        waiting += [link for selector in links for link in _paths(page, selector)]
        yield path
