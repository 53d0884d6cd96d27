"""Django application: the catalogue."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Risks, products, versions, plans, prices, publications."""

    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Register the catalogue's parts of a version, and what other apps ask of it."""
        from catalog import parts
        from catalog.admin import resources
        from catalog.choices import Channel, RequiredField, RuleSet, ViewColumn
        from catalog.part import BILLING, LOGISTICS, OFFER, PLANS, QUALITY
        from catalog.selectors.facets import TOLD
        from catalog.selectors.families import FAMILIES
        from catalog.selectors.mappings import count_sold_by_api
        from catalog.selectors.wording import NOTHING, logged_price
        from catalog.services.price_import import run_price_import
        from catalog.services.publication_checks import CHECKS
        from partners.selectors.needs import register_need
        from winvest.core import permissions
        from winvest.core.choices import ImportTarget
        from winvest.core.domain.roles import Action
        from winvest.core.selectors import wording
        from winvest.core.services.imports import declare_import, register_import

        for part in (OFFER, PLANS, QUALITY, BILLING, LOGISTICS):
            parts.register(part)
        for key, check in CHECKS.items():
            parts.register_check(key, check)
        permissions.register_families(FAMILIES)
        wording.register_log_words("pricing_rule", "payload", logged_price)
        wording.register_filters("product", TOLD)
        for table, nothing in NOTHING.items():
            wording.register_nothing(table, nothing)
        wording.register_codes("channels", Channel)
        wording.register_codes("columns", ViewColumn)
        wording.register_codes("required_fields", RequiredField)
        wording.register_codes("rule_sets", RuleSet)
        for resource in (
            resources.RiskResource,
            resources.ProductResource,
            resources.ExternalMappingResource,
            resources.IndexValueResource,
        ):
            register_import(resource)
        register_need(count_sold_by_api)
        declare_import(ImportTarget.PRICE_GRID, action=Action.PRICING_EDIT, run=run_price_import)
