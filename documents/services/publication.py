"""The documents' check of a publication (`design/domain.md` §2, §8)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.choices import Channel
from catalog.domain.publication import Finding, Sale
from catalog.models import ProductVersion
from documents.choices import DocumentState
from documents.domain.requirements import (
    MISSING,
    WEB_FLOOR,
    Kept,
    document_findings,
)
from documents.models import ProductDocument
from documents.selectors.requirements import required_documents
from documents.services.integrity import is_intact
from winvest.core.models import Company

# The end of a sale is its first instant without one.
INSTANT = timedelta(microseconds=1)


def check_documents(version: ProductVersion, sale: Sale) -> list[Finding]:
    """Every document that the family asks for, in force, PDF/A where it must, and intact (D-02)."""
    return _findings(version, sale, read_files=True)


def lacking_documents(version: ProductVersion, start: datetime) -> list[Finding]:
    """Return what the version lacks on its channels: documents that nobody has brought yet."""
    channels = frozenset(version.channels or Channel.values)
    sale = Sale(seller=version.company_id, channels=channels, start=start)
    found = _findings(version, sale, read_files=False)
    return [one for one in found if one.rule.code in (MISSING.code, WEB_FLOOR.code)]


def findings_without_files(version: ProductVersion, sale: Sale) -> list[Finding]:
    """Return what is wrong with the documents of a sale, without reading their files."""
    return _findings(version, sale, read_files=False)


def _findings(version: ProductVersion, sale: Sale, *, read_files: bool) -> list[Finding]:
    documents = list(
        ProductDocument._base_manager.filter(product_version=version)
        .exclude(state=DocumentState.ARCHIVED)
        .select_related("type")
        .order_by("-version", "pk")
    )
    required = required_documents(version, documents)
    seller = Company._base_manager.get(pk=sale.seller)
    zone = ZoneInfo(seller.timezone)
    day = sale.start.astimezone(zone).date()
    named = {need.type for need in required} if read_files else set()
    kept = [_kept(row, read=row.type_id in named) for row in documents]
    labels = {channel.value: str(channel.label) for channel in Channel}
    # A sale without an end outlives every document that has one.
    end = date.max if sale.end is None else (sale.end - INSTANT).astimezone(zone).date()
    return document_findings(required, kept, sale.channels, day, labels=labels, until=end)


def _kept(row: ProductDocument, *, read: bool) -> Kept:
    published = row.state in (DocumentState.PUBLISHED, DocumentState.EXPIRED)
    return Kept(
        id=row.pk,
        type=row.type_id,
        channels=frozenset(row.channels),
        published=published,
        valid_until=row.valid_until,
        pdfa=row.is_pdfa,
        intact=not (read and published) or is_intact(row),
    )
