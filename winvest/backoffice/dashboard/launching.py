"""What is left to do once a version is approved: release it, put it on sale, tell of it (§4, D.3.2)."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from catalog.admin.checklist import checklist_address
from catalog.choices import ApprovalDomain, LifecycleStatus, VersionState
from catalog.models import PlannedSale, Product, ProductVersion, Publication
from catalog.selectors.approvals import ACTIONS
from catalog.selectors.planned_sales import (
    sale_in_words,
    sale_planned,
    sales_to_agree,
    sales_to_make,
)
from winvest.backoffice.dashboard.lists import Listing, list_tile
from winvest.backoffice.dashboard.mine import approved, by_api, within
from winvest.backoffice.dashboard.shapes import Line, Reader
from winvest.core.admin.formatting import day_text
from winvest.core.admin.ways_back import with_way
from winvest.core.admin.zones import local_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action
from winvest.core.selectors.notifications import asked_communications

# What took effect longer ago than this without being sold is no task any more.
RECENT = timedelta(days=30)


def versions_to_release(reader: Reader) -> QuerySet[ProductVersion]:
    """Return the versions in review that have every approval, which the person may release."""
    given: Any = Q()
    for domain in ACTIONS:
        asked = ~by_api() if domain == ApprovalDomain.INTEGRATION else Q(pk__in=[])
        given &= Exists(approved(domain)) | asked
    rows = ProductVersion.objects.filter(
        within(reader.access, Action.VERSION_RELEASE, "product__risk"),
        given,
        company_id__in=reader.companies,
        state=VersionState.IN_REVIEW,
    )
    return rows.order_by("effective_from", "pk")


def products_to_activate(reader: Reader) -> QuerySet[Product]:
    """Return the products whose sale waits for their status, which the person may change (M-06)."""
    waiting = sales_to_make(ProductVersion.objects.all()).order_by()
    rows = Product.objects.filter(
        within(reader.access, Action.LIFECYCLE_MOVE, "risk"),
        pk__in=waiting.values("product_version__product"),
        company_id__in=reader.companies,
        lifecycle_status__in=(LifecycleStatus.DRAFT, LifecycleStatus.TEST),
    )
    return rows.order_by("sort_label", "pk")


def versions_to_publish(reader: Reader) -> QuerySet[ProductVersion]:
    """Return the versions in production that nobody sells or is to sell, which the person may publish."""
    at = now()
    sold = Publication._base_manager.filter(product_version=OuterRef("pk"))
    planned = PlannedSale._base_manager.filter(product_version=OuterRef("pk"))
    rows = ProductVersion.objects.filter(
        within(reader.access, Action.PUBLICATION_PUBLISH, "product__risk"),
        ~Exists(sold),
        ~Exists(planned),
        Q(effective_to=None) | Q(effective_to__gt=at),
        company_id__in=reader.companies,
        state=VersionState.RELEASED,
        effective_from__gt=at - RECENT,
    ).exclude(product__lifecycle_status=LifecycleStatus.RETIRED)
    return rows.order_by("effective_from", "pk")


def sales_to_publish(reader: Reader) -> QuerySet[PlannedSale]:
    """Return the planned sales of versions in production, which the person may publish (E-05)."""
    seller = within(
        reader.access,
        Action.PUBLICATION_PUBLISH,
        "product_version__product__risk",
        company_path="seller",
    )
    rows = sales_to_make(ProductVersion.objects.all())
    return rows.filter(seller, seller_id__in=reader.companies)


def agreements_to_give(reader: Reader) -> QuerySet[PlannedSale]:
    """Return the planned sales by another company, which the person may let it make (R-10)."""
    own = within(reader.access, Action.PUBLICATION_EDIT, "product_version__product__risk")
    return sales_to_agree().filter(own, company_id__in=reader.companies)


def communications(reader: Reader) -> QuerySet[Any]:
    """Return what the person is asked to tell of, until he or a colleague has done it."""
    rows = asked_communications(reader.access)
    if not reader.access.anywhere(Action.NOTIFICATION_PUBLISH):
        return rows.none()
    return rows.filter(done_at__isnull=True).order_by("created_at", "pk")


def releases(reader: Reader) -> list[Listing]:
    """Show the versions to release, the first to take effect before the others, then the products
    that a released version waits for.
    """
    rows = versions_to_release(reader).select_related("product", "company")
    products = products_to_activate(reader).select_related("company")
    said = "toutes les approbations sont données"
    return [
        Listing(rows, lambda found: [_version(row, "release", said) for row in found]),
        Listing(products, lambda found: map(_product, found)),
    ]


def sales(reader: Reader) -> list[Listing]:
    """Show the agreements to give, the sales planned, then the versions that nobody planned to sell.

    Their checklist says what each still lacks.
    """
    asked = ("product_version__product", "product_version__company", "seller")
    agreements = agreements_to_give(reader).select_related(*asked)
    planned = sales_to_publish(reader).select_related(*asked)
    rows = versions_to_publish(reader).select_related("product", "company")
    said = "en production, publiée nulle part"
    return [
        Listing(agreements, lambda found: map(_agreement, found)),
        Listing(planned, lambda found: map(_planned, found)),
        Listing(rows, lambda found: [_version(row, "checklist", said) for row in found]),
    ]


def _there_and_back(page: str) -> str:
    """Return a page that leads back to the tasks once its own is done."""
    return with_way(page, reverse("my-work"))


def _agreement(row: PlannedSale) -> Line:
    version = row.product_version
    given = urlencode({"product": str(version.product_id), "seller_code": row.seller.code})
    return Line(
        label=f"{version.product.name} v{version.version}",
        detail=sale_in_words(row),
        value="Accord à donner",
        link=f"{reverse('admin:catalog_saleagreement_add')}?{given}",
        tone="warning",
    )


def _planned(row: PlannedSale) -> Line:
    version, sale = row.product_version, sale_planned(row)
    return Line(
        label=f"{version.product.name} v{version.version}",
        detail=sale_in_words(row),
        value=f"Pour le {day_text(local_date(sale.start, row.seller.timezone))}",
        link=checklist_address(version, sale),
        tone="info",
    )


def _version(row: ProductVersion, page: str, said: str) -> Line:
    return Line(
        label=f"{row.product.name} v{row.version}",
        detail=f"{row.company.brand_name} : {said}",
        value=f"Pour le {day_text(local_date(row.effective_from, row.company.timezone))}",
        link=_there_and_back(reverse(f"admin:catalog_productversion_{page}", args=[row.pk])),
        tone="info",
    )


def _product(row: Product) -> Line:
    return Line(
        label=row.name,
        detail=f"{row.company.brand_name} : en production, mais le produit est « {row.get_lifecycle_status_display()} »",
        value="À activer",
        link=_there_and_back(reverse("admin:catalog_product_move", args=[row.pk])),
        tone="warning",
    )


def told(reader: Reader) -> list[Listing]:
    """Show the communications to make; its page says what of, and that it is done."""
    rows = communications(reader).select_related("company")
    return [Listing(rows, lambda found: map(_communication, found))]


def _communication(row: Any) -> Line:
    return Line(
        label=row.title,
        detail=f"{row.company.brand_name}, demandée le "
        f"{local_text(row.created_at, row.company.timezone)}",
        value="À faire",
        link=reverse("admin:core_notification_change", args=[row.pk]),
        tone="warning",
    )


RELEASES = list_tile(
    "mises-en-production",
    "À mettre en production",
    Action.VERSION_RELEASE,
    releases,
    empty="Aucune version approuvée n'attend sa mise en production.",
)
SALES = list_tile(
    "mises-en-vente",
    "À mettre en vente",
    Action.PUBLICATION_PUBLISH,
    sales,
    empty="Aucune version en production n'attend sa publication.",
)
COMMUNICATION = list_tile(
    "communications",
    "Communication à faire",
    Action.NOTIFICATION_PUBLISH,
    told,
    empty="Aucune communication n'est à faire.",
    unless=Action.CATALOG_VIEW_ALL,
)
