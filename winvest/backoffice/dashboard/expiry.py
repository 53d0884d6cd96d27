"""Documents that expire, by date (6-10)."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from documents.choices import DocumentState
from documents.domain.state import WARNING_DAYS, Standing, standing
from documents.domain.state import DocumentState as State
from documents.models import ProductDocument
from documents.selectors.lacking import lacking_versions
from winvest.backoffice.dashboard.shapes import Figures, Line, Reader, Tile
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


def expiring(reader: Reader) -> Figures:
    """Show the first ones, the oldest date first."""
    rows = expiring_documents(reader).select_related("type", "product_version__product", "company")
    return Figures(
        lines=[_line(row) for row in rows[:SHOWN]],
        empty=f"Aucun document n'expire dans les {WARNING_DAYS} jours.",
        link=reverse("admin:documents_productdocument_changelist"),
    )


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


def lacking(reader: Reader) -> Figures:
    """Show the first submitted versions that lack documents, the oldest request first (E.3-03)."""
    rows = lacking_versions(reader.companies, at=now(), limit=SHOWN)
    return Figures(
        lines=[
            Line(
                label=f"{row.name} v{row.number}",
                detail=f"{row.brand_name} : {_told(row)}",
                value=f"Pour le {day_text(local_date(row.effective_from, row.timezone))}",
                link=f"{reverse('product-sheet', args=[row.product])}"
                f"?onglet=documents&version={row.number}",
                tone="danger" if row.labels else "warning",
            )
            for row in rows
        ],
        empty="Aucune version soumise n'attend de document.",
    )


def _told(row: Any) -> str:
    """Say what nobody has brought, and what is there and waits for being published."""
    parts = (("manque", row.labels), ("déposé, à publier :", row.brought))
    return " ; ".join(f"{said} {', '.join(labels)}" for said, labels in parts if labels)


LACKING = Tile("manquants", "Documents attendus", Action.DOCUMENT_EDIT, lacking)
EXPIRING = Tile(
    "echeances",
    "Documents à renouveler",
    Action.CATALOG_VIEW_ALL,
    expiring,
    task=Action.DOCUMENT_EDIT,
)
