"""Routes of the integrations."""

from django.urls import path

from integrations.api import quote

urlpatterns = [
    path("pricing/quote", quote.PricingQuote.as_view(), name="api-quote"),
]
