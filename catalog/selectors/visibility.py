"""Which products a person sees (`design/domain.md` §11)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, OuterRef, Q, QuerySet

from catalog.choices import LifecycleStatus, VersionState, Visibility
from catalog.models import Product, ProductVersion, Publication
from winvest.core import scoping
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

Row = TypeVar("Row", bound=Model)


def visible_products(access: Access, *, at: datetime) -> QuerySet[Product, Any]:
    """Return the products in scope that the user sees at the instant `at`.

    `catalog.view_all` shows every product that a company owns or sells; `catalog.view` only those
    that are active and published there at `at`, hidden publications left out (C.3).
    """
    return _visible(Product.objects.all(), access, at=at, publication="product_version__product")


def visible_versions(access: Access, *, at: datetime) -> QuerySet[ProductVersion, Any]:
    """Return the versions in scope that the user sees at the instant `at`, by the same rule."""
    return _visible(ProductVersion.objects.all(), access, at=at, publication="product_version")


def _visible(
    rows: QuerySet[Row, Any], access: Access, *, at: datetime, publication: str
) -> QuerySet[Row, Any]:
    """Keep what is seen; `publication` leads from a publication to the row."""
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    scope = scoping.current()
    if scope is not None and scope <= everything:
        return rows  # the scope says it already
    on_sale = access.companies(Action.CATALOG_VIEW) - everything
    lent = Publication._base_manager.filter(company_id__in=everything).exclude(
        owner_company_id__in=everything
    )
    seen = Q(company_id__in=everything) | Q(pk__in=lent.values(publication))
    if on_sale:
        running_there = Q(pk__in=_running(on_sale, at=at).values(publication))
        seen |= running_there & (
            Q(lifecycle_status=LifecycleStatus.ACTIVE) if rows.model is Product else Q()
        )
    return rows.filter(seen)


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
