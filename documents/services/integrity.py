"""Whether the files are as they came: their SHA-256 against the one kept in the table (B.7-03)."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import IO

from django.core.files.storage import default_storage

from catalog.domain import raci
from documents.models import ProductDocument
from winvest.core import scoping
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.services.notifications import notify
from winvest.core.transaction import transaction

# What a copy holds in memory; beyond, it is on the disk.
IN_MEMORY = 1024 * 1024
BLOCK = 64 * 1024

logger = logging.getLogger(__name__)


class Fault(StrEnum):
    """What is wrong with a file."""

    CHANGED = "fichier modifié"
    LOST = "fichier introuvable"
    # The storage does not answer: nothing is known of the file.
    UNREADABLE = "fichier illisible"


@dataclass(frozen=True, slots=True)
class Altered:
    """A document whose file is not the one that came; `found` is the digest of a changed one."""

    document: ProductDocument
    fault: Fault
    found: str = ""

    def __str__(self) -> str:
        row = self.document
        return f"{row.company.code} {row.product_version} — {row.title} ({row.pk}) : {self.fault}"


def fault_of(row: ProductDocument) -> Altered | None:
    """Return what is wrong with the file as it is stored now, None when it is the one that came."""
    return _read(row, None)


def is_intact(row: ProductDocument) -> bool:
    """Whether the file is there, as it was when it came."""
    return fault_of(row) is None


def verified_copy(row: ProductDocument) -> IO[bytes] | Altered:
    """Return a copy of the file, read once and found to be the one that came.

    What is checked is what is handed over, whatever happens to the stored file meanwhile; of a
    large file, little stays in memory. The caller closes the copy.
    """
    copy: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - handed over
    altered = _read(row, copy)
    if altered is not None:
        copy.close()
        return altered
    copy.seek(0)
    return copy


def _read(row: ProductDocument, copy: IO[bytes] | None) -> Altered | None:
    digest = hashlib.sha256()
    try:
        with default_storage.open(row.file_url) as content:
            while block := content.read(BLOCK):
                digest.update(block)
                if copy is not None:
                    copy.write(block)
    except FileNotFoundError:
        return Altered(row, Fault.LOST)
    except OSError:
        logger.exception("document %s: the storage does not answer", row.pk)
        return Altered(row, Fault.UNREADABLE)
    found = f"sha256:{digest.hexdigest()}"
    return None if found == row.file_hash else Altered(row, Fault.CHANGED, found)


def verify_documents(*, order: str = "pk") -> Iterator[Altered | None]:
    """Give, for every document of every company, what is wrong with its file (None: nothing)."""
    with scoping.everything():
        rows = ProductDocument.objects.select_related("company", "product_version__product")
        for row in rows.order_by(order).iterator(chunk_size=500):
            yield fault_of(row)


def sweep_files() -> int:
    """Read every file again, tell of each that is not the one that came, and return how many.

    In no order, so that what a night has no time for is not always the same.
    """
    faults = 0
    for altered in verify_documents(order="?"):
        if altered is not None:
            faults += 1
            tell_altered(altered)
    return faults


def tell_altered(altered: Altered) -> int:
    """Tell ADV and the jurist, who answer for the documents, and IT, who can restore the file.

    Once for each fault of a file: the same one found again tells nobody. Of a storage that does not
    answer, nothing is told: the next look finds out.
    """
    if altered.fault is Fault.UNREADABLE:
        return 0
    row = altered.document
    logger.error("document %s: %s %s", row.pk, altered.fault.name, altered.found)
    step = raci.Step.DOCUMENTS
    actors = {raci.accountable(step), *raci.responsible(step), raci.Actor.IT}
    with scoping.everything(), transaction(None):
        return notify(
            kind=NotificationKind.DOCUMENT_ALTERED,
            title=f"{row.product_version} : {row.type_id}, {altered.fault}",
            text=f"« {row.title} » n'est plus remis à personne. Retrouvez le fichier d'origine "
            f"(empreinte {row.file_hash}), ou remplacez le document.",
            key=f"{row.pk}:{altered.found or altered.fault.name}",
            target="documents_productdocument",
            target_id=row.pk,
            action=Action.CATALOG_VIEW_ALL,
            roles=raci.roles_of(actors),
            company_id=row.company_id,
            risk_id=row.family_risk(),
        )
