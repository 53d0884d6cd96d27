"""Django application: the catalogue."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Risks, products, versions, plans, prices, publications."""

    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Register the catalogue's part of a version, and the risk families of memberships."""
        from catalog import parts
        from catalog.part import PLANS
        from catalog.selectors.families import FAMILIES
        from winvest.core import permissions

        parts.register(PLANS)
        permissions.register_families(FAMILIES)
