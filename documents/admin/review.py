"""The documents of a version, to open before it is approved (B.6, R-05)."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from catalog.admin.readings import Piece, Reading
from catalog.admin.sheet_description import channels_in_words
from catalog.models import ProductVersion
from documents.admin.document import LABELS, STANDINGS, UNFIT
from documents.choices import DocumentState
from documents.domain.state import DocumentState as State
from documents.domain.state import standing
from documents.models import ProductDocument
from documents.selectors.documents import visible_documents
from documents.selectors.requirements import missing_documents, required_documents
from winvest.core.admin.formatting import badge, day_text
from winvest.core.clock import now
from winvest.core.domain.periods import local_date
from winvest.core.permissions import access_of


def read_documents(request: HttpRequest, version: ProductVersion) -> Reading:
    """Return the documents that the person may open, then those that lack."""
    seen = visible_documents(access_of(request.user), at=now()).filter(product_version=version)
    rows = list(
        seen.exclude(state=DocumentState.ARCHIVED)
        .select_related("type")
        .order_by("type__position", "type", "-version", "title", "pk")
    )
    pieces = [_piece(row, version) for row in rows]
    return Reading("Documents", [*pieces, *_lacking(version, rows)], "Aucun document.")


def _piece(row: ProductDocument, version: ProductVersion) -> Piece:
    stands = standing(
        State(row.state),
        row.valid_until,
        on=local_date(now(), version.company.timezone),
        warning_days=settings.DOCUMENT_WARNING_DAYS,
    )
    until = f", valable jusqu'au {day_text(row.valid_until)}" if row.valid_until else ""
    return Piece(
        row.title,
        f"{row.type.label}, version {row.version} ({row.file_name}), {channels_in_words(row.channels).lower()}{until}",
        badge(UNFIT, "danger") if row.lacks_pdfa else badge(LABELS[stands], STANDINGS[stands]),
        reverse("product-document", args=[row.pk]),
        f"Télécharger ({filesizeformat(row.size or 0)})",
    )


def _lacking(version: ProductVersion, rows: list[ProductDocument]) -> Iterator[Piece]:
    for need, channels in missing_documents(version, rows, required_documents(version, rows)):
        yield Piece(need.label, channels_in_words(channels), badge("Manquant", "danger"))
