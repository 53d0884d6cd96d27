"""Which documents a version must have (`design/domain.md` §8; reading D-02)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from catalog.choices import Channel
from catalog.models import ProductVersion, VersionBilling
from catalog.models.billing import TEMPLATES
from documents.choices import Stage
from documents.domain.requirements import Required
from documents.models import DocumentRequirement, DocumentType, ProductDocument

OWN_GROUND = "§2.1 : document obligatoire de la version."
TEMPLATE_GROUND = "§3.6 : gabarit de la facturation."


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


def required_documents(
    version: ProductVersion, documents: Sequence[ProductDocument]
) -> list[Required]:
    """Return what the family asks for, what the author made compulsory, what the billing names.

    `documents` are the version's, with their types, without those that are archived.
    """
    required = _of_family(version)
    asked = {(need.type, need.channel) for need in required}
    # What the author made compulsory holds as well, on the channels of that document.
    required += [
        Required(row.type.code, row.type.label, channel, row.type.pdfa_required, OWN_GROUND)
        for row in documents
        if row.mandatory
        for channel in row.channels
        if not asked & {(row.type_id, None), (row.type_id, channel)}
    ]
    return required + _of_billing(version, {need.type for need in required})


def _of_family(version: ProductVersion) -> list[Required]:
    rows = requirements_of(version).select_related("document_type")
    return [
        Required(
            type=row.document_type.code,
            label=row.document_type.label,
            channel=row.channel,
            pdfa=row.document_type.pdfa_required,
            ground=row.note,
        )
        for row in rows.order_by("document_type")
    ]


def _of_billing(version: ProductVersion, named: set[str]) -> list[Required]:
    """Return the templates that the billing names, where nothing else asks for them."""
    billings = VersionBilling._base_manager.filter(product_version=version)
    codes = {code for row in billings.values_list(*TEMPLATES) for code in row if code}
    kinds = DocumentType.objects.filter(code__in=codes - named).order_by("position", "code")
    return [
        Required(kind.code, kind.label, None, kind.pdfa_required, TEMPLATE_GROUND) for kind in kinds
    ]


def missing_documents(
    version: ProductVersion, rows: Sequence[ProductDocument], required: Sequence[Required]
) -> list[tuple[Required, list[str]]]:
    """Return the types required on a channel where no document of the version serves."""
    found: dict[str, tuple[Required, list[str]]] = {}
    sold = version.channels or list(Channel.values)
    for need in required:
        wanted = [need.channel] if need.channel else sold
        for channel in wanted:
            if channel in sold and not _serves(rows, need, channel):
                found.setdefault(need.type, (need, []))[1].append(channel)
    return [(need, list(dict.fromkeys(on))) for need, on in found.values()]


def _serves(rows: Sequence[ProductDocument], need: Required, channel: str) -> bool:
    return any(row.type_id == need.type and channel in row.channels for row in rows)
