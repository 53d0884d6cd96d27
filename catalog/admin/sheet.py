"""« Fiche produit 360° »: what a product is, costs, pays and needs, read in seven tabs (E.2.2).

The address holds the tab, the version and the date: it is shared, and the back button works.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from catalog.admin.badges import LIFECYCLE, VERSION
from catalog.admin.sheet_actions import freeze_address, opens_steps, quick_steps, read_steps
from catalog.admin.sheet_blocks import Cell
from catalog.admin.sheet_gone import sheet_gone
from catalog.admin.sheet_tabs import (
    TABS,
    Asked,
    open_tabs,
    read_tab,
    sheet_address,
    standing_of,
)
from catalog.admin.sheet_timeline import read_timeline
from catalog.admin.sheet_told import read_told
from catalog.choices import LifecycleStatus, VersionState
from catalog.domain.badges import BADGE_LABELS, badges_of
from catalog.domain.eligibility import SellableProblem
from catalog.domain.lifecycle import STANDING_LABELS, VersionStanding
from catalog.domain.moments import Moment, moment_of
from catalog.models import Product
from catalog.selectors.moments import resolve
from catalog.selectors.sheet import last_change, sheet_product
from catalog.selectors.versions import list_versions
from winvest.core.admin.formatting import EMPTY, badge, instant_text, logo_address
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_page, local_text
from winvest.core.clock import now
from winvest.core.errors import Invalid
from winvest.core.permissions import access_of

TAB, NUMBER, DAY, KNOWN = "onglet", "version", "le", "connu"
# No product was sold before, nor is planned after; instants of other years overflow.
YEARS = (1900, 2200)
BODY, STEPS = "sheet", "sheet-steps"
UNSEEN = "Aucune version que vous puissiez lire n'était en vigueur à cette date."
UNKNOWN = "Ce produit n'a pas de version de ce numéro, ou elle ne vous est pas ouverte."
NO_DATE = "La date « {text} » n'est pas comprise : choisissez un jour du calendrier."
NOT_KNOWN = "À la date « tel que connu le », aucune version de ce produit n'était encore mise en production."


@site.admin_view
@require_GET
def sheet(request: Any, pk: UUID) -> HttpResponse:
    """Show the sheet of a product that the user sees, or a tab of it; any other does not exist."""
    product = sheet_product(access_of(request.user), pk, at=now())
    if product is None:
        return sheet_gone(request)
    return local_page(product.company, lambda: _page(request, product))


@site.admin_view
@require_GET
def sheet_steps(request: Any, pk: UUID) -> HttpResponse:
    """Show what the person may do with the product, and why something is refused."""
    product = sheet_product(access_of(request.user), pk, at=now())
    if product is None:
        return sheet_gone(request)
    return local_page(product.company, lambda: _steps_page(request, product))


def _steps_page(request: Any, product: Product) -> HttpResponse:
    asked, _ = read_question(request, product)
    part = request.htmx.target == STEPS
    context = {
        **({} if part else site.each_context(request)),
        "title": product.name,
        "product": product,
        "steps": read_steps(asked),
        "version": asked.version,
        "back": _kept(request, product),
    }
    name = "_steps" if part else "steps"
    return TemplateResponse(request, f"admin/catalog/sheet/{name}.html", context)


def _page(request: Any, product: Product) -> HttpResponse:
    asked, problem = read_question(request, product)
    tabs = open_tabs(asked)
    chosen = request.GET.get(TAB, "")
    chosen = chosen if chosen in tabs else next(iter(tabs))
    part = request.htmx.target == BODY
    context = {
        **({} if part else site.each_context(request)),
        "title": product.name,
        "product": product,
        "tab": {"key": chosen, "label": TABS[chosen]},
        "tabs": [
            {
                "key": key,
                "label": label,
                "link": _kept(request, product, **{TAB: key}),
                "is_chosen": key == chosen,
            }
            for key, label in tabs.items()
        ],
        "problem": problem,
        "problem_box": KNOWN if problem == NOT_KNOWN else DAY,
        "blocks": [] if problem else read_tab(asked, chosen),
    }
    if not part:
        context |= {"head": _head(request, asked), "chooser": _chooser(request, asked)}
        context |= {"timeline": read_timeline(asked), "told": read_told(asked)}
    name = "_body" if part else "page"
    return TemplateResponse(request, f"admin/catalog/sheet/{name}.html", context)


def read_question(request: HttpRequest, product: Product) -> tuple[Asked, str]:
    """Return what the address asks of the product, and what is wrong with its date."""
    access, at = access_of(request.user), now()
    rows = list_versions(access, product_id=product.pk, at=at).order_by("-version")
    versions = list(rows)
    unread = _unread(request)
    moment = _moment(request, at)
    number = request.GET.get(NUMBER, "")
    version, until, problem = _chosen(product, versions, number, moment, at)
    return Asked(
        user=person(request),
        access=access,
        product=product,
        versions=versions,
        version=version,
        now=at,
        moment=moment,
        until=until,
        far_back="tout" in request.GET,
    ), unread or problem


def _day(text: str) -> datetime | None:
    """Return the first instant of a day of the company; None for what is no day of its calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not YEARS[0] <= day.year <= YEARS[1]:
        return None
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _unread(request: HttpRequest) -> str:
    """Return what is said of a date that is none; what is shown is not that of another day."""
    for name in (DAY, KNOWN):
        text = request.GET.get(name, "").strip()
        if text and _day(text) is None:
            return NO_DATE.format(text=text[:40])
    return ""


