"""Django application: documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Types of documents, what families require, documents of the versions and their files."""

    name = "documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        """Register the documents' part of a version."""
        from catalog import parts
        from documents.part import DOCUMENTS

        parts.register(DOCUMENTS)
