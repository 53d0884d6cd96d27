"""Django application: documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Product documents."""

    name = "documents"
    verbose_name = "Documents"
