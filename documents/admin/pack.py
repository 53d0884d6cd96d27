"""« Pièces du contrat »: what is joined to a contract of a version, channel by channel (3.5-05)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.choices import Channel
from catalog.models import ProductVersion
from catalog.selectors.visibility import visible_versions
from documents.services.contract_pack import checked_pack
from winvest.core import permissions
from winvest.core.admin.confirm import address
from winvest.core.admin.rights import person
from winvest.core.clock import now
from winvest.core.domain.roles import Action

TEMPLATE = "admin/documents/productdocument/pack.html"


def pack_page(page: Any, request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the pack of a version that the user sees, for the channel that the address names.

    By default the first on which the version is sold.
    """
    if not page.has_view_permission(request):
        raise PermissionDenied
    at = now()
    seen = visible_versions(permissions.access_of(person(request)), at=at)
    version = get_object_or_404(seen.select_related("product__risk", "company"), pk=pk)
    opened = [one for one in Channel if not version.channels or one.value in version.channels]
    asked = request.GET.get("channel", "")
    channel = next((one for one in opened if one.value == asked), opened[0])
    found = checked_pack(version, channel.value, at=at)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Pièces du contrat — {version}",
        "version": version,
        "back": address(version),
        "channels": opened,
        "channel": channel,
        "complete": found.pack.is_complete,
        "documents": [
            {"row": row, "kilobytes": -(-(row.size or 0) // 1024), "joined": joined}
            for row, joined in found.joined
        ],
        "missing": found.pack.missing,
        "add": _add_address(request, version),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _add_address(request: HttpRequest, version: ProductVersion) -> str:
    """Return the form of a new document of the version, for whoever may bring one."""
    access = permissions.access_of(person(request))
    if not access.allowed_on(Action.DOCUMENT_EDIT, version, version.company_id):
        return ""
    return f"{reverse('admin:documents_productdocument_add')}?product_version={version.pk}"
