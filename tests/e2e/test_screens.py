"""Every screen, loaded once: French words, no page wider than its screen, nothing serious found by
axe in light and in dark, nothing out of the keyboard's reach, controls that work under the strict
Content-Security-Policy (1-22, 13-06, design/theme.md)."""

from collections import Counter

import pytest

from catalog.models import Product, Risk
from partners.models import Partner
from tests.e2e.controls import FRAME, work_controls
from tests.e2e.keyboard import unreached
from tests.e2e.review import faults, too_wide
from tests.e2e.screens import FIRST_ROW, walk
from tests.e2e.watch import read, visit
from tests.e2e.words import english
from winvest.core import scoping

GROUP_ADMIN = "admin.groupe@winvest.example"
AUDITOR = "audit.ap@winvest.example"
# One of each kind of screen, which is walked with the Tab key too.
KINDS = (
    *("/catalogue/", "/tableau-de-bord/", "/mes-taches/", "/core/notification/", "/assistant/"),
    *("/catalog/product/", "/core/auditentry/", "/core/importrun/", "/core/user/add/"),
)
# Screens that are the same whatever the row, and how many of them are looked at closely.
SAME = ("history", "delete")
CLOSELY = 3
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


@pytest.mark.requirement("1-22", "13-06", "E.3-04")
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
    wrong = {}
    seen: Counter[str] = Counter()
    for path in walk(page):
        kind = path.strip("/").rpartition("/")[2]
        seen[kind] += 1
        if kind in SAME and seen[kind] > CLOSELY:
            found = [*english(page), *too_wide(page)]
        else:
            found = faults(page, watch)
            found += unreached(page) if path.startswith(KINDS) else []
            work_controls(page, met)
        if found:
            wrong[path] = found
    assert wrong == {}
    assert watch.problems == []
    assert seen.total() > 20
    assert set(met) == USED


@pytest.mark.requirement("1-22")
def test_the_pages_of_whoever_only_reads_are_in_french(open_page):
    """The words of their pages; scripts and styles are those of the pages above."""
    page, _watch = open_page(AUDITOR, scripts=False)
    walked = walk(page, (FIRST_ROW,), visit=read)
    assert {path: words for path in walked if (words := english(page))} == {}


@pytest.mark.requirement("1-22", "E.3-04")
@pytest.mark.parametrize("path", ["/login/", "/nulle-part/"])
def test_pages_outside(open_page, path):
    page, watch = open_page()
    visit(page, path)
    assert [*faults(page, watch), *unreached(page)] == []
