"""Where the OpenAPI document is read: the document itself, and a page to try it."""

from functools import cache
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of every route, generated once per process."""
    generated: dict[str, Any] = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
        request=None, public=True
    )
    return generated


class SchemaView(APIView):
    """The document, for whoever has an account: YAML, or JSON with `?format=json`."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - as in the framework
    renderer_classes = [OpenApiYamlRenderer, OpenApiJsonRenderer]  # noqa: RUF012
    schema = None

    def get(self, request: Request) -> Response:
        """Return the document."""
        return Response(document())


class DocsView(LoginRequiredMixin, TemplateView):
    """Swagger UI, from our own files, under the strict Content-Security-Policy."""

    template_name = "api/docs.html"
