"""What the catalogue shows as a PDF/A: the products found, with the columns chosen (3.7-08)."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from catalog.admin.pane_address import Look, as_saved, asked_by, look_of
from catalog.admin.pane_rows import Shown, conditions, ordering
from catalog.models import Product, Risk
from catalog.selectors.facets import TOLD
from catalog.selectors.products import list_products
from partners.models import Partner
from winvest.core.admin.formatting import EMPTY, count_text, instant_text
from winvest.core.admin.rights import person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.files import Download, attachment
from winvest.core.models.company import Company
from winvest.core.permissions import Access, access_of
from winvest.core.selectors.wording import FilterWords
from winvest.core.services.row_exports import journalise_list

# The filters that the log explains by a column.
OTHERS: dict[str, FilterWords] = {
    "company": ("société", {}),
    "risk": ("risque", {}),
    "search": ("recherche", {}),
}
# As many as people read on paper; the whole list leaves as CSV or Excel.
MAX_LINES = 200


@site.admin_view
@require_GET
def listing(request: HttpRequest) -> FileResponse:
    """Hand over what the address shows; of a company whose products one only sells, nothing."""
    access = access_of(request.user)
    if not access.companies(Action.CATALOG_VIEW_ALL):
        raise PermissionDenied
    asked, look = asked_by(request.GET, access), look_of(request.GET, access)
    at = now()
    rows = list_products(access, at=at, **conditions(access, asked, at=at))
    return pdf_of(request, access, rows, look, asked)


def pdf_of(
    request: HttpRequest,
    access: Access,
    rows: QuerySet[Any, Any],
    look: Look,
    asked: dict[str, Any] | None = None,
) -> FileResponse:
    """Write the first of the products aside, journalise it, then hand the file over.

    It says what they were filtered by, or, without `asked`, that they were chosen one by one.
    """
    # The engine takes half a second to load: only whoever asks for a PDF waits for it.
    from winvest.core.pdf.render import render_pdf

    companies = access.companies(Action.CATALOG_VIEW_ALL)
    rows = rows.exclude(company__in=access.all_companies - companies)
    found = list(rows.order_by(*ordering(rows, look))[: MAX_LINES + 1])
    number = len(found) if len(found) <= MAX_LINES else rows.order_by().count()
    at = now()
    shown = Shown(access, look, found[:MAX_LINES], at=at)
    page = render_to_string(
        "admin/catalog/panes/pdf.html",
        {
            "columns": [column.label for column in look.columns],
            "products": [shown.product(row) for row in found[:MAX_LINES]],
            "filters": "Produits cochés" if asked is None else _in_words(asked),
            "number": f"{count_text(number)} produit{'s' if number > 1 else ''}",
            "most": MAX_LINES if number > MAX_LINES else 0,
            "at": instant_text(timezone.localtime(at)),
            "reader": person(request).name,
        },
    )
    name = f"catalogue-{timezone.localdate(at):%Y-%m-%d}.pdf"
    journalise_list(
        actor=person(request),
        companies=companies,
        table=Product._meta.db_table,
        details={
            "file_name": name,
            "format": "pdf",
            "filters": as_saved(asked or {}, look)["filters"],
        },
    )
    return attachment(Download(BytesIO(render_pdf(page)), name, "", "application/pdf"))


def _in_words(asked: dict[str, Any]) -> str:
    """Return the filters as people read them: « Risque : Santé · Publié : Oui »."""
    rows: dict[str, QuerySet[Any, Any]] = {
        "company": Company.objects.values_list("brand_name"),
        "risk": Risk.objects.values_list("label"),
        "partner": Partner.objects.values_list("name"),
    }
    told = []
    for name, value in asked.items():
        title, words = TOLD.get(name) or OTHERS[name]
        said = words.get(str(value).lower(), value)
        if isinstance(value, UUID):
            said = next((label for (label,) in rows[name].filter(pk=value)), EMPTY)
        told.append(f"{capfirst(title)} : {said}")
    return " · ".join(told) or "Sans filtre"
