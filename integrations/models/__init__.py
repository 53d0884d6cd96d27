"""Models of integrations."""

from integrations.models.webhook import WebhookEndpoint, WebhookEvent, WebhookReceipt

__all__ = ["WebhookEndpoint", "WebhookEvent", "WebhookReceipt"]
