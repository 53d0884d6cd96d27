"""Pages of integrations."""

from django.contrib import admin

from catalog.admin.sheet_tabs import register_section
from integrations.admin.sheet import is_open, tried
from integrations.admin.webhook import WebhookEndpointAdmin, WebhookEventAdmin
from integrations.models import WebhookEndpoint, WebhookEvent

admin.site.register(WebhookEndpoint, WebhookEndpointAdmin)
admin.site.register(WebhookEvent, WebhookEventAdmin)
register_section("tarification", tried, opens=is_open)
