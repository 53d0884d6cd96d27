"""The documents' part of a version: the required ones (decision 4); their state is not content."""

from typing import Any

from django.db.models import Exists, OuterRef

from catalog.models.version import ProductVersion
from catalog.parts import VersionPart
from documents.models import ProductDocument


def required_content(version: ProductVersion) -> list[dict[str, Any]]:
    """Return the mandatory documents of a version, the last of each chain, with their hashes."""
    replaced = ProductDocument._base_manager.filter(
        replaces=OuterRef("pk"), product_version=version
    )
    rows = ProductDocument.objects.filter(
        ~Exists(replaced), product_version=version, mandatory=True
    )
    return [
        {
            "type": row.type_id,
            "title": row.title,
            "channels": sorted(row.channels),
            "valid_until": row.valid_until.isoformat() if row.valid_until else None,
            "file_hash": row.file_hash,
        }
        for row in rows.order_by("type", "title", "file_hash")
    ]


DOCUMENTS = VersionPart("documents", required_content)
