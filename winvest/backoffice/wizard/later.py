"""The page that asks which version of a product on sale to prepare (§3.1, 3.1-11)."""

from django.contrib.admin import site
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.choices import VersionState
from catalog.models import ProductVersion


def ask_version(request: HttpRequest, version: ProductVersion) -> HttpResponse:
    """Offer the drafts that the product has already, then a new version."""
    rows = ProductVersion.objects.filter(product=version.product_id)
    context = {
        **site.each_context(request),
        "title": f"Nouvelle version de {version.product}",
        "version": version,
        "following": rows.aggregate(last=Max("version"))["last"] + 1,
        "drafts": rows.filter(state=VersionState.DRAFT).order_by("version"),
        "is_draft": version.state == VersionState.DRAFT,
        "sheet": reverse("product-sheet", args=[version.product_id]),
    }
    return TemplateResponse(request, "admin/wizard/version.html", context)
