"""The catalogue in three panes: choosing on the left narrows on the right (§3.7, E.2.1).

The address holds all that is chosen: it is shared, and the back button works. A click or a key
asks for the panes alone (htmx); « Afficher plus » for the next rows.
"""

from typing import Any
from uuid import UUID

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from catalog.admin.facets import FILTERS, WITHOUT_PARTNER
from catalog.admin.pane_address import (
    COLUMNS,
    FAVORITE,
    MAX_SEARCH,
    NAMED,
    NO_VIEW,
    ORDER,
    SEARCH,
    VIEW,
    Look,
    address_of,
    as_saved,
    asked_by,
    look_of,
    query_of,
)
from catalog.admin.pane_rows import (
    begun,
    company_with_logo,
    conditions,
    headings,
    row_menu,
    rows_of,
)
from catalog.admin.saved_views import first_view, link_of, views_menu
from catalog.admin.selection import deeds_of
from catalog.choices import IntegrationStatus, ViewColumn, ViewOrder
from catalog.domain.facets import INTERNAL
from catalog.selectors.facets import CLOSED, Facet
from catalog.selectors.panes import Choice, Panes, read_panes
from catalog.selectors.views import my_views
from partners.choices import PartnerStatus
from winvest.core.admin.formatting import badge, count_text, escape, logo_address
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access, access_of
from winvest.core.selectors.own_companies import companies_of

TITLE = "Catalogue"
# What a choice lets go of: what stands on its right.
ON_THE_RIGHT = {"risk": ("partner",), "partner": ()}
NAMES = {
    "company": "Société",
    "status": "Statut",
    "channel": "Canal de vente",
    "published": "Publié",
    "integrated": "Intégré",
    "pricing": "Tarif",
}
STATUSES: dict[str, tuple[str, str]] = {
    PartnerStatus.INACTIVE: ("Inactif", "neutral"),
    PartnerStatus.TEST: ("En test", "warning"),
    IntegrationStatus.API: ("Intégré API", "success"),
    IntegrationStatus.IMPORT: ("Intégré Import", "info"),
    IntegrationStatus.REQUESTED: ("Demande en cours", "warning"),
}
# What each pane adds: the right, the page, and what the button says.
CREATIONS = {
    "risk": (Action.CATALOG_EDIT, "admin:catalog_risk_add", "Nouveau risque"),
    "partner": (Action.PARTNER_EDIT, "admin:partners_partner_add", "Nouveau partenaire"),
    "product": (Action.CATALOG_EDIT, "wizard", "Nouveau produit"),
}


@site.admin_view
@require_GET
def catalogue(request: Any) -> HttpResponse:
    """Show the three panes, the panes alone, or the next rows."""
    access = access_of(request.user)
    if not access.anywhere(Action.CATALOG_VIEW):
        raise PermissionDenied
    target = request.htmx.target
    views = [] if target == "more" else list(my_views(access))
    asked, look, at = asked_by(request.GET, access), look_of(request.GET, access), now()
    first = first_view(views)
    if first is not None and not request.GET and not target:
        return HttpResponseRedirect(link_of(first, look.own))
    filters = conditions(access, asked, at=at, cursor=begun(request, look))
    context = {
        **({} if target else site.each_context(request)),
        "title": TITLE,
        "asked": asked,
        **rows_of(request, access, look, filters, at=at),
        "deeds": deeds_of(access),
    }
    if target == "more":
        return TemplateResponse(request, "admin/catalog/panes/_rows.html", context)
    address = _kept(request.GET, asked, look, may_be_bare=first is None)
    named = str(request.GET.get(NAMED, ""))[:MAX_SEARCH]
    panes = read_panes(access, at=at, partner_named=named, **filters)
    context |= _panes(request, access, asked, look, address, panes)
    context |= views_menu(request, access, views, address, look.own)
    if not target:
        return TemplateResponse(request, "admin/catalog/panes/page.html", context)
    # The address without what is empty, as it is shared.
    pushed = {"HX-Push-Url": address_of(address)} if target == "panes" else {}
    return TemplateResponse(request, "admin/catalog/panes/_panes.html", context, headers=pushed)


