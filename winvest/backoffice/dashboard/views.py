"""The pages of the dashboard and of « Mes tâches »: the frames come at once, each tile asks for its own figures (htmx)."""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from winvest.backoffice.dashboard import (
    booking,
    coverage,
    expiry,
    launching,
    mine,
    products,
    selling,
    waiting,
    week,
)
from winvest.backoffice.dashboard.counts import count_tasks
from winvest.backoffice.dashboard.lists import read_part
from winvest.backoffice.dashboard.planning import DAY, MONTH, day_of, day_page, month_of, month_page
from winvest.backoffice.dashboard.shapes import Reader, Tile
from winvest.core.admin.rights import companies_allowing
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

TITLE, CALENDAR = "Tableau de bord", "Calendrier"
NO_ROLE = "Aucun rôle ne vous est encore attribué. Demandez à l'administrateur de votre société de vous habiliter."
NOTHING = (
    "Rien ne vous est demandé : votre rôle consulte le catalogue, sans rien à valider ni à rédiger."
)
# In the order of the page, for those to whom each asks for something or nothing.
TILES: tuple[Tile, ...] = (
    waiting.WAITING,
    products.BY_STATUS,
    coverage.DOCUMENTS,
    booking.TO_BOOK,
    coverage.MAPPINGS,
    expiry.EXPIRING,
    selling.FAMILIES,
    selling.FAVORITES,
    week.SALES,
    selling.SOON_OVER,
    selling.FROZEN,
    week.CHANGES,
)
MINE: tuple[Tile, ...] = (
    mine.APPROVALS,
    mine.ACCOUNTS,
    launching.RELEASES,
    launching.SALES,
    launching.COMMUNICATION,
    mine.DRAFTS,
    expiry.LACKING,
    expiry.EXPIRING,
)
PAGE = "page"
PLANNING = Action.CATALOG_VIEW_ALL
BY_NAME = {tile.name: tile for tile in (*TILES, *MINE)}


@site.admin_view
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the frames of the tiles that the person's rights open: what asks for something first."""
    access = access_of(request.user)
    tiles = sorted(TILES, key=lambda tile: tile.task is None or not access.anywhere(tile.task))
    return _page(request, TITLE, tuple(tiles))


@site.admin_view
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """Show what the person is asked to do, by right."""
    count_tasks(request)
    named = {name: request.GET[name] for name in (MONTH, DAY) if name in request.GET}
    calendar = f"{reverse('my-calendar')}?{urlencode(named)}"
    opened = companies_allowing(request, PLANNING)
    return _page(request, "Mes tâches", MINE, calendar=calendar if opened else "")


@site.admin_view
@require_GET
def my_calendar(request: Any) -> HttpResponse:
    """Show a month of what is planned, or a day of it: alone, or inside « Mes tâches »."""
    companies = companies_allowing(request, PLANNING)
    if not companies:
        raise PermissionDenied
    reader = Reader(access_of(request.user), companies)
    day = day_of(request.GET.get(DAY, ""))
    shown = (
        day_page(reader, day) if day else month_page(reader, month_of(request.GET.get(MONTH, "")))
    )
    context = {**shown, "heading": shown["title"], "title": CALENDAR}
    if not request.htmx or request.htmx.history_restore_request:
        context |= site.each_context(request)
        return TemplateResponse(request, "admin/dashboard/calendar.html", context)
    pushed = {}
    if request.htmx.target == "calendar":
        # Inside « Mes tâches » the address stays that page's.
        around = urlsplit(request.htmx.current_url or "").path
        base = around if around == reverse("my-work") else request.path
        pushed = {"HX-Push-Url": f"{base}?{request.GET.urlencode()}"}
    return TemplateResponse(request, "admin/dashboard/_calendar.html", context, headers=pushed)


def _page(request: HttpRequest, title: str, tiles: tuple[Tile, ...], **more: Any) -> HttpResponse:
    opened = [tile for tile in tiles if _companies(request, tile)]
    held = access_of(request.user)
    empty = NOTHING if held.group_wide or held.by_company else NO_ROLE
    context = {
        **site.each_context(request),
        "title": title,
        "tiles": opened,
        "empty": empty,
        **more,
    }
    return TemplateResponse(request, "admin/dashboard/page.html", context)


def _companies(request: HttpRequest, tile: Tile) -> frozenset[UUID]:
    """Return where the tile opens to the person."""
    companies = companies_allowing(request, tile.action)
    if tile.unless is None:
        return companies
    return companies - companies_allowing(request, tile.unless)


@site.admin_view
@require_GET
def figures(request: HttpRequest, name: str) -> HttpResponse:
    """Show the figures of a tile; one that the rights do not open does not exist."""
    tile = BY_NAME.get(name)
    companies = _companies(request, tile) if tile else frozenset()
    if tile is None or not companies:
        raise Http404
    shown = tile.read(Reader(access_of(request.user), companies))
    context = {"tile": tile, "figures": shown}
    return TemplateResponse(request, "admin/dashboard/_figures.html", context)


@site.admin_view
@require_GET
def my_tasks(request: HttpRequest, name: str) -> HttpResponse:
    """Show all the rows of a tile, page by page; one that the rights do not open does not exist."""
    tile = BY_NAME.get(name)
    companies = _companies(request, tile) if tile else frozenset()
    if tile is None or tile.listings is None or not companies:
        raise Http404
    listings = tile.listings(Reader(access_of(request.user), companies))
    part = read_part(listings, request.GET.get(PAGE, ""))
    context = {**site.each_context(request), "title": tile.title, "part": part}
    return TemplateResponse(request, "admin/dashboard/list.html", context)
