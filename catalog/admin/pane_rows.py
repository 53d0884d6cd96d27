"""The products' pane: a page of rows, the columns that a person chose, and what he may do (§3.7)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.badges import LIFECYCLE
from catalog.admin.pane_address import (
    CURSOR,
    FAVORITE,
    SEARCH,
    Look,
    address_of,
    filled_in,
    product_link,
)
from catalog.choices import (
    Channel,
    IntegrationStatus,
    LifecycleStatus,
    PricingModel,
    RevenueModel,
    ViewColumn,
    ViewOrder,
)
from catalog.domain.badges import BADGE_LABELS, badges_of
from catalog.selectors.pane_rows import Details, read_details
from catalog.selectors.products import list_products
from catalog.selectors.search import look_for, ordering_of
from catalog.selectors.views import among_favorites, favorites_of
from catalog.selectors.visibility import visible_products
from winvest.core.admin.formatting import EMPTY, badge, escape, logo_address
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access
from winvest.core.selectors.keyset import CursorError, Page, read_page
from winvest.core.selectors.own_companies import companies_of

SIZE = 30
ORDERS = {ViewOrder.CODE: ("sku",), ViewOrder.CHANGED: ("-updated_at", "-id")}
# The headings that sort, each by its own index.
SORTS = {ViewColumn.CODE: ViewOrder.CODE, ViewColumn.CHANGED: ViewOrder.CHANGED}
# What a heading tells besides its title.
HINTS = {ViewColumn.CHANNELS: "Où le produit est en vente aujourd'hui"}
# What the menu of a row offers besides its PDF, by right.
DEEDS = {
    "duplicate": Action.CATALOG_EDIT,
    "freeze": Action.LIFECYCLE_FREEZE,
    "export": Action.CATALOG_VIEW_ALL,
}
# The columns that tell where a product is on sale, and what is said of one that is nowhere.
OF_SALES = frozenset({ViewColumn.CHANNELS, ViewColumn.PUBLISHED})
UNPUBLISHED = SafeString(
    '<span class="badge badge-warning unpublished"'
    ' title="Actif, mais sans publication en cours">Non publié</span>'
)
# Where the page puts the key of a row.
KEY = "{key}"
LINKED = {
    IntegrationStatus.API: "success",
    IntegrationStatus.IMPORT: "info",
    IntegrationStatus.REQUESTED: "warning",
}


def conditions(
    access: Access, asked: dict[str, Any], *, at: datetime, cursor: str | None = None
) -> dict[str, Any]:
    """Return the filters of an address as the lists and the counts take them.

    What the reader sees is put together once for both, and searched once.

    The rows after `cursor` are those of a list sorted by relevance.
    """
    filters = {name: value for name, value in asked.items() if name != FAVORITE}
    filters["seen"] = seen = visible_products(access, at=at)
    if SEARCH in asked:
        filters["sought"] = look_for(asked[SEARCH], seen=seen, cursor=cursor)
    return filters | ({"among": among_favorites(access)} if FAVORITE in asked else {})


def rows_of(
    request: HttpRequest, access: Access, look: Look, filters: dict[str, Any], *, at: datetime
) -> dict[str, Any]:
    """Return a page of products, and the address of the next one."""
    try:
        page = _page(access, filters, look, at, request.GET.get(CURSOR) or None)
    except CursorError:
        page = _page(access, filters | {"sought": None}, look, at, None)
    logos = {one.code: logo_address(one) for one in companies_of(request.user)}
    company = filters.get("company")
    shown = Shown(access, look, page.rows, at=at, company=company, logos=logos)
    return {
        "products": [shown.product(row) for row in page.rows],
        "more": address_of(request.GET, **{CURSOR: page.next}) if page.next else "",
        "width": len(look.columns) + 4,
        "empty": EMPTY,
    }


def begun(request: HttpRequest, look: Look) -> str | None:
    """Return the row after which a list sorted by relevance goes on.

    Sorted otherwise, every page finds what the first one found.
    """
    return None if look.order in ORDERS else request.GET.get(CURSOR)


def _page(
    access: Access, filters: dict[str, Any], look: Look, at: datetime, cursor: str | None
) -> Page:
    rows = list_products(access, at=at, **filters)
    return read_page(rows, ordering(rows, look), cursor=cursor, size=SIZE, key=dict.__getitem__)


def ordering(rows: QuerySet[Any, Any], look: Look) -> tuple[str, ...]:
    """Return the keys that sort the products: the order chosen, else relevance, then the name."""
    return ORDERS.get(look.order) or ordering_of(rows)


class Shown:
    """How some rows are shown to one reader."""

    def __init__(
        self,
        access: Access,
        look: Look,
        rows: Sequence[dict[str, Any]],
        *,
        at: datetime,
        company: UUID | None = None,
        logos: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Read what the columns ask beside the rows; `logos` gives those of the companies."""
        self.access, self.look, self.at, self.logos = access, look, at, logos
        keys, columns = [row["id"] for row in rows], set(look.columns)
        # Whoever sees only what is on sale meets nothing that is not published.
        self.watches = bool(access.companies(Action.CATALOG_VIEW_ALL))
        self.favorites = favorites_of(access, keys)
        self.details = read_details(
            access,
            keys,
            at=at,
            sales=self.watches or not columns.isdisjoint(OF_SALES),
            prices=ViewColumn.PRICING in columns,
            company=company,
        )
        self.cells: dict[ViewColumn, Callable[[dict[str, Any]], object]] = {
            ViewColumn.CODE: lambda row: row["sku"],
            ViewColumn.COMPANY: self._company,
            ViewColumn.RISK: lambda row: row["risk_label"],
            ViewColumn.PARTNER: lambda row: row["partner_name"] or "Interne",
            ViewColumn.BRAND: lambda row: row["brand_name"] or EMPTY,
            ViewColumn.STATUS: self._status,
            ViewColumn.REVENUE: lambda row: RevenueModel(row["revenue_model"]).label,
            ViewColumn.PRICING: self._pricing,
            ViewColumn.CHANNELS: self._channels,
            ViewColumn.PUBLISHED: lambda row: "Oui" if self._of(row).is_published else "Non",
            ViewColumn.INTEGRATED: _integration,
            ViewColumn.CHANGED: lambda row: _day(row["updated_at"]),
        }

    def product(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return what the template shows of a row, and what the reader may do with it."""
        found = badges_of(
            row["forced_badges"],
            status=LifecycleStatus(row["lifecycle_status"]),
            created_at=row["created_at"],
            at=self.at,
            has_promotion=row["has_promotion"],
            is_pilot=row["is_pilot"],
        )
        key = str(row["id"])
        return {
            "key": key,
            "link": product_link(key),
            "name": row["name"],
            "sku": "" if ViewColumn.CODE in self.look.columns else row["sku"],
            "badges": [BADGE_LABELS[one] for one in found],
            # Beside the status, where it is shown.
            "unpublished": "" if ViewColumn.STATUS in self.look.columns else self._unpublished(row),
            "is_favorite": row["id"] in self.favorites,
            "star": filled_in("catalogue-favorite", key),
            "cells": [(column, self.cells[column](row)) for column in self.look.columns],
            "may": " ".join(self._deeds(row)),
        }

    def _unpublished(self, row: dict[str, Any]) -> str:
        """Return the mark of a product that may be sold, and that nobody meets where one looks."""
        is_active = row["lifecycle_status"] == LifecycleStatus.ACTIVE
        return UNPUBLISHED if self.watches and is_active and not self._of(row).is_published else ""

    def _status(self, row: dict[str, Any]) -> SafeString:
        status = LifecycleStatus(row["lifecycle_status"])
        return SafeString(f"{badge(str(status.label), LIFECYCLE[status])} {self._unpublished(row)}")

    def _deeds(self, row: dict[str, Any]) -> list[str]:
        """Return what the menu of a row offers besides its PDF."""
        is_active = row["lifecycle_status"] == LifecycleStatus.ACTIVE
        return [
            name
            for name, action in DEEDS.items()
            if (is_active or name != "freeze") and self._may(action, row)
        ]

    def _may(self, action: Action, row: dict[str, Any]) -> bool:
        return self.access.allowed(action, row["company_id"], row["risk_id"])

    def _of(self, row: dict[str, Any]) -> Details:
        return self.details.get(row["id"]) or Details()

    def _company(self, row: dict[str, Any]) -> SafeString:
        return company_with_logo(row["company_code"], self.logos.get(row["company_code"], ""))

    def _pricing(self, row: dict[str, Any]) -> str:
        forms = self._of(row).forms
        return ", ".join(one.label for one in PricingModel if one.value in forms) or EMPTY

    def _channels(self, row: dict[str, Any]) -> str:
        channels = self._of(row).channels
        if channels.issuperset(Channel.values):
            return "Tous"
        return ", ".join(one.label for one in Channel if one.value in channels) or EMPTY


def row_menu(access: Access) -> dict[str, Any]:
    """Return what the menu shared by the rows holds; the page puts in it the key of a row.

    A row shows of it what the reader may do there; what he may do nowhere is not written.
    """
    return {
        "pdf": filled_in("product-pdf", KEY),
        "duplicate": filled_in("admin:catalog_product_duplicate", KEY),
        "freeze": filled_in("admin:catalog_product_freeze", KEY),
        "deeds": {name for name, action in DEEDS.items() if access.companies(action)},
    }


def headings(request: HttpRequest, look: Look, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the columns with the address that sorts by each, where there is one."""
    query = request.GET.copy()

    def sorts(order: ViewOrder) -> str:
        return address_of(query, order=None if order is ViewOrder.NAME else order.value)

    titles = [
        {
            "name": column.value,
            "title": column.label,
            "hint": HINTS.get(column, ""),
            "link": sorts(SORTS[column]) if column in SORTS else "",
            "is_sorted": SORTS.get(column) is look.order,
            "sense": "descending" if column is ViewColumn.CHANGED else "ascending",
        }
        for column in look.columns
    ]
    return {
        "headings": titles,
        "by_name": sorts(ViewOrder.NAME),
        "is_by_name": look.order is ViewOrder.NAME and SEARCH not in asked,
    }


def company_with_logo(code: str, logo: str, name: str = "") -> SafeString:
    """Show a company with its logo, its colour without one."""
    image = format_html('<img class="company-logo" src="{}" alt="">', logo) if logo else ""
    return SafeString(
        f'<span class="company company-{escape(code)}">{image}{escape(name or code)}</span>'
    )


def _integration(row: dict[str, Any]) -> object:
    status = IntegrationStatus(row["integration_status"])
    return badge(str(status.label), LINKED[status]) if status in LINKED else EMPTY


def _day(value: datetime) -> SafeString:
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        date_format(local, "d/m/Y H:i"),
        date_format(local, "d/m/Y"),
    )
