"""Tab « Documents » of a product's sheet: what is required, what is there, how it stands (E.2.2-05).

Sellers read what is published and download it (3.5-04).
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin import site
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from catalog.admin.sheet_blocks import Block, Cell, Link, Note, Table, cells
from catalog.admin.sheet_description import NO_VERSION, channels_in_words
from catalog.admin.sheet_tabs import Asked, sheet_address
from catalog.choices import LifecycleStatus
from catalog.models import ProductVersion
from documents.admin.document import LABELS, STANDINGS, UNFIT
from documents.choices import DocumentState
from documents.domain.requirements import Required
from documents.domain.state import DocumentState as State
from documents.domain.state import Standing, standing
from documents.models import ProductDocument
from documents.selectors.documents import documents_then, visible_documents
from documents.selectors.requirements import missing_documents, required_documents
from documents.services.upload import open_document
from winvest.core.admin.base import refuse
from winvest.core.admin.formatting import day_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.files import attachment
from winvest.core.permissions import access_of

TAB = "documents"


@site.admin_view
@require_GET
def sheet_document(request: Any, pk: UUID) -> HttpResponse | FileResponse:
    """Hand over the file of a document that the person reads; any other does not exist."""
    seen = visible_documents(access_of(request.user), at=now())
    row = get_object_or_404(seen.select_related("product_version"), pk=pk)
    try:
        return attachment(open_document(row))
    except DomainError as error:
        return refuse(request, error, sheet_address(row.product_version.product_id, onglet=TAB))


def documented(asked: Asked) -> Iterator[Block]:
    """Give the documents of the version; what is required and missing stands among them, in red."""
    if asked.version is None:
        yield Note("", NO_VERSION)
        return
    version = _version(asked)
    rows = list(_documents(asked, version))
    required = required_documents(version, rows)
    # What lacked on another day, or of a product that is retired, is no longer to be mended.
    listed = asked.sees_all and asked.moment is None and not _is_over(asked)
    missing = missing_documents(version, rows, required) if listed else []
    yield Table(
        "Documents de la version",
        ("Document", "Exigence", "État", "Valable jusqu'au", "Canaux", "Fichier"),
        [*(_lack(asked, version, need, on) for need, on in missing), *_rows(asked, rows, required)],
        "Aucun document n'est publié pour cette version.",
        _links(asked, version),
    )


def _version(asked: Asked) -> ProductVersion:
    """Return the version with the product that was read already."""
    version: ProductVersion = ProductVersion._base_manager.get(pk=(asked.version or {})["id"])
    version.product, version.company = asked.product, asked.product.company
    return version


def _documents(asked: Asked, version: ProductVersion) -> QuerySet[ProductDocument, Any]:
    seen = visible_documents(asked.access, at=asked.now).filter(product_version=version)
    if asked.moment is None:
        # A retirement archives: what is kept for its contracts is all there is.
        archived = Q(state=DocumentState.ARCHIVED)
        # What was replaced before anybody relied on it is kept for no contract.
        out = archived & Q(published_at=None) if _is_over(asked) else archived
        seen = seen.exclude(out)
    else:
        seen = documents_then(seen, asked.moment, day=local_date(asked.at, asked.zone))
    return seen.select_related("type").order_by("type__position", "type", "-version", "title", "pk")


def _is_over(asked: Asked) -> bool:
    return asked.product.lifecycle_status == LifecycleStatus.RETIRED


def _lack(asked: Asked, version: ProductVersion, need: Required, on: list[str]) -> list[Cell]:
    link = ""
    if asked.allows(Action.DOCUMENT_EDIT):
        base = reverse("admin:documents_productdocument_add")
        link = f"{base}?product_version={version.pk}&type={need.type}"
    return cells(
        Cell(need.label, detail=need.why),
        "Obligatoire",
        Cell("Manquant", color="danger"),
        "",
        channels_in_words(on),
        Cell("Déposer", link=link) if link else "",
    )


def _rows(
    asked: Asked, rows: Sequence[ProductDocument], required: Sequence[Required]
) -> Iterator[list[Cell]]:
    types = {need.type for need in required}
    today = local_date(asked.at, asked.zone)
    for row in rows:
        stands = standing(
            State(row.state),
            row.valid_until,
            on=today,
            warning_days=settings.DOCUMENT_WARNING_DAYS,
        )
        page = reverse("admin:documents_productdocument_change", args=[row.pk])
        asked_for = row.mandatory or row.type_id in types
        yield cells(
            Cell(
                row.title,
                link=page if asked.sees_all else "",
                detail=f"{row.type.label}, version {row.version}",
            ),
            "Obligatoire" if asked_for else "Optionnel",
            _state(row, stands, is_told=asked.sees_all),
            day_text(row.valid_until) if row.valid_until else "Sans limite",
            channels_in_words(row.channels),
            _file(row),
        )


def _state(row: ProductDocument, stands: Standing, *, is_told: bool) -> Cell:
    """Return how the document stands, and to who works on it that it must be a PDF/A (D-07)."""
    is_unfit = is_told and row.lacks_pdfa and stands is not Standing.ARCHIVED
    return Cell(LABELS[stands], color=STANDINGS[stands], detail=UNFIT if is_unfit else "")


def _file(row: ProductDocument) -> Cell:
    link = reverse("product-document", args=[row.pk])
    return Cell(
        row.file_name or "Télécharger", link=link, detail=f"{-(-(row.size or 0) // 1024)} ko"
    )


def _links(asked: Asked, version: ProductVersion) -> list[Link]:
    if not asked.sees_all:
        return []
    pack = reverse("admin:documents_productdocument_pack", args=[version.pk])
    links = [Link("Pièces du contrat", pack)]
    if asked.allows(Action.DOCUMENT_EDIT):
        base = reverse("admin:documents_productdocument_add")
        links.append(Link("Déposer un document", f"{base}?product_version={version.pk}"))
    return links
