"""The menu and a person's first page, by role (1-22, R-01).

Every entry names an admin URL and the actions that open it: it appears for whoever may do one of
them in at least one company.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from winvest.core.admin.menu_entries import CATALOGUE, MENU
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

_ACTIONS = frozenset(action for group in MENU for item in group.items for action in item.actions)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its address: nothing of a person or a company, it is kept for all."""

    title: str
    icon: str
    link: str
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of a heading that somebody's rights open."""

    title: str
    items: tuple[Entry, ...]


def visible_groups(request: HttpRequest) -> tuple[Section, ...]:
    """Return the groups and entries that the user's rights open; empty groups are left out."""
    access = access_of(request.user)
    actions = frozenset(action for action in _ACTIONS if access.anywhere(action))
    return _sections(actions, get_script_prefix())


@lru_cache(maxsize=128)
def _sections(actions: frozenset[Action], prefix: str) -> tuple[Section, ...]:
    """Return what these actions open below `prefix`, which begins the addresses."""
    sections = (
        Section(
            group.title,
            tuple(
                Entry(item.title, item.icon, reverse(item.url_name), item.description)
                for item in group.items
                if item.actions & actions
            ),
        )
        for group in MENU
    )
    return tuple(section for section in sections if section.items)


def first_page(request: HttpRequest) -> str:
    """Return where a person begins: the catalogue, for whoever may see it (§3.7).

    Else the first page of his menu; nothing of it being open, the page that says so.
    """
    if access_of(request.user).anywhere(Action.CATALOG_VIEW):
        return reverse(CATALOGUE)
    sections = visible_groups(request)
    return sections[0].items[0].link if sections else reverse("admin:index")
