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

    Those of the families above it hold as well: a company's own risk has none of its own.
    """
    lineage = [risk.pk for risk in version.product.risk.lineage()]
    return DocumentRequirement.objects.filter(family__in=lineage, stage=stage, is_active=True)


def is_required(version: ProductVersion, code: str) -> bool:
    """Whether a type of document is required of the version on some channel at publication."""
    return requirements_of(version).filter(document_type__code=code).exists()
