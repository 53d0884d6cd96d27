"""The documents' part of a version: the required ones (decision 4); their state is not content."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.domain.diff import Listing
from catalog.models.quality import CqRule
from catalog.models.version import ProductVersion
from catalog.parts import Pair, VersionPart, copied, insert_all
from documents.choices import DocumentState
from documents.models import ProductDocument
from documents.services.upload import forget_files

# What tells two files apart in a comparison; the whole print is on the document's page.
SHOWN = 8


def required_content(version: ProductVersion) -> list[dict[str, Any]]:
    """Return the mandatory documents of a version, the last of each chain, with their hashes."""
    rows = _last_of_chains([version.pk]).filter(mandatory=True)
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


def clone_documents(pairs: Sequence[Pair]) -> None:
    """Copy the documents as drafts of the same files, and name the copy of the call script.

    The required ones all, since they are content; of the others, those that are not archived.
    Locked, so that a draft's file is not deleted meanwhile: a shared file stays as long as one
    document names it.
    """
    targets = {source.pk: target.pk for source, target in pairs}
    copies: dict[UUID, ProductDocument] = {}
    rows = _last_of_chains(targets).filter(Q(mandatory=True) | ~Q(state=DocumentState.ARCHIVED))
    for document in rows.select_for_update(of=("self",)).order_by("pk"):
        copies[document.pk] = copied(
            document,
            product_version_id=targets[document.product_version_id],
            replaces_id=None,
            state=DocumentState.DRAFT,
            published_at=None,
        )
    insert_all([*copies.values()])
    named = CqRule.objects.filter(
        product_version__in=[*targets.values()], call_script_id__in=copies
    )
    for rule in named:
        rule.call_script_id = copies[rule.call_script_id].pk if rule.call_script_id else None
        rule.save()


def erase_documents(version: ProductVersion) -> None:
    """Delete the drafts, the last of each chain first, and the files that no document shares.

    What was published is kept, and keeps its version (G.3).
    """
    drafts = ProductDocument.objects.filter(product_version=version, published_at=None)
    files = {row.file_url for row in drafts}
    # One that a published document replaces stays with it.
    for row in drafts.filter(~Exists(_published_after())).order_by("-version"):
        row.delete()
    forget_files(files)


def _published_after() -> QuerySet[ProductDocument, Any]:
    rows: QuerySet[ProductDocument, Any] = ProductDocument._base_manager.filter(
        replaces=OuterRef("pk"), published_at__isnull=False
    )
    return rows


def _last_of_chains(versions: Iterable[UUID]) -> QuerySet[ProductDocument, Any]:
    replaced = ProductDocument._base_manager.filter(
        replaces=OuterRef("pk"), product_version=OuterRef("product_version")
    )
    rows: QuerySet[ProductDocument, Any] = ProductDocument.objects.filter(
        product_version__in=[*versions]
    )
    return rows.filter(~Exists(replaced))


DOCUMENTS = VersionPart(
    "documents",
    required_content,
    clone_documents,
    label="Documents obligatoires",
    erase=erase_documents,
    listings={"documents": Listing(("type", "title"), ordered=False)},
    words={"file_hash": lambda digest: f"fichier …{digest[-SHOWN:]}"},
    models={"documents": ProductDocument},
)
