"""Django application: documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Types of documents, what families require, documents of the versions and their files."""

    name = "documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        """Register the documents' part of a version, and what the catalogue asks of them."""
        from catalog import parts
        from catalog.models import billing, quality
        from catalog.services.lifecycle import register_ending
        from documents.part import DOCUMENTS
        from documents.selectors.documents import document_types, is_call_script
        from documents.services.publication import check_documents
        from documents.services.retirement import end_documents
        from winvest.core.selectors import wording

        parts.register(DOCUMENTS)
        wording.register_nothing("product_document", {"valid_until": "Sans limite"})
        wording.register_log_words(
            "product_document", "file_url", lambda row, _: str(row["file_name"])
        )
        parts.register_check("documents", check_documents)
        register_ending(end_documents)
        quality.register_scripts(is_call_script)
        billing.register_types(document_types)
