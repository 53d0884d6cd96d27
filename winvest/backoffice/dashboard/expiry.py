"""Documents that expire, by date (6-10)."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from catalog.admin.sheet_tabs import sheet_address
from documents.choices import DocumentState
from documents.domain.state import WARNING_DAYS, Standing, standing
from documents.domain.state import DocumentState as State
from documents.models import ProductDocument
from documents.selectors.lacking import lacking_versions
from winvest.backoffice.dashboard.lists import MANY, Listing, list_tile
from winvest.backoffice.dashboard.shapes import Line, Reader
from winvest.core.admin.formatting import day_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action

SHOWN = 8
IN_FORCE = (DocumentState.PUBLISHED, DocumentState.EXPIRED)


def expiring_documents(reader: Reader) -> QuerySet[ProductDocument]:
    """Return what is over, or will be within the days of warning, and was not replaced."""
    until = now().date() + timedelta(days=WARNING_DAYS)
    rows = ProductDocument.objects.filter(
        company_id__in=reader.companies,
        state__in=IN_FORCE,
        valid_until__lte=until,
        replaced_by__isnull=True,
    )
    return rows.order_by("valid_until", "pk")


def expiring(reader: Reader) -> list[Listing]:
    """Show them, the oldest date first."""
    rows = expiring_documents(reader).select_related("type", "product_version__product", "company")
    return [Listing(rows, lambda found: map(_line, found))]


def _line(row: ProductDocument) -> Line:
    today = local_date(now(), row.company.timezone)
    stands = standing(State(row.state), row.valid_until, on=today)
    product = row.product_version.product
    over = stands is Standing.EXPIRED
    return Line(
        label=row.title,
        detail=f"{product.name} ({product.sku}) v{row.product_version.version}",
        value=f"{'Expiré le' if over else 'Expire le'} {day_text(row.valid_until)}",
        link=reverse("admin:documents_productdocument_change", args=[row.pk]),
        tone="danger" if over else "warning",
    )


def lacking(reader: Reader) -> list[Listing]:
    """Show the submitted versions that lack documents, the oldest request first (E.3-03)."""
    rows = lacking_versions(reader.companies, at=now(), limit=MANY, among=MANY)
    return [Listing(rows, lambda found: map(_lacking, found))]


def _lacking(row: Any) -> Line:
    return Line(
        label=f"{row.name} v{row.number}",
        detail=f"{row.brand_name} : {_told(row)}",
        value=f"Pour le {day_text(local_date(row.effective_from, row.timezone))}",
        link=sheet_address(row.product, onglet="documents", version=row.number),
        tone="danger" if row.labels or row.unfit else "warning",
    )


def _told(row: Any) -> str:
    """Say what nobody has brought, what must be another file, and what waits for being published."""
    parts = (
        ("manque", row.labels),
        ("à remplacer par un PDF/A :", row.unfit),
        ("déposé, à publier :", row.brought),
    )
    return " ; ".join(f"{said} {', '.join(labels)}" for said, labels in parts if labels)


LACKING = list_tile(
    "manquants",
    "Documents attendus",
    Action.DOCUMENT_EDIT,
    lacking,
    empty="Aucune version soumise n'attend de document.",
    shown=SHOWN,
)
EXPIRING = list_tile(
    "echeances",
    "Documents à renouveler",
    Action.CATALOG_VIEW_ALL,
    expiring,
    empty=f"Aucun document n'expire dans les {WARNING_DAYS} jours.",
    shown=SHOWN,
    task=Action.DOCUMENT_EDIT,
)
