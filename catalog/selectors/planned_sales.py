"""What is to be sold of a version that is being prepared: by whom, where, from when (E-05)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.choices import Channel, LifecycleStatus, VersionState
from catalog.domain.publication import Sale
from catalog.models import PlannedSale, ProductVersion, Publication, SaleAgreement
from winvest.core.clock import now
from winvest.core.domain.periods import local_date, local_midnight
from winvest.core.models import Company

DAY = timedelta(days=1)


def planned_sales(version: ProductVersion) -> list[PlannedSale]:
    """Return the sales that are planned of a version, the owner's first."""
    rows = PlannedSale._base_manager.filter(product_version=version).select_related("seller")
    return sorted(rows, key=lambda row: _rank(version, row.seller))


def proposed_sales(version: ProductVersion) -> list[PlannedSale]:
    """Return what a version begins with, unsaved: where the product is on sale, else its owner."""
    sold: dict[Company, set[str]] = {}
    running = Publication.lasting(now()).filter(product=version.product_id)
    for row in running.select_related("company"):
        sold.setdefault(row.company, set()).update(row.channels)
    opened = [one for one in Channel.values if one in (version.channels or Channel.values)]
    kept = {seller: [one for one in opened if one in channels] for seller, channels in sold.items()}
    kept = {seller: channels for seller, channels in kept.items() if channels}
    return [
        PlannedSale(
            product_version=version, company_id=version.company_id, seller=seller, channels=channels
        )
        for seller, channels in sorted(
            (kept or {version.company: opened}).items(), key=lambda one: _rank(version, one[0])
        )
    ]


def possible_sellers(version: ProductVersion) -> list[Company]:
    """Return who may be offered as a seller: the companies in scope, and those that the owner let
    sell the product (R-10); the owner first. Any other is named by its code.
    """
    agreed = SaleAgreement.objects.filter(
        Q(end_at=None) | Q(end_at__gt=now()), product=version.product_id
    )
    found = {
        version.company,
        *Company.objects.all(),
        *(row.seller for row in agreed.select_related("seller")),
    }
    return sorted(found, key=lambda seller: _rank(version, seller))


def sale_planned(row: PlannedSale) -> Sale:
    """Return the sale that a planned one is to become, from now on."""
    version, zone = row.product_version, row.seller.timezone
    begins = [now(), version.effective_from]
    if row.first_day is not None:
        begins.append(local_midnight(row.first_day, zone))
    end = None if row.last_day is None else local_midnight(row.last_day + DAY, zone)
    return Sale(seller=row.seller_id, channels=frozenset(row.channels), start=max(begins), end=end)


def sales_asked(version: ProductVersion) -> list[Sale]:
    """Return the sales that a version is prepared for: those planned, else its owner's on all its
    channels.
    """
    return [sale_planned(row) for row in planned_sales(version)] or [whole_sale(version)]


def whole_sale(version: ProductVersion) -> Sale:
    """Return the sale of a version by its owner, on all the channels that it opens."""
    return Sale(
        seller=version.company_id,
        channels=frozenset(version.channels or Channel.values),
        start=max(now(), version.effective_from),
    )


def sale_in_words(row: PlannedSale) -> str:
    """Return a planned sale as people say it: « Mondial TV : Web, du 01/01/2027 au 31/12/2027 »."""
    channels = ", ".join(one.label for one in Channel if one.value in row.channels)
    version = row.product_version
    first = row.first_day or local_date(version.effective_from, row.seller.timezone)
    until = f" au {row.last_day:%d/%m/%Y}" if row.last_day else ""
    begins = "du" if until else "dès le"
    return f"{row.seller.brand_name} : {channels}, {begins} {first:%d/%m/%Y}{until}"


def sales_to_make(rows: Iterable[Any] | QuerySet[Any]) -> QuerySet[PlannedSale]:
    """Return the planned sales of released versions that their seller has not published yet."""
    return sales_to_come(rows).filter(product_version__state=VersionState.RELEASED)


def sales_to_come(rows: Iterable[Any] | QuerySet[Any]) -> QuerySet[PlannedSale]:
    """Return the planned sales, not published yet, of versions in review or released.

    `rows` are the versions to look among. A product that is retired, or a sale whose last day is
    past, is no longer to be published.
    """
    at = now()
    made = Publication._base_manager.filter(
        product_version=OuterRef("product_version"), company=OuterRef("seller")
    )
    waiting = PlannedSale.objects.filter(
        Q(product_version__effective_to=None) | Q(product_version__effective_to__gt=at),
        Q(last_day=None) | Q(last_day__gte=(at - DAY).date()),
        ~Exists(made),
        product_version__in=rows,
        product_version__state__in=(VersionState.IN_REVIEW, VersionState.RELEASED),
    ).exclude(product_version__product__lifecycle_status=LifecycleStatus.RETIRED)
    found: QuerySet[PlannedSale] = waiting.order_by("product_version__effective_from", "pk")
    return found


def sales_to_agree() -> QuerySet[PlannedSale]:
    """Return the planned sales, by another company than the owner, that it has not agreed to (R-10):
    from the submission of the version on.
    """
    at = now()
    given = SaleAgreement._base_manager.filter(
        Q(end_at=None) | Q(end_at__gt=at),
        product=OuterRef("product_version__product"),
        seller=OuterRef("seller"),
    )
    waiting = PlannedSale.objects.filter(
        ~Q(seller=F("company")),
        ~Exists(given),
        Q(product_version__effective_to=None) | Q(product_version__effective_to__gt=at),
        product_version__state__in=(VersionState.IN_REVIEW, VersionState.RELEASED),
    ).exclude(product_version__product__lifecycle_status=LifecycleStatus.RETIRED)
    found: QuerySet[PlannedSale] = waiting.order_by("product_version__effective_from", "pk")
    return found


def _rank(version: ProductVersion, seller: Company) -> tuple[bool, str]:
    return seller.pk != version.company_id, seller.brand_name.lower()
