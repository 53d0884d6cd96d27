"""Every screen, loaded once: French words, no page wider than its screen, controls that work
under the strict Content-Security-Policy (1-22, 13-06, design/theme.md)."""

from collections import Counter

import pytest

from catalog.models import Product, Risk
from partners.models import Partner
from tests.e2e.controls import FRAME, work_controls
from tests.e2e.screens import FIRST_ROW, walk
from tests.e2e.watch import read, visit
from tests.e2e.words import english
from winvest.core import scoping

GROUP_ADMIN = "admin.groupe@winvest.example"
AUDITOR = "audit.ap@winvest.example"
HEIGHT = 900
# A telephone, a tablet, and the laptop on which the controls are worked.
WIDTHS = (390, 1024, 1440)
# The controls that the screens have today; a new one is added here when it appears.
USED = {
    "list_search",
    "filters",
    "folded_fields",
    "autocomplete",
    "calendar",
    "clock",
    "inline_rows",
}


def _too_wide(page) -> list[int]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(width)
    return found


@pytest.mark.requirement("1-22", "13-06")
def test_every_screen(open_page):
    with scoping.everything():  # names as long as the database takes them
        for rows, column in ((Risk, "label"), (Partner, "name"), (Product, "name")):
            longest = rows._meta.get_field(column).max_length
            for row in rows.objects.all():
                text = f"{getattr(row, column)} " * longest
                rows.objects.filter(pk=row.pk).update(**{column: text[:longest].strip()})
    page, watch = open_page(GROUP_ADMIN)
    visit(page, "/")
    assert all(control.work(page) for control in FRAME)
    met: Counter[str] = Counter()
    faults = {}
    screens = 0
    for path in walk(page):
        screens += 1
        if fault := [*english(page), *_too_wide(page)]:
            faults[path] = fault
        work_controls(page, met)
    assert faults == {}
    assert watch.problems == []
    assert screens > 20
    assert set(met) == USED


@pytest.mark.requirement("1-22")
def test_the_pages_of_whoever_only_reads_are_in_french(open_page):
    """The words of their pages; scripts and styles are those of the pages above."""
    page, _watch = open_page(AUDITOR, scripts=False)
    walked = walk(page, (FIRST_ROW,), visit=read)
    assert {path: words for path in walked if (words := english(page))} == {}


@pytest.mark.parametrize("path", ["/login/", "/nulle-part/"])
def test_pages_outside_are_in_french(open_page, path):
    page, _watch = open_page()
    visit(page, path)
    assert english(page) == []
