"""Routes of the REST API (`design/api.md`)."""

from django.urls import URLPattern, URLResolver, re_path

from winvest.core.api import errors

urlpatterns: list[URLPattern | URLResolver] = [
    # The last one: whatever is no route above.
    re_path(r"^(?P<path>.*)$", errors.unknown_route, name="api-unknown"),
]
