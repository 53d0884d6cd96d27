"""Models of documents."""

from documents.models.document import ProductDocument
from documents.models.reference import DocumentRequirement, DocumentType

__all__ = ["DocumentRequirement", "DocumentType", "ProductDocument"]
