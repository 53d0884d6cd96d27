"""The controls of django-unfold, and how a person works them.

Working a control never leaves the page; it answers whether the page showed it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# Which of the selectors the page holds, shown or not: one question instead of twenty.
HELD = "selectors => selectors.filter((one) => document.querySelector(one) !== null)"


@dataclass(frozen=True, slots=True)
class Control:
    """What `selector` finds, and how it is worked once it shows."""

    name: str
    selector: str
    work: Callable[[Page], bool]
    # What is the same on every page is worked on the first ones alone.
    often: bool


def control(
    selector: str, *, behind_tabs: bool = False, often: bool = True
) -> Callable[[Callable[[Page, Locator], None]], Control]:
    """Make a control of what works the first element of `selector` that shows."""

    def make(work: Callable[[Page, Locator], None]) -> Control:
        def work_first(page: Page) -> bool:
            if behind_tabs:
                fieldset_tabs.work(page)
            found = page.locator(selector).filter(visible=True)
            if not found.count():
                return False
            work(page, found.first)
            return True

        return Control(work.__name__, selector, work_first, often)

    return make


def clicks(name: str, selector: str, *, often: bool = True) -> Control:
    """Make a control that clicks on everything that shows, and back on the first of tabs."""

    def work(page: Page) -> bool:
        # Handles, because a click may take its target out of the selection.
        found = page.locator(selector).filter(visible=True).element_handles()
        for element in found:
            element.click()
        page.evaluate("() => new Promise(requestAnimationFrame)")
        return bool(found)

    return Control(name, selector, work, often)


@control(".sidebar-desktop")
def sidebar(page: Page, button: Locator) -> None:
    """Fold the menu and unfold it."""
    menu = page.locator("#nav-sidebar")
    button.click()
    expect(menu).to_be_hidden()
    button.click()
    expect(menu).to_be_visible()


@control(".company-switch summary")
def company_menu(page: Page, switch: Locator) -> None:
    """Open the company switcher, close it with Escape."""
    switch.click()
    expect(page.locator(".company-switch button").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".company-switch button").first).to_be_hidden()


@control(".account-button")
def appearance(page: Page, account: Locator) -> None:
    """Go through light, dark and the system's choice in the account menu."""
    account.click()
    root = page.locator("html")
    page.get_by_role("button", name="Sombre").click()
    expect(root).to_have_class("dark")
    page.get_by_role("button", name="Clair").click()
    expect(root).to_have_class("light")
    page.get_by_role("button", name="Système").click()
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu")).to_be_hidden()


@control(".search-button")
def search_everywhere(page: Page, _button: Locator) -> None:
    """Search from the keyboard, walk the results, leave with Escape."""
    page.keyboard.press("Control+k")
    field = page.locator("#search-input-command")
    expect(field).to_be_focused()
    field.press_sequentially("Produits")
    expect(page.locator("#command-results-list li").first).to_be_visible()
    field.press("ArrowDown")
    field.press("ArrowUp")
    field.press("Escape")
    field.press("Escape")
    expect(field).to_be_hidden()


@control("#searchbar", often=False)
def list_search(page: Page, field: Locator) -> None:
    """Reach the search field of a list with the slash key."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    field.blur()


@control(".filter-button", often=False)
def filters(page: Page, button: Locator) -> None:
    """Open the filters and close them with Escape."""
    button.click()
    expect(page.locator("#changelist-filter")).to_be_visible()
    expect(page.locator("#filter-panel .filter-wait")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#changelist-filter")).to_be_hidden()


@control(".action-select")
def row_selection(page: Page, box: Locator) -> None:
    """Choose a row, see the actions, choose one without running it, let go."""
    box.check()
    bar = page.locator("#changelist-actions")
    expect(bar).to_be_visible()
    choice = bar.locator("select[name=action]")
    choice.select_option(index=1)
    expect(bar.get_by_role("button", name="Exécuter")).to_be_visible()
    choice.select_option(index=0)
    box.uncheck()
    expect(bar).to_be_hidden()
    page.locator("#action-toggle").check()
    page.locator("#action-toggle").uncheck()


@control("#result_list td[x-on\\:click='rowOpen = !rowOpen']")
def row_section(page: Page, arrow: Locator) -> None:
    """Unfold a row and fold it."""
    arrow.click()
    arrow.click()


@control("[x-ref^=rowDropdown]")
def row_actions(page: Page, button: Locator) -> None:
    """Open the actions of a row and close them with a click elsewhere."""
    button.click()
    menu = page.locator("nav[x-show^=openActionsId]").filter(visible=True)
    expect(menu).to_have_count(1)
    page.locator("h1").click(position={"x": 1, "y": 1})
    expect(menu).to_have_count(0)


@control("li[x-ref^=actionDropdown] > a")
def action_menu(page: Page, button: Locator) -> None:
    """Open a menu of actions at the top of the page and close it."""
    button.click()
    expect(page.locator("nav[x-show=actionDropdownOpen]")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#content").click(position={"x": 1, "y": 1})


@control("[hx-target='#modal-content']")
def dialog(page: Page, button: Locator) -> None:
    """Open an action's dialog, send it empty, close it with Escape."""
    button.click()
    box = page.locator("#dialog")
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


