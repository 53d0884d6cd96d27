"""Putting a document into force, and out of it (§3.5; readings D-04, D-05).

The version is held first: a publication rests on its documents (`catalog.services.holds`).
"""

from zoneinfo import ZoneInfo

from catalog.services.holds import hold_version
from documents.choices import DocumentState
from documents.domain import state as rules
from documents.models import ProductDocument
from documents.services.sales import keep_sales_documented
from documents.services.tellings import tell_archived, tell_published
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction


def publish_document(*, actor: User, document: ProductDocument) -> ProductDocument:
    """Publish a draft under the server's time: right `document.edit` in its risk family.

    The document that it replaces in the same version is archived in the same transaction.
    `Conflict` for anything but a draft still valid, and for a legal document that is no PDF/A
    (D-07); `ValidationError` when another document of
    its type is published on one of its channels (D-05).
    """
    permissions.require_on(actor, Action.DOCUMENT_EDIT, document)
    with transaction(actor, document.company_id):
        hold_version(document.product_version_id)
        row = lock_row(document)
        at = now()
        day = at.astimezone(ZoneInfo(row.company.timezone)).date()
        state = rules.DocumentState(row.state)
        rules.check_publishable(state, row.valid_until, on=day, lacks_pdfa=row.lacks_pdfa)
        with keep_sales_documented(row.product_version):
            before = row.replaces
            if before is not None and before.product_version_id == row.product_version_id:
                _archive(before)
            row.state, row.published_at = DocumentState.PUBLISHED, at
            row.full_clean()
            row.save()
        tell_published(actor=actor, document=row)
    return row


def archive_document(*, actor: User, document: ProductDocument) -> ProductDocument:
    """Take a published or expired document out of force; its file stays (B.4, G.3).

    `Conflict` when a publication that runs or is to come asks for it (B.1-03).
    """
    permissions.require_on(actor, Action.DOCUMENT_EDIT, document)
    with transaction(actor, document.company_id):
        hold_version(document.product_version_id)
        row = lock_row(document)
        rules.check_archivable(rules.DocumentState(row.state))
        with keep_sales_documented(row.product_version):
            _archive(row)
        tell_archived(actor=actor, document=row)
    return row


def _archive(row: ProductDocument) -> None:
    if row.state != DocumentState.ARCHIVED:
        row.state = DocumentState.ARCHIVED
        row.save()
