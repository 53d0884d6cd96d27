"""Django application: integrations."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Quotes, partner connectors and webhooks."""

    name = "integrations"
    verbose_name = "Intégrations"

    def ready(self) -> None:
        """Have the partitions of the events created with those of the log (A.6)."""
        from integrations.models.webhook import MONTH_KEY, WebhookEvent
        from winvest.core.models.partitions import partition_by_month

        partition_by_month(WebhookEvent._meta.db_table, MONTH_KEY)
