"""Django application: the catalogue."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Risks, products, versions, plans, prices, publications."""

    name = "catalog"
    verbose_name = "Catalogue"
