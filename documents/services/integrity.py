"""Whether the files are as they came: their SHA-256 against the one kept in the table (B.7-03)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage

from documents.models import ProductDocument
from winvest.core import scoping


@dataclass(frozen=True, slots=True)
class Altered:
    """A document whose file is not the one that came, or is gone."""

    document: ProductDocument
    is_missing: bool

    def __str__(self) -> str:
        row = self.document
        told = "fichier introuvable" if self.is_missing else "fichier modifié"
        return f"{row.company.code} {row.product_version} — {row.title} ({row.pk}) : {told}"


def digest_of(row: ProductDocument) -> str | None:
    """Return the digest of the file as it is stored now; None when nobody can read it."""
    try:
        with default_storage.open(row.file_url) as content:
            return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"
    except OSError:
        return None


def is_intact(row: ProductDocument) -> bool:
    """Whether the file is there, as it was when it came."""
    return row.file_hash == digest_of(row)


def verify_documents() -> Iterator[Altered | None]:
    """Give, for every document of every company, what is wrong with its file (None: nothing)."""
    with scoping.everything():
        rows = ProductDocument.objects.select_related("company", "product_version__product")
        for row in rows.order_by("pk").iterator(chunk_size=500):
            found = digest_of(row)
            yield None if found == row.file_hash else Altered(row, is_missing=found is None)
