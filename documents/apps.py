"""Django application: documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Types of documents, what families require, documents of the versions and their files."""

    name = "documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        """Register the documents' part of a version, and the call scripts of the quality rules."""
        from catalog import parts
        from catalog.models import quality
        from documents.part import DOCUMENTS
        from documents.selectors.documents import is_call_script

        parts.register(DOCUMENTS)
        quality.register_scripts(is_call_script)
