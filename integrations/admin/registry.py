"""Pages of integrations."""

from django.contrib import admin

from integrations.admin.webhook import WebhookEndpointAdmin, WebhookEventAdmin
from integrations.models import WebhookEndpoint, WebhookEvent

admin.site.register(WebhookEndpoint, WebhookEndpointAdmin)
admin.site.register(WebhookEvent, WebhookEventAdmin)
