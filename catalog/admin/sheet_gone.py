"""The page of a sheet that is not open to the person: a bookmark of what he saw once (3.5-04, R-10)."""

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from winvest.core.middleware import SESSION_COMPANY


def sheet_gone(request: HttpRequest) -> HttpResponse:
    """Say why a product may not be seen any more and where to go on, the same of one that never was."""
    context = {
        **site.each_context(request),
        "title": "Fiche indisponible",
        "is_narrowed": bool(request.session.get(SESSION_COMPANY)),
    }
    return TemplateResponse(request, "admin/catalog/sheet/gone.html", context, status=404)
