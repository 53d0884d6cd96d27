"""Keeping the file of a document (§2.1, §3.5, B.4; readings D-05, D-06)."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import PurePath
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import transaction as django_transaction

from catalog.models import ProductVersion
from catalog.services.holds import hold_version
from documents.choices import DocumentState
from documents.models import DocumentType, ProductDocument
from documents.models.document import every_channel
from documents.selectors.requirements import is_required
from documents.services.inspection import Inspected, clean_name, inspect
from documents.services.integrity import Altered, Fault, tell_altered, verified_copy
from documents.services.sales import is_on_sale, keep_sales_documented
from documents.services.tellings import tell_deposit
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, DomainError, Problem, Unavailable
from winvest.core.files import Download
from winvest.core.models.access import User
from winvest.core.models.base import new_id
from winvest.core.services.rows import Check, change_row, lock_row
from winvest.core.transaction import transaction


class DocumentProblem(Problem):
    """Why a document is refused before its file is kept, or is not handed over."""

    FROZEN = (
        "document.frozen",
        "Les documents obligatoires d'une version en production ne changent plus : "
        "créez une nouvelle version.",
    )
    KEPT = "document.kept", "Un document publié ne se supprime pas : archivez-le."
    NOT_KEPT = (
        "document.not_kept",
        "Le fichier n'a pas pu être enregistré (espace de stockage plein ou indisponible) : "
        "rien n'est changé, réessayez plus tard.",
    )
    MISSING = (
        "document.file_missing",
        "Le fichier de ce document est introuvable : l'ADV et l'IT en sont prévenus.",
    )
    ALTERED = (
        "document.file_altered",
        "Le fichier de ce document n'est plus celui qui a été déposé : il n'est pas remis, l'ADV "
        "et l'IT en sont prévenus.",
    )
    UNREADABLE = (
        "document.file_unreadable",
        "L'espace de stockage ne répond pas : réessayez plus tard.",
    )


def upload_document(
    *,
    actor: User,
    version: ProductVersion,
    type: DocumentType,  # noqa: A002 - the column's name in Annexe A
    title: str,
    content: IO[bytes],
    file_name: str,
    mandatory: bool | None = None,
    channels: list[str] | None = None,
    valid_until: date | None = None,
    replaces: ProductDocument | None = None,
    file_hash: str | None = None,
) -> ProductDocument:
    """Keep a file as a draft document of a version: right `document.edit` in its family.

    Format and size by content (`Invalid`); SHA-256 and instant of the server, the hash being the
    `file_hash` that the sender tells. `Unavailable` when the storage cannot keep it. Left out,
    `mandatory` is what the family's requirements say, as long as the version is open. `Conflict`
    for a required document of a released version, or one that would take its place. A draft that
    it replaces in the same version is archived at once: nobody has relied on it.
    """
    permissions.require_on(actor, Action.DOCUMENT_EDIT, version)
    found = inspect(content, expected_hash=file_hash)
    released = version.released_at is not None
    if mandatory is None:
        mandatory = not released and is_required(version, type.code)
    if released and (mandatory or _takes_the_place_of_required(version, type, replaces)):
        raise Conflict(DocumentProblem.FROZEN)
    row = _new(version, found, file_name)
    row.type, row.title, row.mandatory, row.author = type, title, mandatory, actor
    row.channels = every_channel() if channels is None else channels
    row.valid_until = valid_until
    if replaces is not None:
        row.replaces, row.version = replaces, replaces.version + 1
    with transaction(actor, version.company_id):
        if replaces is not None:
            # Of two that replace it at once, the second finds the first, and is told so.
            hold_version(replaces.product_version_id)
            replaces = lock_row(replaces)
        row.full_clean()
        row.save(force_insert=True)
        if replaces is not None and _is_draft_of(version, replaces):
            _move(replaces, DocumentState.ARCHIVED)
        # Last, so that a refusal leaves no file; a file whose row is lost is one nobody names.
        _keep(default_storage, row.file_url, content)
        tell_deposit(actor=actor, document=row)
    return row


def _is_draft_of(version: ProductVersion, row: ProductDocument) -> bool:
    return row.product_version_id == version.pk and row.state == DocumentState.DRAFT


def _move(row: ProductDocument, state: DocumentState) -> None:
    row.state = state
    row.save()


def _takes_the_place_of_required(
    version: ProductVersion,
    kind: DocumentType,
    replaces: ProductDocument | None,
) -> bool:
    """Whether a new file would stand for a document that was approved with the version (M-19).

    What the version lacked when it was released is still brought, as long as it is not on sale.
    """
    if replaces is not None and replaces.mandatory:
        return True
    return is_on_sale(version) and is_required(version, kind.code)


def change_document(
    *, actor: User, document: ProductDocument, changes: Mapping[str, Any], check: Check
) -> ProductDocument:
    """Write `changes`, never of the file: right `document.edit`. Raises like `change_row`."""
    with (
        transaction(actor, document.company_id),
        keep_sales_documented(hold_version(document.product_version_id)),
    ):
        return change_row(
            actor=actor,
            row=document,
            changes=changes,
            action=Action.DOCUMENT_EDIT,
            check=check,
        )


def delete_document(*, actor: User, document: ProductDocument, check: Check | None = None) -> None:
    """Delete a draft, and its file unless another document shares it: right `document.edit`.

    The draft that it had replaced waits again.
    `Conflict` once it was published. Raises what `check` raises on the locked row.
    """
    permissions.require_on(actor, Action.DOCUMENT_EDIT, document)
    with transaction(actor, document.company_id):
        hold_version(document.product_version_id)  # a publication rests on its documents
        row = lock_row(document)
        if check is not None:
            check(row)
        if row.published_at is not None:
            raise Conflict(DocumentProblem.KEPT)
        if row.mandatory and row.product_version.released_at is not None:
            raise Conflict(DocumentProblem.FROZEN)
        before = row.replaces
        row.delete()
        if before is not None and _was_put_aside(before, row):
            _move(before, DocumentState.DRAFT)
        forget_files({row.file_url})


def _was_put_aside(before: ProductDocument, row: ProductDocument) -> bool:
    """Whether a draft of the same version was archived because the other replaced it."""
    same = before.product_version_id == row.product_version_id
    return same and before.state == DocumentState.ARCHIVED and before.published_at is None


def open_document(document: ProductDocument) -> Download:
    """Return the file of a document, for whoever the caller lets read it; the receiver closes it.

    `Conflict`, and an alert, when the storage has lost it or holds another; `Unavailable` when it
    does not answer. What is handed over is what came, to the last byte.
    """
    content = verified_copy(document)
    if isinstance(content, Altered):
        tell_altered(content)
        raise _refused(content)
    return Download(
        content=content,
        file_name=document.file_name or PurePath(document.file_url).name,
        sha256=document.file_hash.removeprefix("sha256:"),
        content_type=document.content_type or "application/octet-stream",
    )


def _refused(altered: Altered) -> DomainError:
    if altered.fault is Fault.UNREADABLE:
        return Unavailable(DocumentProblem.UNREADABLE)
    lost = altered.fault is Fault.LOST
    return Conflict(DocumentProblem.MISSING if lost else DocumentProblem.ALTERED)


def forget_files(file_urls: Iterable[str]) -> None:
    """Delete, once the rows are gone for good, the files that no document names any more."""
    for file_url in file_urls:
        django_transaction.on_commit(partial(_forget, file_url))


def _forget(file_url: str) -> None:
    """Delete a file that no document names any more: a copied version shares its files."""
    if not ProductDocument._base_manager.filter(file_url=file_url).exists():
        default_storage.delete(file_url)


def _new(version: ProductVersion, found: Inspected, file_name: str) -> ProductDocument:
    key = new_id()
    return ProductDocument(
        pk=key,
        product_version=version,
        company_id=version.company_id,
        # One folder by company; the person's own file name never reaches the storage.
        file_url=f"documents/{version.company.code}/{key}{found.extension}",
        file_hash=found.file_hash,
        file_name=clean_name(file_name, found.extension),
        content_type=found.content_type,
        size=found.size,
        pdfa=found.pdfa,
    )


def _keep(storage: Storage, name: str, content: IO[bytes]) -> None:
    content.seek(0)
    try:
        saved = storage.save(name, File(content))
    except OSError as error:  # the disk is full, or gone: what was written of the file goes too
        storage.delete(name)
        raise Unavailable(DocumentProblem.NOT_KEPT) from error
    if saved != name:  # the name holds a new identifier: another file there is not ours
        storage.delete(saved)
        raise FileExistsError(name)