def _kept(address: QueryDict, asked: dict[str, Any], look: Look, *, may_be_bare: bool) -> QueryDict:
    """Return the address in its shortest form; bare, it would open the person's first view."""
    view = str(address.get(VIEW, "")) or ("" if may_be_bare else NO_VIEW)
    return query_of(**as_saved(asked, look), own=look.own, view=view)


def _panes(
    request: Any,
    access: Access,
    asked: dict[str, Any],
    look: Look,
    address: QueryDict,
    panes: Panes,
) -> dict[str, Any]:
    counted = {facet.name: facet for facet in panes.facets}
    companies = _filter("company", counted["company"], asked)
    left = (("risk", "Risques", panes.risks), ("partner", "Partenaires", panes.partners))
    return {
        "panes": [
            _pane(name, title, choices, address, asked)
            | {"creation": _creation(access, name, asked)}
            | {"is_cut": name == "partner" and panes.are_partners_cut}
            for name, title, choices in left
        ],
        "companies_asked": _companies(request, companies, address),
        "filters": _filters(access, counted, asked),
        "number": _number(panes.facets, asked),
        "clear": _cleared(address, asked) if asked else "",
        "creation": _creation(access, "product", asked),
        **_exports(access, asked, address),
        "favorite": {
            "link": address_of(address, favorite=None if FAVORITE in asked else "true"),
            "is_chosen": FAVORITE in asked,
        },
        **_choices(address, look),
        "row_menu": row_menu(access),
        **headings(request, look, asked),
    }


def _cleared(address: QueryDict, asked: dict[str, Any]) -> str:
    """Return the address without its filters, nor the view that they came from."""
    view = NO_VIEW if VIEW in address else None
    return address_of(address, **{**dict.fromkeys(asked), VIEW: view})


def _choices(address: QueryDict, look: Look) -> dict[str, Any]:
    """Return the columns and the orders to choose from, and what each form keeps of the address."""
    kept = [(name, value) for name, values in address.lists() for value in values]
    return {
        "here": address_of(address),
        "columns": [
            {"value": one.value, "label": one.label, "is_chosen": one in look.columns}
            for one in ViewColumn
        ],
        "orders": [
            {"value": one.value, "label": one.label, "is_chosen": one is look.order}
            for one in ViewOrder
        ],
        "look_kept": [one for one in kept if one[0] in {COLUMNS, ORDER, FAVORITE, VIEW}],
    }


def _companies(request: Any, asked: dict[str, Any], address: QueryDict) -> list[dict[str, Any]]:
    """Return the companies to choose from, each with its logo or its colour; none for only one."""
    known = {str(one.pk): one for one in companies_of(request.user)}
    values = [value for value in asked["values"] if value["value"] in known]
    if len(values) < 2 and not any(value["is_chosen"] for value in values):
        return []
    return [
        {
            **value,
            "link": address_of(address, company=None if value["is_chosen"] else value["value"]),
            "shown": company_with_logo(
                known[value["value"]].code, logo_address(known[value["value"]]), value["label"]
            ),
        }
        for value in values
    ]


def _pane(
    name: str, title: str, choices: list[Choice], address: QueryDict, asked: dict[str, Any]
) -> dict[str, Any]:
    """Return a pane: « Tous », then its lines, each with the address that chooses it."""
    chosen = str(asked.get(name, ""))
    all_ = address_of(address, **{name: None}, **dict.fromkeys(ON_THE_RIGHT[name], None))
    # A key needs no quoting: a hundred addresses are not worked out one by one.
    start = f"{all_}{'&' if '?' in all_ else '?'}{name}="
    return {
        "name": name,
        "title": title,
        "all": {"link": all_, "is_chosen": not chosen},
        "lines": [
            _line(one, f"{start}{one.value}", is_chosen=chosen == one.value) for one in choices
        ],
        "chosen": next((one.label for one in choices if one.value == chosen), "Tous"),
    }


