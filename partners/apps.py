"""Django application: partners."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Partners and their activation by company."""

    name = "partners"
    verbose_name = "Partenaires"

    def ready(self) -> None:
        """Declare what may be imported."""
        from partners.admin.resources import PartnerResource
        from winvest.core.services.imports import register_import

        register_import(PartnerResource)
