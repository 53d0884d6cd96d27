"""The catalogue in three panes: choosing on the left narrows on the right (§3.7, E.2.1).

The address holds all that is chosen: it is shared, and the back button works. A click or a key
asks for the panes alone (htmx); « Afficher plus » for the next rows.
"""

from typing import Any
from uuid import UUID

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from catalog.admin.badges import LIFECYCLE
from catalog.admin.facets import FILTERS, READ, WITHOUT_PARTNER
from catalog.choices import IntegrationStatus, LifecycleStatus
from catalog.domain.badges import BADGE_LABELS, badges_of
from catalog.domain.facets import FACETS, INTERNAL
from catalog.selectors.facets import CLOSED, Facet
from catalog.selectors.panes import Choice, read_panes
from catalog.selectors.products import list_products
from catalog.selectors.search import ordering_of
from partners.choices import PartnerStatus
from winvest.core.admin.formatting import badge
from winvest.core.admin.formatting import company as company_label
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access, access_of
from winvest.core.selectors.keyset import CursorError, Page, read_page

SIZE = 50
TITLE = "Catalogue"
SEARCH, CURSOR = "search", "cursor"
# What a choice lets go of: what stands on its right.
ON_THE_RIGHT = {"risk": ("partner",), "partner": ()}
NAMES = {
    "company": "Société",
    "status": "Statut",
    "channel": "Canal",
    "published": "Publié",
    "integrated": "Intégré",
    "pricing": "Tarification",
}
STATUSES: dict[str, tuple[str, str]] = {
    PartnerStatus.INACTIVE: ("Inactif", "neutral"),
    PartnerStatus.TEST: ("En test", "warning"),
    IntegrationStatus.API: ("Intégré API", "success"),
    IntegrationStatus.IMPORT: ("Intégré Import", "info"),
    IntegrationStatus.REQUESTED: ("Demande en cours", "warning"),
}
# What each pane adds: the right, the model, and what the button says.
CREATIONS = {
    "risk": (Action.CATALOG_EDIT, "catalog_risk", "Nouveau risque"),
    "partner": (Action.PARTNER_EDIT, "partners_partner", "Nouveau partenaire"),
    "product": (Action.CATALOG_EDIT, "catalog_product", "Nouveau produit"),
}


@site.admin_view
@require_GET
def catalogue(request: Any) -> HttpResponse:
    """Show the three panes, the panes alone, or the next rows."""
    access = access_of(request.user)
    if not access.anywhere(Action.CATALOG_VIEW):
        raise PermissionDenied
    asked = _asked(request.GET, access)
    target = request.htmx.target
    context = {
        **({} if target else site.each_context(request)),
        "title": TITLE,
        "asked": asked,
        **_rows(request, access, asked),
    }
    if target == "more":
        return TemplateResponse(request, "admin/catalog/panes/_rows.html", context)
    context |= _panes(request, access, asked)
    name = "_panes" if target == "panes" else "page"
    return TemplateResponse(request, f"admin/catalog/panes/{name}.html", context)


def _asked(address: QueryDict, access: Access) -> dict[str, Any]:
    """Return the filters of the address; what it does not know is left out, as if not written."""
    found: dict[str, Any] = {}
    for name in FACETS:
        text = str(address.get(name, ""))
        try:
            if name == "partner" and text == INTERNAL:
                found[name] = INTERNAL
            elif text:
                found[name] = READ[name](text)
        except (KeyError, ValueError):
            continue
    if found.get("company") not in {None, *access.all_companies}:
        del found["company"]
    if text := str(address.get(SEARCH, "")).strip():
        found[SEARCH] = text
    return found


