"""The screens that a signed-in person reaches by following the links of the back-office."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.e2e.watch import visit

LINKS = (
    "#result_list tbody:first-of-type .data-row th a",
    "#main a[href$='/add/']",
    "#main a[href$='/history/']",
    "#main a[href$='/delete/']",
)


def _paths(page: Page, selector: str) -> list[str]:
    found = page.locator(selector).evaluate_all("links => links.map(link => link.pathname)")
    return list(dict.fromkeys(found))


def walk(page: Page) -> Iterator[str]:
    """Visit home, every entry of the menu, its first row, and that row's pages; yield each path.

    The page shows the path while the caller looks at it.
    """
    visit(page, "/")
    waiting = ["/", *_paths(page, "#nav-sidebar-apps a"), "/password_change/"]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        visit(page, path)
        yield path
        visit(page, path)
        waiting += [link for selector in LINKS for link in _paths(page, selector)]
