"""What a seller's day asks of the catalogue: what is on sale, what ends, what stopped (§11)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from catalog.choices import LifecycleStatus, TransitionState
from catalog.models import ProductTransition, Publication
from catalog.selectors.visibility import running

Rows = QuerySet[Any, Any]
# So many sales that end soon are read at most.
MOST = 100
STOPS = (LifecycleStatus.FROZEN, LifecycleStatus.RETIRED)


def sold_by_family(companies: Collection[UUID], at: datetime) -> dict[UUID, Any]:
    """Return, by company, the risks of what a seller sees there: key, label and number of products."""
    rows = (
        running(companies, at=at)
        .filter(product__lifecycle_status=LifecycleStatus.ACTIVE)
        .order_by()
        .values_list("company", "product__risk", "product__risk__label")
        .annotate(number=Count("product", distinct=True))
    )
    found: dict[UUID, Any] = {company: [] for company in companies}
    for company, risk, label, number in rows:
        found[company].append([str(risk), label, number])
    return found


@dataclass(frozen=True, slots=True)
class Ending:
    """A sale that ends at `at`: its publication does, or its product becomes `stops` (a status)."""

    sale: Publication
    at: datetime
    stops: str = ""


def ending(companies: Collection[UUID], *, at: datetime, within: timedelta) -> list[Ending]:
    """Return the sales that end soon, the first one first; one that another follows goes on."""
    until = at + within
    planned = ProductTransition._base_manager.filter(
        state=TransitionState.PLANNED, to_status__in=STOPS, due_at__gt=at, due_at__lte=until
    )
    stops: dict[UUID, tuple[datetime, str]] = {}
    for product, due, status in planned.order_by("-due_at").values_list(
        "product", "due_at", "to_status"
    ):
        stops[product] = (due, status)
    following = Publication._base_manager.filter(
        Q(end_at=None) | Q(end_at__gt=until),
        product=OuterRef("product"),
        company=OuterRef("company"),
        start_at__lte=OuterRef("end_at"),
    )
    ends = Q(end_at__lte=until) & ~Exists(following)
    sales = running(companies, at=at).filter(
        ends | Q(product__in=list(stops)), product__lifecycle_status=LifecycleStatus.ACTIVE
    )
    found = []
    for sale in sales.select_related("product", "company").order_by("end_at", "pk")[:MOST]:
        stop, status = stops.get(sale.product_id, (None, ""))
        if stop is None or (sale.end_at is not None and sale.end_at <= stop):
            stop, status = sale.end_at, ""
        if stop is not None:
            found.append(Ending(sale, stop, status))
    return sorted(found, key=lambda one: (one.at, one.sale.pk))


def frozen(companies: Collection[UUID], *, at: datetime) -> Rows:
    """Return the running sales of frozen products: sellers no longer offer them."""
    sales = running(companies, at=at).filter(product__lifecycle_status=LifecycleStatus.FROZEN)
    return sales.select_related("product", "company").order_by("product__natural_label", "pk")
