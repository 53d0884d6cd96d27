"""The controls of django-unfold, and how a person works them.

A control answers whether the page has it; working it never leaves the page.
"""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

Control = Callable[[Page], bool]


def _visible(page: Page, selector: str) -> Locator | None:
    found = page.locator(selector).filter(visible=True)
    return found.first if found.count() else None


def _click_all(page: Page, selector: str) -> bool:
    # Handles, because a click may take its target out of the selection.
    found = page.locator(selector).filter(visible=True).element_handles()
    for element in found:
        element.click()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    return bool(found)


def sidebar(page: Page) -> bool:
    """Fold the menu and unfold it."""
    button = _visible(page, ".sidebar-desktop")
    if button is None:
        return False
    menu = page.locator("#nav-sidebar")
    button.click()
    expect(menu).to_be_hidden()
    button.click()
    expect(menu).to_be_visible()
    return True


def company_menu(page: Page) -> bool:
    """Open the company switcher, close it with Escape."""
    switch = _visible(page, ".company-switch summary")
    if switch is None:
        return False
    switch.click()
    expect(page.locator(".company-switch button").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".company-switch button").first).to_be_hidden()
    return True


def appearance(page: Page) -> bool:
    """Go through light, dark and the system's choice in the account menu."""
    account = _visible(page, ".account-button")
    if account is None:
        return False
    account.click()
    root = page.locator("html")
    page.get_by_role("button", name="Sombre").click()
    expect(root).to_have_class("dark")
    page.get_by_role("button", name="Clair").click()
    expect(root).to_have_class("light")
    page.get_by_role("button", name="Système").click()
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu")).to_be_hidden()
    return True


def search_everywhere(page: Page) -> bool:
    """Search from the keyboard, walk the results, leave with Escape."""
    if _visible(page, ".search-button") is None:
        return False
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
    return True


def list_search(page: Page) -> bool:
    """Reach the search field of a list with the slash key."""
    field = _visible(page, "#searchbar")
    if field is None:
        return False
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    field.blur()
    return True


def filters(page: Page) -> bool:
    """Open the filters and close them with Escape."""
    button = _visible(page, ".filter-button")
    if button is None:
        return False
    button.click()
    expect(page.locator("#changelist-filter")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#changelist-filter")).to_be_hidden()
    return True


def row_selection(page: Page) -> bool:
    """Choose a row, see the actions, choose one without running it, let go."""
    box = _visible(page, ".action-select")
    if box is None:
        return False
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
    return True


def row_section(page: Page) -> bool:
    """Unfold a row and fold it."""
    arrow = _visible(page, "#result_list td[x-on\\:click='rowOpen = !rowOpen']")
    if arrow is None:
        return False
    arrow.click()
    arrow.click()
    return True


def row_actions(page: Page) -> bool:
    """Open the actions of a row and close them with a click elsewhere."""
    button = _visible(page, "[x-ref^=rowDropdown]")
    if button is None:
        return False
    button.click()
    menu = page.locator("nav[x-show^=openActionsId]").filter(visible=True)
    expect(menu).to_have_count(1)
    page.locator("h1").click(position={"x": 1, "y": 1})
    expect(menu).to_have_count(0)
    return True


def action_menu(page: Page) -> bool:
    """Open a menu of actions at the top of the page and close it."""
    button = _visible(page, "li[x-ref^=actionDropdown] > a")
    if button is None:
        return False
    button.click()
    expect(page.locator("nav[x-show=actionDropdownOpen]")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#content").click(position={"x": 1, "y": 1})
    return True


def dialog(page: Page) -> bool:
    """Open an action's dialog, send it empty, close it with Escape."""
    button = _visible(page, "[hx-target='#modal-content']")
    if button is None:
        return False
    button.click()
    box = page.locator("#dialog")
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    return True


def tabs(page: Page) -> bool:
    """Show each tab of a form, then the first one again."""
    found = _click_all(page, "#tabs-items a[x-on\\:click]")
    if found:
        page.locator("#tabs-items a[x-on\\:click]").first.click()
    return found


def fieldset_tabs(page: Page) -> bool:
    """Show each tab inside a form."""
    return _click_all(page, "[x-on\\:click^=activeFieldsetTab]")


def folded_fields(page: Page) -> bool:
    """Unfold the folded groups of fields."""
    return _click_all(page, "fieldset details:not([open]) > summary")


def autocomplete(page: Page) -> bool:
    """Search in a list that completes what is typed."""
    box = _visible(page, "#content-main form .select2-selection")
    if box is None:
        return False
    box.click()
    field = page.locator(".select2-search__field").last
    field.fill("a")
    expect(page.locator(".select2-results__option").first).to_be_visible()
    expect(page.locator(".select2-results__option.loading-results")).to_have_count(0)
    page.keyboard.press("Escape")
    return True


def related_menu(page: Page) -> bool:
    """Open the menu beside a related object and close it with Escape."""
    button = _visible(page, "[x-on\\:click^='openRelatedWidgetWrapper =']")
    if button is None:
        return False
    button.click()
    expect(page.locator("[x-show=openRelatedWidgetWrapper]:visible")).to_have_count(1)
    button.press("Escape")
    page.locator("h1").click(position={"x": 1, "y": 1})
    expect(page.locator("[x-show=openRelatedWidgetWrapper]:visible")).to_have_count(0)
    return True


def calendar(page: Page) -> bool:
    """Pick a day in the calendar of a date field."""
    fieldset_tabs(page)
    link = _visible(page, "a[id^=calendarlink]")
    if link is None:
        return False
    link.click()
    box = page.locator(".calendarbox:visible")
    box.get_by_role("link", name="15", exact=True).click()
    expect(box).to_have_count(0)
    return True


def clock(page: Page) -> bool:
    """Pick an hour in the clock of a time field."""
    fieldset_tabs(page)
    link = _visible(page, "a[id^=clocklink]")
    if link is None:
        return False
    link.click()
    box = page.locator(".clockbox:visible")
    box.get_by_role("link", name="Midi").click()
    expect(box).to_have_count(0)
    return True


def inline_rows(page: Page) -> bool:
    """Add a row to a table inside a form and take it away."""
    adding = _visible(page, ".add-row")
    if adding is None:
        return False
    rows = page.locator(".delete-template:visible")
    before = rows.count()
    adding.click()
    expect(rows).to_have_count(before + 1)
    rows.last.click()
    expect(rows).to_have_count(before)
    return True


def _by_name(*controls: Control) -> dict[str, Control]:
    return {control.__name__: control for control in controls}


# What surrounds every page, worked once.
FRAME = _by_name(sidebar, company_menu, appearance, search_everywhere)
CONTROLS = _by_name(
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
