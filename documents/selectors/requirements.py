"""Which documents a version must have (`design/domain.md` §8; reading D-02)."""

from typing import Any

from django.db.models import QuerySet

from catalog.models import ProductVersion
from documents.choices import Stage
from documents.models import DocumentRequirement


def requirements_of(
    version: ProductVersion, *, stage: Stage = Stage.PUBLICATION
) -> QuerySet[DocumentRequirement, Any]:
    """Return the active requirements of the version's family, whatever the channel.

    A company's own risk has none yet: it will take those of the family above it.
    """
    return DocumentRequirement.objects.filter(
        family=version.product.risk_id, stage=stage, is_active=True
    )


def is_required(version: ProductVersion, code: str) -> bool:
    """Whether a type of document is required of the version on some channel at publication."""
    return requirements_of(version).filter(document_type__code=code).exists()
