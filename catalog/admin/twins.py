"""The banner of a product that looks like another, while its code and name are typed (E.3-01)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from catalog.admin.pane_address import product_link
from catalog.domain.twins import product_warnings
from catalog.selectors.duplicates import similar_products
from winvest.core.admin.notices import TypedNotices, about_box, linked
from winvest.core.errors import Reason


class ProductTwins(TypedNotices):
    """Mixin of the products' page: nothing is refused, and nobody is told what he does not see."""

    typed_url = "admin:catalog_product_twins"
    typed_boxes = ("sku", "name")
    admin_site: Any

    def get_urls(self) -> list[Any]:
        """Add what the form asks while one types."""
        view = self.admin_site.admin_view(self.twins)
        return [
            path("twins/", view, name="catalog_product_twins"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def twins(self, request: HttpRequest) -> HttpResponse:
        """Return the warnings about the code and the name that are being typed."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):  # type: ignore[attr-defined]
            raise PermissionDenied
        given = {name: str(text).replace("\x00", "") for name, text in request.GET.items()}
        notices = self._notices(
            request, given.get("sku", "")[:80], given.get("name", "")[:160], given.get("but", "")
        )
        shown = {"notices": about_box(request, notices)}
        return TemplateResponse(request, "admin/_notices.html", shown)

    def notices(self, request: HttpRequest, obj: Any) -> list[Reason]:
        """Return the warnings about a product as it is, to whoever may change it."""
        if not self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return []
        return self._notices(request, obj.sku, obj.name, str(obj.pk))

    def _notices(self, request: HttpRequest, sku: str, name: str, but: str) -> list[Reason]:
        seen = self.get_queryset(request)  # type: ignore[attr-defined]
        twins = similar_products(seen, sku=sku, name=name, but=_key(but))
        links = [product_link(str(twin.key)) for twin in twins]
        return linked(product_warnings(sku, twins), links)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
