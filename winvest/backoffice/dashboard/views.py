"""The pages of the dashboard: the frames come at once, each tile asks for its own figures (htmx)."""

from django.contrib.admin import site
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from winvest.backoffice.dashboard import coverage, expiry, mine, products, waiting, week
from winvest.backoffice.dashboard.shapes import Reader, Tile
from winvest.core.admin.rights import companies_allowing
from winvest.core.permissions import access_of

TITLE = "Tableau de bord"
# In the order of the page: what asks for something first.
TILES: tuple[Tile, ...] = (
    waiting.WAITING,
    products.BY_STATUS,
    coverage.DOCUMENTS,
    coverage.MAPPINGS,
    expiry.EXPIRING,
    week.SALES,
    week.CHANGES,
)
MINE: tuple[Tile, ...] = (
    mine.APPROVALS,
    mine.ACCOUNTS,
    mine.DRAFTS,
    expiry.EXPIRING,
    mine.PLANNED,
)
BY_NAME = {tile.name: tile for tile in (*TILES, *MINE)}


@site.admin_view
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the frames of the tiles that the person's rights open."""
    return _page(request, TITLE, TILES)


@site.admin_view
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """Show what the person is asked to do, by right."""
    return _page(request, "Mes tâches", MINE)


def _page(request: HttpRequest, title: str, tiles: tuple[Tile, ...]) -> HttpResponse:
    opened = [tile for tile in tiles if companies_allowing(request, tile.action)]
    context = {**site.each_context(request), "title": title, "tiles": opened}
    return TemplateResponse(request, "admin/dashboard/page.html", context)


@site.admin_view
@require_GET
def figures(request: HttpRequest, name: str) -> HttpResponse:
    """Show the figures of a tile; one that the rights do not open does not exist."""
    tile = BY_NAME.get(name)
    companies = companies_allowing(request, tile.action) if tile else frozenset()
    if tile is None or not companies:
        raise Http404
    shown = tile.read(Reader(access_of(request.user), companies))
    context = {"tile": tile, "figures": shown}
    return TemplateResponse(request, "admin/dashboard/_figures.html", context)
