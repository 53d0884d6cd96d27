"""The documents to join to a contract of a version, with their hashes (`design/domain.md` §8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog.choices import Channel
from catalog.models import ProductVersion
from documents.choices import DocumentState, Stage
from documents.domain.pack import Joined, Pack, PackProblem, Piece, contract_pack
from documents.domain.state import DocumentState as State
from documents.models import DocumentRequirement, ProductDocument
from documents.selectors.requirements import required_documents
from winvest.core.domain.periods import local_date
from winvest.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class ReadPack:
    """A pack with the documents that it joins, as they are kept."""

    pack: Pack
    rows: dict[UUID, ProductDocument]

    @property
    def joined(self) -> list[tuple[ProductDocument, Joined]]:
        """The documents to join, in the order of their types, each with what asks for it."""
        return [(self.rows[one.id], one) for one in self.pack.documents]


def read_pack(version: ProductVersion, channel: str, *, at: datetime) -> ReadPack:
    """Return the pack of a version on a channel at an instant, from the documents in scope.

    The day is that of the version's company, as the documents' last days are. `Invalid` for a
    channel on which the version is not sold.
    """
    if version.channels and channel not in version.channels:
        raise Invalid(PackProblem.CHANNEL, path="channel", channel=Channel(channel).label)
    documents = list(_current(version))
    pack = contract_pack(
        required_documents(version, documents),
        [_piece(row) for row in documents],
        channel,
        local_date(at, version.company.timezone),
        of_contract=frozenset(_of_contract().values_list("document_type__code", flat=True)),
    )
    return ReadPack(pack, {row.pk: row for row in documents})


def _current(version: ProductVersion) -> QuerySet[ProductDocument, Any]:
    rows: QuerySet[ProductDocument, Any] = ProductDocument.objects.filter(product_version=version)
    kept = rows.exclude(state=DocumentState.ARCHIVED).select_related("type")
    return kept.order_by("type__position", "type", "title", "pk")


def _of_contract() -> QuerySet[DocumentRequirement, Any]:
    """Return what some family asks for when the contract is issued: the contract's own (D-02)."""
    rows: QuerySet[DocumentRequirement, Any] = DocumentRequirement.objects.filter(stage=Stage.ISSUE)
    return rows.order_by()


def _piece(row: ProductDocument) -> Piece:
    return Piece(
        id=row.pk,
        type=row.type_id,
        channels=frozenset(row.channels),
        state=State(row.state),
        valid_until=row.valid_until,
        legal=row.type.is_legal,
    )