def _moment(request: HttpRequest, at: datetime) -> Moment | None:
    """Return the day asked about, as it was known at the end of another; no day of the past is today's.

    What will be known is not known yet: such a day tells what is known now.
    """
    known = _day(request.GET.get(KNOWN, ""))
    end = None if known is None else known + timedelta(days=1)
    return moment_of(_day(request.GET.get(DAY, "")), end if end and end <= at else None, now=at)


def _chosen(
    product: Product,
    versions: list[dict[str, Any]],
    number: str,
    moment: Moment | None,
    at: datetime,
) -> tuple[dict[str, Any] | None, datetime | None, str]:
    """Return the version of the day, else the one of the number, else the one in force or last."""
    if moment is not None:
        try:
            found, until = resolve(product.pk, moment)
        except Invalid as error:
            return None, None, _refused(error, moment, versions)
        shown = next((one for one in versions if one["id"] == found), None)
        return shown, until, "" if shown else UNSEEN
    for version in versions:
        if number == str(version["version"]):
            return version, None, ""
    if number:
        return None, None, UNKNOWN
    return _in_force(versions, at) or next(iter(versions), None), None, ""


def _refused(error: Invalid, moment: Moment, versions: list[dict[str, Any]]) -> str:
    """Return why no version answers; of a day at which none was known yet, just that."""
    unknown = moment.known_at is not None and str(error) == SellableProblem.VERSION.message
    return NOT_KNOWN if unknown and versions else str(error)


def _in_force(versions: list[dict[str, Any]], at: datetime) -> dict[str, Any] | None:
    """Return the version that runs, None when none does."""
    runs = (one for one in versions if standing_of(one, at=at) is VersionStanding.IN_FORCE)
    return next(runs, None)


def _kept(request: HttpRequest, product: Product, **changes: str) -> str:
    """Return the address of the page with other choices."""
    given = {name: request.GET.get(name, "") for name in (TAB, NUMBER, DAY, KNOWN)}
    return sheet_address(product.pk, **(given | changes))


def _head(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Return the six facts of the header (E.2.2-01), its badges and its logo."""
    product = asked.product
    status = LifecycleStatus(product.lifecycle_status)
    found = badges_of(
        product.badges,
        status=status,
        created_at=product.created_at,
        at=asked.now,
        has_promotion=getattr(product, "has_promotion", False),
        is_pilot=getattr(product, "is_pilot", False),
    )
    return {
        "company": company_label(product.company.code, product.company.brand_name),
        "company_code": product.company.code,
        "logo": logo_address(product.company),
        "partner": product.partner.name if product.partner else "Interne",
        "status": badge(str(status.label), LIFECYCLE[status]),
        "badges": [BADGE_LABELS[one] for one in found],
        "changed": _changed(asked),
        "steps": quick_steps(asked),
        "more": _steps_address(asked),
        "files": _files(request, asked),
        "freeze": freeze_address(asked),
        "edit": _form(asked),
    }


def _form(asked: Asked) -> str:
    """Return the form of the product, for whoever reads the whole catalogue."""
    if not asked.sees_all:
        return ""
    return reverse("admin:catalog_product_change", args=[asked.product.pk])


def _files(request: HttpRequest, asked: Asked) -> list[tuple[str, str]]:
    """Return the sheet as files, of the version and the day shown."""
    given = QueryDict(mutable=True)
    if asked.moment:
        given.update({name: request.GET[name] for name in (DAY, KNOWN) if request.GET.get(name)})
    elif asked.version:
        given[NUMBER] = str(asked.version["version"])
    return [
        (kind.upper(), f"{reverse(f'product-{kind}', args=[asked.product.pk])}?{given.urlencode()}")
        for kind in ("pdf", "csv")
    ]


def _steps_address(asked: Asked) -> str:
    """Return the page of every step, for whoever finds one there."""
    if not opens_steps(asked):
        return ""
    base = reverse("product-steps", args=[asked.product.pk])
    return f"{base}?{NUMBER}={asked.version['version']}" if asked.version else base


def _changed(asked: Asked) -> Cell:
    """Return the last change, and who made it; to a seller, who guesses no draft, the last release."""
    if not asked.sees_all:
        sold = _in_force(asked.versions, asked.now)
        return Cell(local_text(sold["released_at"], asked.zone) if sold else EMPTY)
    found = last_change(asked.product, [one["id"] for one in asked.versions])
    at = instant_text(timezone.localtime(found.at))
    return Cell(f"{at}, par {found.by}" if found.by else at)


def _chooser(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Return the versions to choose from, and the date that is asked about."""
    version = asked.version
    standing = standing_of(version, at=asked.now) if version else None
    return {
        "day": request.GET.get(DAY, "") if asked.moment else "",
        "known": request.GET.get(KNOWN, "") if asked.moment and asked.moment.known_at else "",
        "is_past": asked.moment is not None,
        "versions": [
            {
                "number": one["version"],
                "label": f"Version {one['version']} — {STANDING_LABELS[standing_of(one, at=asked.now)]}",
                "is_chosen": version is not None and one["id"] == version["id"],
            }
            for one in asked.versions
        ],
        "version": version,
        "standing": badge(STANDING_LABELS[standing], VERSION[standing]) if standing else "",
        "is_draft": version is not None and version["state"] != VersionState.RELEASED,
        "clear": _kept(request, asked.product, **{DAY: "", KNOWN: ""}),
    }