@control("#tabs-items a[x-on\\:click]")
def tabs(page: Page, first: Locator) -> None:
    """Show each tab of a form, then the first one again."""
    every_tab.work(page)
    first.click()


every_tab = clicks("every_tab", "#tabs-items a[x-on\\:click]")
fieldset_tabs = clicks("fieldset_tabs", "[x-on\\:click^=activeFieldsetTab]")
folded_fields = clicks("folded_fields", "fieldset details:not([open]) > summary", often=False)


@control("#content-main form .select2-selection")
def autocomplete(page: Page, box: Locator) -> None:
    """Search in a list that completes what is typed."""
    box.click()
    field = page.locator(".select2-search__field").last
    field.fill("a")
    expect(page.locator(".select2-results__option").first).to_be_visible()
    expect(page.locator(".select2-results__option.loading-results")).to_have_count(0)
    page.keyboard.press("Escape")


@control("[x-on\\:click^='openRelatedWidgetWrapper =']")
def related_menu(page: Page, button: Locator) -> None:
    """Open the menu beside a related object and close it with Escape."""
    button.click()
    expect(page.locator("[x-show=openRelatedWidgetWrapper]:visible")).to_have_count(1)
    button.press("Escape")
    page.locator("h1").click(position={"x": 1, "y": 1})
    expect(page.locator("[x-show=openRelatedWidgetWrapper]:visible")).to_have_count(0)


@control("a[id^=calendarlink]", behind_tabs=True, often=False)
def calendar(page: Page, link: Locator) -> None:
    """Pick a day in the calendar of a date field."""
    link.click()
    box = page.locator(".calendarbox:visible")
    box.get_by_role("link", name="15", exact=True).click()
    expect(box).to_have_count(0)


@control("a[id^=clocklink]", behind_tabs=True, often=False)
def clock(page: Page, link: Locator) -> None:
    """Pick an hour in the clock of a time field."""
    link.click()
    box = page.locator(".clockbox:visible")
    box.get_by_role("link", name="Midi").click()
    expect(box).to_have_count(0)


@control(".add-row")
def inline_rows(page: Page, adding: Locator) -> None:
    """Add a row to a table inside a form and take it away."""
    rows = page.locator(".delete-template:visible")
    before = rows.count()
    adding.click()
    expect(rows).to_have_count(before + 1)
    rows.last.click()
    expect(rows).to_have_count(before)


# What surrounds every page, worked once.
FRAME = (sidebar, company_menu, appearance, search_everywhere)
CONTROLS = (
    list_search,
    filters,
    row_selection,
    row_section,
    row_actions,
    action_menu,
    dialog,
    folded_fields,
    autocomplete,
    related_menu,
    fieldset_tabs,
    calendar,
    clock,
    inline_rows,
    tabs,
)
SELDOM = 6


def work_controls(page: Page, met: Counter[str]) -> None:
    """Work the controls of the page; add to `met` those that it has."""
    held = page.evaluate(HELD, [one.selector for one in CONTROLS])
    for one in CONTROLS:
        wanted = one.often or met[one.name] < SELDOM
        if one.selector in held and wanted and one.work(page):
            met[one.name] += 1
