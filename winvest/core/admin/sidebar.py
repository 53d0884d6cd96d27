"""The menu beside every page, put together from entries that are written once.

Forty entries written anew took a quarter of a page's time. What is kept for all is a title and an
address; which entries a person gets, which one is lit and what waits to be read are asked each time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from winvest.core.admin.menu import Entry, visible_groups
from winvest.core.admin.menu_entries import NOTIFICATIONS
from winvest.core.permissions import access_of
from winvest.core.selectors.notifications import unread_count

# From this number on, the menu says « 99+ ».
MANY = 100


@dataclass(frozen=True, slots=True)
class Counter:
    """What an entry counts: `about` says it, `count` asks for it at each page, `MANY` at most."""

    about: str
    count: Callable[[HttpRequest], int]


_COUNTERS = {
    NOTIFICATIONS: Counter(
        "Non lues", lambda request: unread_count(access_of(request.user), limit=MANY)
    )
}


def register_counter(url_name: str, counter: Counter) -> None:
    """Have an entry of the menu say how many wait; called by an upper application when it begins."""
    _COUNTERS[url_name] = counter


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar; one entry at most is lit, the one whose pages hold this address.

    Its group is noted on the request: the path above the page begins by it.
    """
    counters = {reverse(name): counter for name, counter in _COUNTERS.items()}
    groups = []
    for section in visible_groups(request):
        entries = []
        for entry in section.items:
            is_lit = request.path.startswith(entry.link)
            if is_lit:
                request.menu_group = section.title  # type: ignore[attr-defined]
            counter = counters.get(entry.link)
            waits = _waits(counter.count(request)) if counter else ""
            about = counter.about if counter else ""
            entries.append(_written(entry, is_lit=is_lit, waits=waits, about=about))
        groups.append({"title": section.title, "entries": SafeString("".join(entries))})
    return groups


@lru_cache(maxsize=512)
def _written(entry: Entry, *, is_lit: bool, waits: str = "", about: str = "") -> SafeString:
    """Return an entry as the page shows it."""
    context = {"item": entry, "is_lit": is_lit, "waits": waits, "about": about}
    return render_to_string("unfold/helpers/app_list_entry.html", context)


def _waits(number: int) -> str:
    """Return how many wait, as the menu says it; nothing for none."""
    if number >= MANY:
        return f"{MANY - 1}+"
    return str(number) if number else ""
