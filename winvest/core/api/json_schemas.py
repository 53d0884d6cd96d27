"""The JSON Schemas of what the API and the files take (Annexe A.3), as the models check them."""

from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from winvest.core import json
from winvest.core.api.problems import ApiProblem
from winvest.core.api.renderers import exact
from winvest.core.errors import NotFound

FOLDER = "schemas"


@cache
def schema_files() -> dict[str, Path]:
    """Return the schema files of the project's applications by name (`pricing/fixed`)."""
    found: dict[str, Path] = {}
    for app in sorted(apps.get_app_configs(), key=lambda config: config.label):
        folder = Path(app.path) / FOLDER
        if Path(settings.BASE_DIR) in folder.parents and folder.is_dir():
            for path in sorted(folder.rglob("*.json")):
                name = path.relative_to(folder).with_suffix("").as_posix()
                if name in found:
                    raise RuntimeError(f"Two schemas are called {name!r}.")
                found[name] = path
    return dict(sorted(found.items()))


@cache
def schema_of(name: str) -> Any:
    """Return the schema of this name with exact numbers; `NotFound` when there is none."""
    path = schema_files().get(name)
    if path is None:
        raise NotFound(ApiProblem.NOT_FOUND)
    return exact(json.loads(path.read_bytes()))


class JsonSchemaView(APIView):
    """Schemas for whoever has an account: the list, or one of them."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - as in the framework
    schema = None

    def get(self, request: Request, name: str = "") -> Response:
        """Return the schema, or without a name the address and the title of each."""
        if name:
            return Response(schema_of(name), content_type="application/schema+json")
        return Response({"schemas": [_entry(request, one) for one in schema_files()]})


def _entry(request: Request, name: str) -> dict[str, str]:
    address = reverse("api-json-schema", args=[name])
    title = json.loads(schema_files()[name].read_bytes()).get("title", name)
    return {"name": name, "title": title, "url": request.build_absolute_uri(address)}
