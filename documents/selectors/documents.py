"""Reading the documents of a version (§2.1, R-10)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from catalog.domain.moments import Moment
from catalog.models import ProductVersion
from catalog.selectors.visibility import visible_versions
from documents.choices import DocumentState
from documents.models import DocumentType, ProductDocument
from winvest.core.domain.roles import Action
from winvest.core.permissions import Access

# The type of document that a quality rule may name.
CALL_SCRIPT = "SCRIPT"

FIELDS = (
    *("id", "product_version_id", "type", "title", "version", "replaces_id", "mandatory"),
    *("channels", "valid_until", "state", "published_at", "file_hash", "file_name"),
    *("content_type", "size", "pdfa", "created_at"),
)


def visible_documents(access: Access, *, at: datetime) -> QuerySet[ProductDocument, Any]:
    """Return the documents in scope that the person reads at `at`.

    Whoever sees drafts of the owner's catalogue sees all of them; others, the published documents
    of the versions that they see.
    """
    everything = access.companies(Action.CATALOG_VIEW_ALL)
    versions = visible_versions(access, at=at)
    in_force = Q(state=DocumentState.PUBLISHED, product_version__in=versions)
    documents: QuerySet[ProductDocument, Any] = ProductDocument.objects.filter(
        Q(company_id__in=everything) | in_force
    )
    return documents


def documents_then(rows: QuerySet[Any, Any], moment: Moment, *, day: date) -> QuerySet[Any, Any]:
    """Keep the documents published by then, entered by what is known, and still valid that day."""
    valid = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    rows = rows.filter(valid, published_at__lte=moment.as_of)
    return rows.filter(published_at__lte=moment.known_at) if moment.known_at else rows


def replaceable(
    rows: QuerySet[ProductDocument, Any],
    *,
    product_version: Any = None,
    type: Any = None,  # noqa: A002
) -> QuerySet[ProductDocument, Any]:
    """Keep what a new document of that version and type may replace, and nothing did yet (D-05)."""
    product = ProductVersion.objects.filter(pk=product_version).values("product")
    of_product = rows.filter(product_version__product__in=product, type=type)
    return of_product.filter(replaced_by__isnull=True)


def is_call_script(key: UUID, company_id: UUID) -> bool:
    """Whether the company has a call script of this key (A.2.2, `cq_rule.call_script_id`)."""
    scripts = ProductDocument.objects.filter(company_id=company_id, type=CALL_SCRIPT)
    return scripts.filter(pk=key).exists()


def document_types() -> list[tuple[str, str]]:
    """Return the code and label of each type of document, in their order."""
    return list(DocumentType.objects.order_by("position", "code").values_list("code", "label"))


def document_rows(documents: QuerySet[ProductDocument, Any]) -> QuerySet[Any, Any]:
    """Return the read model of the API, as `values()`."""
    rows: QuerySet[Any, Any] = documents.annotate(author_email=F("author__email"))
    return rows.values(*FIELDS, "author_email")
