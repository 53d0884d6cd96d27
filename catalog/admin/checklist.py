"""« Contrôle avant publication »: every problem of a version, with a link to what mends it (§3.4)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware

from catalog.admin.sheet_tabs import sheet_address
from catalog.choices import Channel, VersionState
from catalog.domain.publication import PART_LABELS, Finding, Sale
from catalog.models import ProductVersion
from catalog.selectors.planned_sales import sales_asked
from catalog.services.approval_states import authors_of
from catalog.services.publication import publication_checklist
from winvest.core import permissions
from winvest.core.admin.confirm import address
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_page
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models import Company

TEMPLATE = "admin/catalog/productversion/checklist.html"
# Where the sheet shows and adds what a version still lacks.
PARTS = {
    "accounting.accountingmapping": "parametres",
    "commissions.commissionscheme": "commissions",
    "documents.productdocument": "documents",
}
# What the page that mends a problem is called.
OPENS = {
    "version": "Ouvrir la version",
    "product": "Ouvrir le produit",
    "accounting.accountingmapping": "Ouvrir les comptes",
    "catalog.externalmapping": "Ouvrir le code externe",
    "catalog.saleagreement": "Ouvrir les accords de vente",
    "catalog.salesban": "Ouvrir la liste noire",
    "commissions.commissionscheme": "Ouvrir les commissions",
    "core.user": "Ouvrir les utilisateurs",
    "core.vatrate": "Ouvrir les taux de TVA",
    "documents.productdocument": "Ouvrir les documents",
    "partners.partner": "Ouvrir le partenaire",
}


def checklist_page(page: Any, request: HttpRequest, version: ProductVersion) -> HttpResponse:
    """Return the page for a seller, channels and a start, as the address names them."""
    return local_page(version.company, lambda: _page(page, request, version))


def checklist_address(version: ProductVersion, sale: Sale) -> str:
    """Return the address of the checklist of a sale, whose start is on the wall of the page."""
    base = reverse("admin:catalog_productversion_checklist", args=[version.pk])
    named = "".join(f"&channel={one.value}" for one in Channel if one.value in sale.channels)
    start = localtime(sale.start, ZoneInfo(version.company.timezone))
    return f"{base}?company={sale.seller}{named}&at={start:%Y-%m-%dT%H:%M}"


def _page(page: Any, request: HttpRequest, version: ProductVersion) -> HttpResponse:
    sellers = _sellers(request)
    sale = _asked(request, version, sellers)
    found = publication_checklist(version=version, sale=sale)
    parts = [
        {
            "label": PART_LABELS[part],
            "findings": [_shown(one, version) for one in findings],
            "blocks": any(one.rule.blocking for one in findings),
        }
        for part, findings in found.by_part().items()
    ]
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Contrôle avant publication — {version}",
        "back": address(version),
        "sellers": sellers,
        "sale": sale,
        "channels": [
            {"value": one.value, "label": one.label, "sold": one.value in sale.channels}
            for one in Channel
        ],
        "parts": parts,
        "clear": found.is_clear,
        "blocking": len(found.blocking),
        "publish": _publish_address(request, version, sale),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _asked(request: HttpRequest, version: ProductVersion, sellers: list[Company]) -> Sale:
    """Return the sale that the address names, else the first that is planned, else the owner's."""
    known = {str(one.pk): one.pk for one in sellers}
    asked = {one.seller: one for one in sales_asked(version) if one.seller in known.values()}
    first = next(iter(asked), version.company_id)
    seller = known.get(request.GET.get("company", ""), first)
    named = frozenset(request.GET.getlist("channel")) & frozenset(Channel.values)
    wish = asked.get(seller)
    planned = wish.channels if wish is not None else frozenset(version.channels or Channel.values)
    start = wish.start if wish is not None else max(now(), version.effective_from)
    return Sale(
        seller=seller,
        channels=named or planned,
        start=_instant(request.GET.get("at", "")) or start,
    )


def _instant(text: str) -> datetime | None:
    """Return a local instant that a box sent; None for what is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return make_aware(found) if found is not None and is_naive(found) else found


def _sellers(request: HttpRequest) -> list[Company]:
    return list(Company.objects.order_by("brand_name"))


def _shown(finding: Finding, version: ProductVersion) -> dict[str, Any]:
    return {
        "message": finding.message,
        "rule": finding.rule,
        "cure": finding.rule.cure_on(is_draft=version.state == VersionState.DRAFT),
        "link": cure_address(finding, version),
        "opens": cure_name(finding),
    }


def cure_address(finding: Finding, version: ProductVersion) -> str:
    """Return the page where the problem is mended: the row, else the tab or the list of its kind."""
    if finding.target == "version":
        return address(version)
    if finding.target == "product":
        return address(version.product)
    name = finding.target.replace(".", "_")
    try:
        if finding.target_id is not None:
            return reverse(f"admin:{name}_change", args=[finding.target_id])
        if tab := PARTS.get(finding.target):
            return sheet_address(version.product_id, onglet=tab, version=version.version)
        return reverse(f"admin:{name}_changelist")
    except NoReverseMatch:
        return ""


def cure_name(finding: Finding) -> str:
    """Return what the link to `cure_address` says that it opens."""
    return OPENS.get(finding.target, "Ouvrir")


def _publish_address(request: HttpRequest, version: ProductVersion, sale: Sale) -> str:
    """Return the form of a publication, for whoever may publish."""
    access = permissions.access_of(person(request))
    may = access.allowed_on(Action.PUBLICATION_PUBLISH, version, sale.seller)
    if not may or person(request).pk in authors_of(version):
        return ""
    base = reverse("admin:catalog_publication_add")
    return f"{base}?product_version={version.pk}&company={sale.seller}"
