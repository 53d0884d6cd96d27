"""How many products each value of the eight filters would leave, in the panel of the list (E-03)."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, QueryDict

from catalog.choices import Channel, LifecycleStatus, PricingModel, RevenueModel
from catalog.domain.facets import INTERNAL
from catalog.selectors.facets import YES_NO, Facet, count_facets
from winvest.core.admin.filters import PANEL
from winvest.core.admin.listing import CURSOR_VAR
from winvest.core.clock import now
from winvest.core.permissions import Access, access_of

# What each filter is called, and named by in the address of the list.
FILTERS = {
    "company": ("Société", "company"),
    "risk": ("Risque", "risk__id__exact"),
    "partner": ("Compagnie", "partner__id__exact"),
    "status": ("Statut", "lifecycle_status__exact"),
    "channel": ("Canal", "channel"),
    "published": ("Publié", "published"),
    "integrated": ("Intégré", "integrated"),
    "pricing": ("Type de tarification", "pricing"),
}
WITHOUT_PARTNER = "internal"
# Filters of the list that have no counts of their own.
OTHERS = {"brand__id__exact": "brand", "revenue_model__exact": "revenue_model"}
# What changes neither the products nor their number.
_NEUTRAL = {"q", "o", CURSOR_VAR, WITHOUT_PARTNER}


def _yes(text: str) -> bool:
    return {"true": True, "false": False}[text]


READ: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("company", "risk", "partner"), UUID),
    **dict.fromkeys(("published", "integrated"), _yes),
    "status": LifecycleStatus,
    "channel": Channel,
    "pricing": PricingModel,
    "brand": UUID,
    "revenue_model": RevenueModel,
}


class ProductFacets:
    """Mixin of the list of products: the counts are asked for with the panel, not with the page."""

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        """Give the panel its counts."""
        if request.htmx.target == PANEL:
            facets = list(_facets(request, access_of(request.user)))
            extra_context = {**(extra_context or {}), "facets": facets}
        return super().changelist_view(request, extra_context)  # type: ignore[misc]


def _facets(request: HttpRequest, access: Access) -> Iterator[dict[str, Any]]:
    """Give the filters with their values; none where the list is filtered by something else."""
    asked = _filters(request.GET, access)
    if asked is None:
        return
    filters, among = asked
    for facet in count_facets(access, at=now(), among=among, **filters):
        title, _ = FILTERS[facet.name]
        chosen = str(filters[facet.name]).lower() if facet.name in filters else ""
        values = [_value(request.GET, facet, value, chosen) for value in facet.values]
        yield {"title": title, "values": values, "is_chosen": bool(chosen)}


def _filters(asked: QueryDict, access: Access) -> tuple[dict[str, Any], Q] | None:
    """Return the filters of the address as the counts take them, and what the products are counted
    among; None for an address that the list does not know.
    """
    known = {parameter: name for name, (_, parameter) in FILTERS.items()}
    found: dict[str, Any] = {"search": asked.get("q", "")}
    among = Q()
    try:
        for parameter, text in asked.items():
            if parameter in OTHERS and text:
                among &= Q(**{OTHERS[parameter]: READ[OTHERS[parameter]](str(text))})
            elif parameter in known and text:
                found[known[parameter]] = READ[known[parameter]](str(text))
            elif parameter not in _NEUTRAL and text:
                return None
        if asked.get(WITHOUT_PARTNER) and _yes(str(asked[WITHOUT_PARTNER])):
            found["partner"] = INTERNAL
        elif asked.get(WITHOUT_PARTNER):
            among &= Q(partner__isnull=False)
    except (KeyError, ValueError):
        return None
    hidden = "company" in found and found["company"] not in access.all_companies
    return None if hidden else (found, among)


def _value(asked: QueryDict, facet: Facet, value: dict[str, Any], chosen: str) -> dict[str, Any]:
    """Return a value with its number and the address that chooses it, or lets go of it."""
    _, parameter = FILTERS[facet.name]
    address = asked.copy()
    for name in (CURSOR_VAR, parameter, *([WITHOUT_PARTNER] if facet.name == "partner" else [])):
        address.pop(name, None)
    is_chosen = chosen == str(value["value"]).lower()
    if not is_chosen and value["value"] == INTERNAL:
        address[WITHOUT_PARTNER] = "true"
    elif not is_chosen:
        address[parameter] = value["value"]
    return {
        "label": YES_NO.get(str(value["value"]), value["label"]),
        "count": value["count"],
        "is_exact": facet.exact,
        "is_chosen": is_chosen,
        "link": f"?{address.urlencode()}",
    }
