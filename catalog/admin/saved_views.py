"""Saved views of the catalogue, and the star of a product (§3.7, E.3).

A view is chosen by its own address, which holds all that it keeps: it is shared as it is, and shows
to each reader what his rights show.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.admin.pane_address import (
    AT_FIRST,
    COLUMNS,
    NO_VIEW,
    VIEW,
    address_of,
    as_saved,
    asked_by,
    columns_of,
    look_of,
    query_of,
)
from catalog.choices import ViewColumn
from catalog.models import Product, SavedView
from catalog.selectors.products import sees_product
from catalog.selectors.views import my_views
from catalog.services.views import (
    change_view,
    delete_view,
    keep_columns,
    may_change,
    may_share,
    save_view,
    set_favorite,
)
from winvest.core.admin.rights import person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError, Forbidden
from winvest.core.permissions import Access, access_of
from winvest.core.selectors.own_companies import companies_of

UPDATE, RENAME, DELETE = "update", "rename", "delete"
DONE = {
    UPDATE: "Vue mise à jour.",
    RENAME: "Vue renommée.",
    DELETE: "Vue supprimée.",
}


def first_view(views: list[SavedView]) -> SavedView | None:
    """Return the view on which the catalogue opens for the person."""
    return next((view for view in views if view.is_first), None)


def views_menu(
    request: Any,
    access: Access,
    views: list[SavedView],
    address: QueryDict,
    own: tuple[ViewColumn, ...],
) -> dict[str, Any]:
    """Return the views to choose from, the one that is shown, and what may be done of it."""
    chosen = next((view for view in views if str(view.pk) == address.get(VIEW)), None)
    is_own = chosen is not None and may_change(access, chosen)
    own_first = sorted(views, key=lambda view: view.company_id is not None)
    return {
        "views": [
            {"view": view, "link": link_of(view, own), "is_chosen": view is chosen}
            for view in own_first
        ],
        "view": chosen,
        "may_change_view": is_own,
        "view_differs": is_own and address_of(address) != link_of(chosen, own),
        "sharing": [one for one in companies_of(request.user) if one.pk in may_share(access)],
        "look": address.urlencode(),
    }


def link_of(view: Any, own: tuple[ViewColumn, ...]) -> str:
    """Return the address that a view keeps, for a person who has `own` columns."""
    kept = query_of(view.filters, view.columns, view.sort, own=own, view=str(view.pk))
    return address_of(kept)


@site.admin_view
@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Show what the address shows with other columns and another order.

    The columns become the person's own, unless he looks at a view: that one keeps its own.
    """
    access = _reader(request)
    address = QueryDict(request.POST.get("look", ""))
    columns = columns_of(request.POST.getlist(COLUMNS)) or AT_FIRST
    look = replace(look_of(request.POST, access), columns=columns)
    if (view := str(address.get(VIEW, ""))) in {"", NO_VIEW}:
        keep_columns(actor=person(request), columns=columns if columns != AT_FIRST else ())
        look = replace(look, own=columns)
    shown = as_saved(asked_by(address, access), look)
    return HttpResponseRedirect(address_of(query_of(**shown, own=look.own, view=view)))


@site.admin_view
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save what the address shows under a name, for oneself or for a company."""
    access = _reader(request)
    look = QueryDict(request.POST.get("look", ""))
    try:
        view = save_view(
            actor=person(request),
            name=request.POST.get("name", ""),
            company=_company(request, access),
            is_first=request.POST.get("first") == "true",
            **as_saved(asked_by(look, access), look_of(look, access)),
        )
    except Forbidden as error:
        raise PermissionDenied from error
    except (DomainError, ValidationError) as error:
        return _refused(request, error, address_of(look))
    messages.success(request, f"Vue « {view} » enregistrée.")
    return HttpResponseRedirect(link_of(view, look_of(look, access).own))


@site.admin_view
@require_POST
def change(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Update a view with what the address shows, rename or share it, or delete it."""
    access = _reader(request)
    view = my_views(access).filter(pk=view_id).first()
    if view is None:
        raise Http404
    done = request.POST.get("action", "")
    look = QueryDict(request.POST.get("look", ""), mutable=True)
    try:
        if done == DELETE:
            delete_view(actor=person(request), view=view)
            look.pop(VIEW, None)
        elif done in DONE:
            changes = _changes(request, access, done, look)
            view = change_view(actor=person(request), view=view, changes=changes)
    except Forbidden as error:
        raise PermissionDenied from error
    except (DomainError, ValidationError) as error:
        return _refused(request, error, address_of(look))
    if done in DONE:
        messages.success(request, DONE[done])
    return HttpResponseRedirect(
        address_of(look) if done == DELETE else link_of(view, look_of(look, access).own)
    )


@site.admin_view
@require_POST
def favorite(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """Keep a product at hand (`on=true`), or no longer; the star comes back as it is now."""
    access = _reader(request)
    product = Product.objects.filter(pk=product_id).first()
    if product is None or not sees_product(access, product_id, at=now()):
        raise Http404
    wanted = request.POST.get("on") == "true"
    set_favorite(actor=person(request), product=product, wanted=wanted)
    row = {
        "key": str(product.pk),
        "name": product.name,
        "is_favorite": wanted,
        "star": reverse("catalogue-favorite", args=[product.pk]),
    }
    return TemplateResponse(request, "admin/catalog/panes/_star.html", {"product": row})


def _changes(request: HttpRequest, access: Access, done: str, look: QueryDict) -> dict[str, Any]:
    if done == UPDATE:
        return as_saved(asked_by(look, access), look_of(look, access))
    return {
        "name": request.POST.get("name", "").strip(),
        "company_id": _company(request, access),
        "is_first": request.POST.get("first") == "true",
    }


def _company(request: HttpRequest, access: Access) -> UUID | None:
    """Return the company with which a view is shared; one that is not the user's does not exist."""
    code = request.POST.get("company", "")
    if not code:
        return None
    for company in companies_of(person(request)):
        if company.code == code and company.pk in access.all_companies:
            return company.pk
    raise Http404


def _reader(request: HttpRequest) -> Access:
    access = access_of(request.user)
    if not access.anywhere(Action.CATALOG_VIEW):
        raise PermissionDenied
    return access


def _refused(request: HttpRequest, error: DomainError | ValidationError, back: str) -> HttpResponse:
    told = error.messages if isinstance(error, ValidationError) else [str(error)]
    for message in told:
        messages.error(request, message)
    return HttpResponseRedirect(back)
