"""Which products a person sees (`design/domain.md` §11)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.choices import LifecycleStatus, VersionState, Visibility
from catalog.models import Product, ProductVersion, Publication
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access


def visible_products(access: Access, *, at: datetime) -> QuerySet[Product, Any]:
    """Return the products in scope that the user sees at the instant `at`.

    `catalog.view_all` shows every product that a company owns or sells; `catalog.view` only those
    that are active and published there at `at`, hidden publications left out (C.3).
    """
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    on_sale = access.companies(Action.CATALOG_VIEW) - everything
    seen = Q(company_id__in=everything) | Q(Exists(_publications(everything)))
    if on_sale:
        seen |= Q(lifecycle_status=LifecycleStatus.ACTIVE) & Q(Exists(running(on_sale, at=at)))
    products: QuerySet[Product, Any] = Product.objects.filter(seen)
    return products


def visible_versions(access: Access, *, at: datetime) -> QuerySet[ProductVersion, Any]:
    """Return the versions in scope that the user sees at the instant `at`, by the same rule."""
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    on_sale = access.companies(Action.CATALOG_VIEW) - everything
    of_version = Q(product_version=OuterRef("pk"))
    published = Publication._base_manager.filter(of_version, company_id__in=everything)
    seen = Q(company_id__in=everything) | Q(Exists(published))
    if on_sale:
        seen |= Q(Exists(_running(on_sale, at=at).filter(of_version)))
    versions: QuerySet[ProductVersion, Any] = ProductVersion.objects.filter(seen)
    return versions


def running(companies: Collection[UUID], *, at: datetime) -> QuerySet[Publication, Any]:
    """Return the visible publications of a product (the outer row) that run at `at`."""
    return _running(companies, at=at).filter(product_version__product=OuterRef("pk"))


def _running(companies: Collection[UUID], *, at: datetime) -> QuerySet[Publication, Any]:
    # `_base_manager`: the companies given bound the read, and stand below the scope's.
    in_force = Q(product_version__effective_to__isnull=True) | Q(
        product_version__effective_to__gt=at
    )
    return Publication._base_manager.exclude(visibility=Visibility.HIDDEN).filter(
        in_force,
        Q(end_at__isnull=True) | Q(end_at__gt=at),
        company_id__in=companies,
        start_at__lte=at,
        product_version__state=VersionState.RELEASED,
        product_version__effective_from__lte=at,
    )


def _publications(companies: Collection[UUID]) -> QuerySet[Publication, Any]:
    return Publication._base_manager.filter(
        company_id__in=companies, product_version__product=OuterRef("pk")
    )