def _rows(request: HttpRequest, access: Access, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of products, and the address of the next one."""
    cursor = request.GET.get(CURSOR) or None
    try:
        page = _page(access, asked, cursor)
    except CursorError:
        page = _page(access, asked, None)
    more = _address(request.GET, **{CURSOR: page.next}) if page.next else ""
    return {"products": [_product(row) for row in page.rows], "more": more}


def _page(access: Access, asked: dict[str, Any], cursor: str | None) -> Page:
    rows = list_products(access, at=now(), **asked, **({CURSOR: cursor} if cursor else {}))
    return read_page(rows, ordering_of(rows), cursor=cursor, size=SIZE, key=dict.__getitem__)


def _product(row: dict[str, Any]) -> dict[str, Any]:
    status = LifecycleStatus(row["lifecycle_status"])
    found = badges_of(
        row["forced_badges"],
        status=status,
        created_at=row["created_at"],
        at=now(),
        has_promotion=row["has_promotion"],
        is_pilot=row["is_pilot"],
    )
    return {
        "link": reverse("admin:catalog_product_change", args=[row["id"]]),
        "name": row["name"],
        "sku": row["sku"],
        "risk": row["risk_label"],
        "partner": row["partner_name"] or "Interne",
        "company": company_label(row["company_code"], row["company_code"]),
        "status": badge(str(status.label), LIFECYCLE[status]),
        "badges": [BADGE_LABELS[one] for one in found],
    }


def _panes(request: HttpRequest, access: Access, asked: dict[str, Any]) -> dict[str, Any]:
    panes = read_panes(access, at=now(), **asked)
    counted = {facet.name: facet for facet in panes.facets}
    filters = [_filter(name, counted.get(name), asked) for name in NAMES]
    left = (("risk", "Risques", panes.risks), ("partner", "Partenaires", panes.partners))
    return {
        "panes": [
            _pane(name, title, choices, request.GET, asked)
            | {"creation": _creation(access, name, asked)}
            for name, title, choices in left
        ],
        "filters": [one for one in filters if one["values"]],
        "number": _number(panes.facets, asked),
        "clear": _address(QueryDict()) if asked else "",
        "creation": _creation(access, "product", asked),
        "export": _export(asked) if access.companies(Action.CATALOG_VIEW_ALL) else "",
    }


def _pane(
    name: str, title: str, choices: list[Choice], address: QueryDict, asked: dict[str, Any]
) -> dict[str, Any]:
    """Return a pane: « Tous », then its lines, each with the address that chooses it."""
    chosen = str(asked.get(name, ""))
    right = dict.fromkeys((*ON_THE_RIGHT[name], CURSOR), None)
    return {
        "title": title,
        "all": {"link": _address(address, **{name: None}, **right), "is_chosen": not chosen},
        "lines": [
            {
                "link": _address(address, **{name: choice.value}, **right),
                "is_chosen": chosen == choice.value,
                "choice": choice,
                "status": badge(*STATUSES[choice.status]) if choice.status in STATUSES else "",
            }
            for choice in choices
        ],
    }


def _filter(name: str, facet: Facet | None, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a filter above the panes; a counted one says what each value would leave."""
    chosen = str(asked.get(name, "")).lower()
    values = facet.values if facet else [{"value": k, "label": v} for k, v in CLOSED[name].items()]
    return {
        "name": name,
        "title": NAMES[name],
        "values": [
            {
                **value,
                "is_exact": facet is None or facet.exact,
                "is_chosen": chosen == str(value["value"]).lower(),
            }
            for value in values
        ],
    }


def _number(facets: list[Facet], asked: dict[str, Any]) -> str:
    """Return how many products are found, « ≥ » where not all are counted."""
    status = next(facet for facet in facets if facet.name == "status")
    kept = {asked["status"]} if "status" in asked else {value["value"] for value in status.values}
    number = sum(value["count"] for value in status.values if value["value"] in kept)
    return f"{'' if status.exact else '≥ '}{number}"


def _address(address: QueryDict, **changes: str | None) -> str:
    """Return the address of the page with other choices; None lets go of one."""
    query = address.copy()
    for name in (CURSOR, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value is not None:
            query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    text = query.urlencode()
    return f"{reverse('catalogue')}{'?' if text else ''}{text}"


def _export(asked: dict[str, Any]) -> str:
    """Return the address that puts what is shown in a file: the list's own, with its filters."""
    given = QueryDict(mutable=True)
    for name, value in asked.items():
        if value == INTERNAL:
            given[WITHOUT_PARTNER] = "true"
        elif name == SEARCH:
            given["q"] = value
        else:
            given[FILTERS[name][1]] = str(value).lower() if isinstance(value, bool) else str(value)
    text = given.urlencode()
    return f"{reverse('admin:catalog_product_export')}{'?' if text else ''}{text}"


def _creation(access: Access, name: str, asked: dict[str, Any]) -> dict[str, str] | None:
    """Return the button that adds to a pane; a product begins with what is chosen."""
    action, model, title = CREATIONS[name]
    if not access.companies(action):
        return None
    given = QueryDict(mutable=True)
    for one in ("company", "risk", "partner"):
        if name == "product" and isinstance(asked.get(one), UUID):
            given[one] = str(asked[one])
    text = given.urlencode()
    return {"title": title, "link": f"{reverse(f'admin:{model}_add')}{'?' if text else ''}{text}"}
