"""Django application: integrations."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Quotes, partner connectors and webhooks."""

    name = "integrations"
    verbose_name = "Intégrations"
