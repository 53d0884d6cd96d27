"""Routes of the REST API (`design/api.md`)."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from winvest.core.api import audit, docs, errors, json_schemas

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because it holds the route that is asked thousands of times a minute.
    path("catalog/", include("integrations.api.urls")),
    path("catalog/", include("accounting.api.urls")),
    path("catalog/", include("catalog.api.urls")),
    path("catalog/", include("commissions.api.urls")),
    path("catalog/", include("documents.api.urls")),
    path("catalog/", include("partners.api.urls")),
    path("catalog/", include("winvest.core.api.urls")),
    path("catalog/audit", audit.AuditList.as_view(), name="api-audit"),
    path("docs/", docs.DocsView.as_view(), name="api-docs"),
    path("schema/json/", json_schemas.JsonSchemaView.as_view(), name="api-json-schemas"),
    path("schema/json/<path:name>", json_schemas.JsonSchemaView.as_view(), name="api-json-schema"),
    path("schema/", docs.SchemaView.as_view(), name="api-schema"),
    # The last one: whatever is no route above.
    re_path(r"^(?P<path>.*)$", errors.unknown_route, name="api-unknown"),
]
