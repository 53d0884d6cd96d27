"""Doing one thing to the products ticked in the catalogue: asked first, then told line by line.

A long selection goes on by itself, a few products at a time, and shows how far it is (§3.7, E.3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from catalog.admin.pane_address import Look, product_link
from catalog.admin.pane_files import pdf_of
from catalog.models import Product
from catalog.selectors.products import list_products
from catalog.selectors.visibility import visible_products
from catalog.services.selection import (
    Outcome,
    SelectionProblem,
    duplicate_products,
    freeze_products,
    why_not_duplicated,
    why_not_exported,
    why_not_frozen,
)
from winvest.core.admin.import_pages import CsvFile, XlsxFile
from winvest.core.admin.rights import person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access, AccessProblem, access_of

MAX_SELECTED = 200
# So many products at once: an answer comes within a second or two.
AT_ONCE = 10
REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done to several products, and how the pages speak of it."""

    title: str
    icon: str
    button: str
    done: str
    why_not: Callable[[Access, Product], str]
    action: Action
    run: Callable[..., list[Outcome]] | None = None
    with_reason: bool = False

    @property
    def is_file(self) -> bool:
        """Whether it makes a file and changes nothing."""
        return self.run is None


DEEDS = {
    "freeze": Deed(
        title="Geler des produits",
        icon="ac_unit",
        button="Geler",
        done="Gelé",
        why_not=why_not_frozen,
        action=Action.LIFECYCLE_FREEZE,
        run=freeze_products,
        with_reason=True,
    ),
    "duplicate": Deed(
        title="Dupliquer des produits",
        icon="content_copy",
        button="Dupliquer",
        done="Dupliqué",
        why_not=why_not_duplicated,
        action=Action.CATALOG_EDIT,
        run=duplicate_products,
    ),
    "export": Deed(
        title="Exporter des produits",
        icon="download",
        button="Exporter",
        done="Exporté",
        why_not=why_not_exported,
        action=Action.CATALOG_VIEW_ALL,
    ),
}
FILES = {"csv": CsvFile, "xlsx": XlsxFile}
PDF = "pdf"


def deeds_of(access: Access) -> list[tuple[str, Deed]]:
    """Return what the user may do somewhere to several products."""
    return [(name, deed) for name, deed in DEEDS.items() if access.companies(deed.action)]


@site.admin_view
@require_POST
def selection(request: Any) -> HttpResponseBase:
    """Ask before doing; once it is confirmed, do it to the first products and go on."""
    access, back = access_of(request.user), _back(request)
    name, _, only = request.POST.get("do", "").partition(":")
    deed = DEEDS.get(name)
    if not access.anywhere(Action.CATALOG_VIEW):
        raise PermissionDenied
    if deed is None or not access.companies(deed.action):
        raise PermissionDenied
    keys = _keys([only] if only else request.POST.getlist("product"))
    products = _products(access, keys)
    if not products or len(keys) > MAX_SELECTED:
        messages.error(request, _wrong_number(len(keys)))
        return HttpResponseRedirect(back)
    asked = {"name": name, "deed": deed, "back": back}
    reason = request.POST.get("reason", "").strip()[:REASON_LENGTH]
    confirmed = request.POST.get("confirmed") == "true"
    if confirmed and deed.run is None:
        return _file(request, access, products)
    if confirmed and (reason or not deed.with_reason):
        return _run(request, deed, products, reason, asked)
    return _ask(request, access, products, asked, is_wrong=confirmed)


def _ask(
    request: HttpRequest,
    access: Access,
    products: list[Product],
    asked: dict[str, Any],
    *,
    is_wrong: bool,
) -> HttpResponse:
    lines = [(product, asked["deed"].why_not(access, product)) for product in products]
    context = {
        **site.each_context(request),
        **asked,
        "title": asked["deed"].title,
        "lines": [
            {
                "product": product,
                "link": product_link(str(product.pk)),
                "refusal": refusal,
                "mend": _mend(product, refusal),
            }
            for product, refusal in lines
        ],
        "number": sum(not refusal for _, refusal in lines),
        "needs_reason": is_wrong,
    }
    return TemplateResponse(request, "admin/catalog/panes/selection.html", context)


def _run(
    request: Any, deed: Deed, products: list[Product], reason: str, asked: dict[str, Any]
) -> HttpResponse:
    """Do it to the first products, and give the page the others to go on with."""
    given = {"reason": reason} if deed.with_reason else {}
    now_done, later = products[:AT_ONCE], products[AT_ONCE:]
    assert deed.run is not None  # noqa: S101 - the caller asked
    outcomes = deed.run(actor=person(request), products=now_done, **given)
    total = max(_number(request.POST.get("total", "")), len(products))
    context = {
        **({} if request.htmx else site.each_context(request)),
        **asked,
        "title": deed.title,
        "reason": reason,
        "outcomes": [
            {
                "product": one.product,
                "link": product_link(str((one.made or one.product).pk)),
                "refusal": one.refusal,
                "mend": _mend(one.product, one.refusal),
                "made": one.made,
            }
            for one in outcomes
        ],
        "later": later,
        "total": total,
        "done": total - len(later),
    }
    page = "_outcomes" if request.htmx else "outcomes"
    return TemplateResponse(request, f"admin/catalog/panes/{page}.html", context)


def _mend(product: Product, refusal: str) -> str:
    """Return where the person finds what to do instead; a missing right is mended nowhere."""
    if refusal in ("", AccessProblem.FORBIDDEN.message, SelectionProblem.ONLY_SOLD.message):
        return ""
    return reverse("product-steps", args=[product.pk])


def _file(request: HttpRequest, access: Access, products: list[Product]) -> HttpResponseBase:
    """Put in a file the products that may leave, as the list of products does."""
    kept = [one.pk for one in products if not why_not_exported(access, one)]
    rows = visible_products(access, at=now()).filter(pk__in=kept).order_by("natural_label", "id")
    if request.POST.get("file") == PDF:
        found = list_products(access, at=now(), among=Q(pk__in=kept))
        return pdf_of(request, access, found, Look())
    page: Any = site.get_model_admin(Product)
    kind = FILES.get(request.POST.get("file", ""), CsvFile)
    response: HttpResponseBase = page.file_of(kind(), request, rows)
    return response


def _products(access: Access, keys: list[UUID]) -> list[Product]:
    """Return the products that the user sees; of the others nothing is said."""
    rows = visible_products(access, at=now()).filter(pk__in=keys[:MAX_SELECTED])
    return list(rows.select_related("company", "risk").order_by("natural_label", "id"))


def _keys(texts: list[str]) -> list[UUID]:
    keys = []
    for text in texts:
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(keys))


def _number(text: str) -> int:
    return min(int(text), MAX_SELECTED) if text.isascii() and text.isdigit() else 0


def _wrong_number(number: int) -> str:
    if number > MAX_SELECTED:
        return f"{MAX_SELECTED} produits au plus à la fois : vous en avez coché {number}."
    return "Cochez au moins un produit."


def _back(request: HttpRequest) -> str:
    """Return the address of the catalogue that the selection was made in."""
    asked = request.POST.get("back", "")
    home = reverse("catalogue")
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith(home)
    return asked if ours else home
