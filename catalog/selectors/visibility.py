"""Which products a person sees (`design/domain.md` §11)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from catalog.choices import LifecycleStatus, VersionState, Visibility
from catalog.models import Product, ProductVersion, Publication, SaleAgreement
from winvest.core import scoping
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access


def visible_products(access: Access, *, at: datetime) -> QuerySet[Product, Any]:
    """Return the products in scope that the user sees at the instant `at`.

    `catalog.view_all` shows every product that a company owns or sells; `catalog.view` only those
    that are active and published there at `at`, hidden publications left out (C.3).
    """
    products: QuerySet[Product, Any] = Product.objects.all()
    everything, on_sale = _companies(access)
    if everything is None:
        return products
    sold_now = Q(lifecycle_status=LifecycleStatus.ACTIVE) & Q(on_sale_now(on_sale, at=at))
    if not everything:  # as for a seller: an « or » with nothing would hide the index of the search
        return products.filter(sold_now)
    seen = sold_by(everything) | Q(_agreed("pk", everything))
    return products.filter(seen | sold_now if on_sale else seen)


def visible_versions(access: Access, *, at: datetime) -> QuerySet[ProductVersion, Any]:
    """Return the versions in scope that the user sees at the instant `at`, by the same rule."""
    versions: QuerySet[ProductVersion, Any] = ProductVersion.objects.all()
    everything, on_sale = _companies(access)
    if everything is None:
        return versions
    lent = lent_to(everything).order_by().values("product_version").distinct()
    released = Q(_agreed("product", everything), state=VersionState.RELEASED)
    seen = Q(company_id__in=everything) | Q(scoping.OneOf("pk", lent)) | released
    if on_sale:
        seen |= Q(there_is(running(on_sale, at=at).filter(product_version=OuterRef("pk"))))
    return versions.filter(seen)


def sees_whole_scope(access: Access) -> bool:
    """Whether the user sees all that is in scope."""
    return _companies(access)[0] is None


def sees_everything(access: Access) -> bool:
    """Whether the user sees whatever his companies own or sell, on sale or not."""
    everything, on_sale = _companies(access)
    return everything is None or not on_sale


def _companies(access: Access) -> tuple[frozenset[UUID] | None, frozenset[UUID]]:
    """Return where the user sees everything (None: in the whole scope), and where what is on sale."""
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    scope = scoping.current()
    if scope is not None and scope <= everything:
        return None, frozenset()
    return everything, access.companies(Action.CATALOG_VIEW) - everything


def sold_by(companies: Collection[UUID]) -> Q:
    """Return the condition on a product that one of the companies owns it or sells it."""
    lent = lent_to(companies).order_by().values("product").distinct()
    return Q(company_id__in=companies) | Q(scoping.OneOf("pk", lent))


def _agreed(column: str, companies: Collection[UUID]) -> scoping.OneOf:
    """Return the condition that another company lets one of the companies sell the product."""
    rows = SaleAgreement._base_manager.filter(seller_id__in=companies).order_by()
    return scoping.OneOf(column, rows.values("product"))


def lent_to(companies: Collection[UUID]) -> QuerySet[Publication, Any]:
    """Return the publications by which the companies sell what others own (R-10)."""
    return Publication._base_manager.filter(company_id__in=companies).exclude(
        owner_company_id__in=companies
    )


def there_is(rows: QuerySet[Any, Any]) -> Coalesce:
    """Return « there is one », asked of each row that the list comes to.

    The planner turns EXISTS into a join with the whole table before it shows fifty rows.
    """
    there = rows.order_by().values(there=Value(value=True))[:1]
    return Coalesce(Subquery(there), Value(value=False), output_field=BooleanField())


def on_sale_now(companies: Collection[UUID], *, at: datetime) -> Coalesce:
    """Return whether a product (the outer row) has a visible publication that runs at `at`."""
    return there_is(running(companies, at=at).filter(product=OuterRef("pk")))


def running(companies: Collection[UUID], *, at: datetime) -> QuerySet[Publication, Any]:
    """Return the publications of the companies that a buyer meets at `at`."""
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
