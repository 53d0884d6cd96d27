"""Django application: the catalogue."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Risks, products, versions, plans, prices, publications."""

    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Register the catalogue's part of a version."""
        from catalog import parts
        from catalog.part import PLANS

        parts.register(PLANS)
