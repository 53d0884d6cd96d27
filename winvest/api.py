"""Routes of the REST API (`design/api.md`)."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
