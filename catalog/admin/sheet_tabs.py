"""The seven tabs of a product's sheet, and who fills them (3.7-03, E-02).

Upper applications add their sections, as they do with the parts of a version (decision 4): each
says to whom it opens, and a tab without an open section is not there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from catalog.admin.sheet_blocks import Block
from catalog.domain.lifecycle import VersionStanding, VersionState, version_standing
from catalog.domain.moments import Moment
from catalog.models import Product
from catalog.selectors.moments import at_moment
from catalog.selectors.versions import shows_prices, with_parts
from winvest.core.domain.roles import Action
from winvest.core.models import User
from winvest.core.permissions import Access

TABS = {
    "description": "Description",
    "tarification": "Tarification",
    "commissions": "Commissions",
    "documents": "Documents",
    "parametres": "Paramètres",
    "integrations": "Intégrations",
    "historique": "Historique",
}


def sheet_address(product_id: UUID, **query: object) -> str:
    """Return the address of the sheet, on a tab (`onglet`), a version or a day (`le`)."""
    given = QueryDict(mutable=True)
    for name, value in query.items():
        if value not in (None, ""):
            given[name] = str(value)
    text = given.urlencode()
    return f"{reverse('product-sheet', args=[product_id])}{'?' if text else ''}{text}"


@dataclass(frozen=True)
class Asked:
    """What the sheet shows, of which version, at which instant, to whom.

    `versions` are those that the person sees, the last first; `version` is one of them, or none
    while the product has none.
    """

    user: User
    access: Access
    product: Product
    versions: list[dict[str, Any]]
    version: dict[str, Any] | None
    now: datetime
    # The day that the address asks about, and when the version of that day ended.
    moment: Moment | None = None
    until: datetime | None = None
    # Whether the last changes are told far back (`tout`).
    far_back: bool = False

    @property
    def at(self) -> datetime:
        """The instant at which what is shown applies."""
        return self.moment.as_of if self.moment else self.now

    @cached_property
    def parts(self) -> dict[str, Any]:
        """The version with its plans, prices and publications, as they stood at the moment."""
        version = dict(self.version or {})
        with_parts(self.access, [version], at=self.now)
        version["shows_prices"] = shows_prices(
            self.access, version, version["publications"], at=self.now
        )
        if self.moment is not None:
            at_moment(version, self.until, self.moment)
        return version

    @property
    def zone(self) -> str:
        """The time zone in which the sheet tells its instants."""
        return self.product.company.timezone

    @property
    def currency(self) -> str:
        """The currency of the product's company."""
        return self.product.company.currency

    @property
    def shows_prices(self) -> bool:
        """Whether the person reads the prices of the version (E-07)."""
        return bool(self.parts["shows_prices"])

    @cached_property
    def sees_all(self) -> bool:
        """Whether the person reads the drafts and the past of the owner's catalogue."""
        return self.allows(Action.CATALOG_VIEW_ALL)

    def allows(self, action: Action) -> bool:
        """Whether the person may do this with the product, in its company and its family."""
        return self.access.allowed_on(action, self.product, self.product.company_id)


def standing_of(version: dict[str, Any], *, at: datetime) -> VersionStanding:
    """Return what a version is at an instant."""
    state, ends = VersionState(version["state"]), version["effective_to"]
    return version_standing(state, version["effective_from"], ends, at=at)


Read = Callable[[Asked], Iterable[Block]]
Opens = Callable[[Asked], bool]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a tab."""

    read: Read
    opens: Opens


_sections: dict[str, list[Section]] = {key: [] for key in TABS}


def register_section(tab: str, read: Read, *, opens: Opens | None = None) -> None:
    """Add a section to a tab, below those that are there; without `opens` everybody reads it."""
    _sections[tab].append(Section(read, opens or (lambda _: True)))


def open_tabs(asked: Asked) -> dict[str, str]:
    """Return the tabs that hold something for the person, in their order."""
    return {
        key: label
        for key, label in TABS.items()
        if any(section.opens(asked) for section in _sections[key])
    }


def read_tab(asked: Asked, key: str) -> list[Block]:
    """Return what a tab shows to the person."""
    opened = [section for section in _sections[key] if section.opens(asked)]
    return [block for section in opened for block in section.read(asked)]