def _line(choice: Choice, link: str, *, is_chosen: bool) -> SafeString:
    """Return a line of a pane: written here, a hundred of them take a third of the template's time."""
    to, current = escape(link), ' aria-current="true"' if is_chosen else ""
    icon = (
        f'<span class="material-symbols-outlined" aria-hidden="true">{escape(choice.icon)}</span>'
        if choice.icon
        else ""
    )
    status = badge(*STATUSES[choice.status]) if choice.status in STATUSES else ""
    least = "" if choice.is_exact else '<abbr title="Au moins">≥</abbr> '
    return SafeString(
        f'<li><a class="pane-depth-{choice.depth}" href="{to}" hx-get="{to}"{current}>{icon}'
        f'<span class="pane-label">{escape(choice.label)} {status}</span>'
        f'<span class="pane-count">{least}{count_text(choice.count)}</span></a></li>'
    )


def _filters(
    access: Access, counted: dict[str, Facet], asked: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the filters above the panes.

    Whoever sees only what is on sale is offered no value that leaves nothing, nor a filter without
    a choice: all that he sees is published.
    """
    is_whole = bool(access.companies(Action.CATALOG_VIEW_ALL))
    filters = [
        _filter(name, counted.get(name), asked, may_leave_none=is_whole)
        for name in NAMES
        if name != "company" and (is_whole or name != "published" or name in asked)
    ]
    return [one for one in filters if len(one["values"]) > 1 or one["name"] in asked]


def _filter(
    name: str, facet: Facet | None, asked: dict[str, Any], *, may_leave_none: bool = True
) -> dict[str, Any]:
    """Return a filter above the panes; a counted one says what each value would leave."""
    chosen = str(asked.get(name, "")).lower()
    values: list[dict[str, Any]] = (
        facet.values if facet else [{"value": k, "label": v} for k, v in CLOSED[name].items()]
    )
    return {
        "name": name,
        "title": NAMES[name],
        "values": [
            {
                **value,
                **({"count": count_text(value["count"])} if "count" in value else {}),
                "is_exact": facet is None or facet.exact,
                "is_chosen": chosen == str(value["value"]).lower(),
            }
            for value in values
            if may_leave_none or value.get("count", 1) or chosen == str(value["value"]).lower()
        ],
    }


def _number(facets: list[Facet], asked: dict[str, Any]) -> str:
    """Return how many products are found, « ≥ » where not all are counted."""
    status = next(facet for facet in facets if facet.name == "status")
    kept = {asked["status"]} if "status" in asked else {value["value"] for value in status.values}
    number = sum(value["count"] for value in status.values if value["value"] in kept)
    return f"{'' if status.exact else '≥ '}{count_text(number)}"


def _exports(access: Access, asked: dict[str, Any], address: QueryDict) -> dict[str, str]:
    """Return where what is shown leaves as a file, for whoever reads a catalogue whole."""
    if not access.companies(Action.CATALOG_VIEW_ALL):
        return {"export": "", "pdf": ""}
    pdf = address_of(address).replace(reverse("catalogue"), reverse("catalogue-pdf"), 1)
    return {"export": _export(asked), "pdf": pdf}


def _export(asked: dict[str, Any]) -> str:
    """Return the address that puts what is shown in a file: the list's own, with its filters.

    The list knows no favourites: those leave by the selection.
    """
    if FAVORITE in asked:
        return ""
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
    action, page, title = CREATIONS[name]
    if not access.companies(action):
        return None
    given = QueryDict(mutable=True)
    for one in ("company", "risk", "partner"):
        if name == "product" and isinstance(asked.get(one), UUID):
            given[one] = str(asked[one])
    text = given.urlencode()
    return {"title": title, "link": f"{reverse(page)}{'?' if text else ''}{text}"}
