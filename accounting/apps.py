"""Django application: accounting."""

from django.apps import AppConfig


class AccountingConfig(AppConfig):
    """Mappings, operations, entries and exports."""

    name = "accounting"
    verbose_name = "Comptabilité"
