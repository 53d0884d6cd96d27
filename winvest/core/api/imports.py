"""Imports by API: bring a file, read what it would change, import it, take the report (§9, 5-05)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from winvest.core.api.files import FileView
from winvest.core.api.parsers import FormParser
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import IdField, ListQuery, OneOfField, StrictSerializer
from winvest.core.api.views import ApiView
from winvest.core.choices import ImportState, ImportTarget, JobState
from winvest.core.domain.roles import Action
from winvest.core.files import attachment
from winvest.core.models.base import ScopedModel
from winvest.core.models.imports import ImportRun
from winvest.core.selectors.imports import list_imports, read_import
from winvest.core.services import imports

TAGS = ["Imports"]


class ImportBody(StrictSerializer):
    """A form that brings a file."""

    target = OneOfField(choices=ImportTarget.choices, help_text="Ce que le fichier contient.")
    company_id = IdField(help_text="Société dont les fiches se créent et se modifient.")
    file = serializers.FileField(
        allow_empty_file=True, help_text="CSV en UTF-8 ou classeur Excel ; 25 Mo au plus."
    )


class ImportQuery(ListQuery):
    """Filters of the imports."""

    company = IdField(required=False, help_text="Société.")
    target = OneOfField(choices=ImportTarget.choices, required=False)
    state = OneOfField(choices=ImportState.choices, required=False)


class ImportSerializer(serializers.Serializer[object]):
    """An import; its counts are null until the file was checked.

    `job_state` tells whether the check, or the import, waits, runs, or failed.
    """

    id = serializers.UUIDField()
    target = serializers.ChoiceField(choices=ImportTarget.choices)
    company_id = serializers.UUIDField()
    company_code = serializers.CharField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    job_state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.IntegerField(min_value=0, max_value=100)
    file_name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    to_create = serializers.IntegerField(
        allow_null=True, help_text="Fiches ; d'une grille de prix, versions préparées."
    )
    to_change = serializers.IntegerField(allow_null=True)
    unchanged = serializers.IntegerField(allow_null=True)
    refused = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.EmailField()
    imported_at = serializers.DateTimeField(allow_null=True)
    imported_by = serializers.EmailField(allow_null=True)
    error = serializers.CharField(allow_null=True)


class ProblemSerializer(serializers.Serializer[object]):
    """What is wrong with a line."""

    line = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ChangeSerializer(serializers.Serializer[object]):
    """An old and a new price, in words."""

    line = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    column = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    gap = serializers.CharField()
    percent = serializers.CharField()
    version = serializers.CharField()
    warning = serializers.CharField(
        default="", help_text="Paliers où acheter plus coûterait moins en tout."
    )


class ImportDetailSerializer(ImportSerializer):
    """An import with its first errors and, of a price grid, its first changes; the report has all."""

    problems = ProblemSerializer(many=True)
    error_count = serializers.IntegerField()
    changes = ChangeSerializer(many=True)
    change_count = serializers.IntegerField()


class ImportView(ApiView):
    """What the views of imports share: the right to edit the catalogue opens, as on the pages.

    Each target then asks for its own right.
    """

    actions: ClassVar[dict[str, Action]] = {"GET": Action.CATALOG_EDIT}
    path_model: ClassVar[type[ScopedModel] | None] = ImportRun

    def run(self, pk: UUID) -> Any:
        """Return the import with its jobs: 404 outside the scope."""
        rows = ImportRun.objects.select_related("check_job", "import_job", "company")
        return self.find(rows, pk)

    def answer(self, pk: UUID, status: int = HTTPStatus.OK) -> Response:
        """Return the import as it is now."""
        return Response(_shown(read_import(pk) or {}), status=status)

    def step(self, pk: UUID, take: Callable[..., None], status: int) -> Response:
        """Check the empty body, take the step, and return the import."""
        run = self.run(pk)
        self.validated(StrictSerializer)
        take(actor=self.user, run=run)
        return self.answer(pk, status)


class ImportList(ImportView):
    """Imports of the caller's companies."""

    actions: ClassVar[dict[str, Action]] = {"GET": Action.CATALOG_EDIT, "POST": Action.CATALOG_EDIT}
    path_model = None
    company_field = "company_id"
    parser_classes = (FormParser,)

    @extend_schema(
        operation_id="imports_list",
        summary="Imports",
        description="Les fichiers déposés, le plus récent d'abord.",
        tags=TAGS,
        parameters=[ImportQuery],
        responses=page_of(ImportSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(ImportQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        for name in ("cursor", "page_size"):
            filters.pop(name, None)
        answer = self.page(list_imports(**filters), ("-created_at", "-id"))
        answer.data["results"] = [_shown(row) for row in answer.data["results"]]
        return answer

    @extend_schema(
        operation_id="imports_create",
        summary="Déposer un fichier",
        description=(
            "Le fichier est vérifié en arrière-plan, sans rien écrire : `GET imports/{id}` dit ce "
            "qu'il changerait (d'une grille de prix, ancien et nouveau prix) et chaque erreur par "
            "ligne et colonne ; `start` l'importe quand rien n'est refusé, tout ou rien."
        ),
        tags=TAGS,
        request={"multipart/form-data": ImportBody},
        responses={202: ImportDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Return 202 and the import, whose file a worker checks."""
        body = self.validated(ImportBody)
        file = body.pop("file")
        run = imports.request_import(actor=self.user, upload=file, **body)
        return self.answer(run.pk, HTTPStatus.ACCEPTED)


class ImportDetail(ImportView):
    """One import."""

    @extend_schema(
        operation_id="imports_read",
        summary="Suivre un import",
        description="État, nombres, premières erreurs et premiers changements.",
        tags=TAGS,
        responses=ImportDetailSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the import."""
        self.run(id)
        return self.answer(id)


class ImportStart(ImportView):
    """The import of a file that was found right."""

    actions: ClassVar[dict[str, Action]] = {"POST": Action.CATALOG_EDIT}

    @extend_schema(
        operation_id="imports_start",
        summary="Importer un fichier vérifié",
        description="Tout ou rien ; 409 tant que la vérification n'a pas dit « prêt ».",
        tags=TAGS,
        request=None,
        responses={202: ImportDetailSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Return 202 and the import, which a worker writes."""
        return self.step(id, imports.start_import, HTTPStatus.ACCEPTED)


class ImportCancel(ImportView):
    """The end of a check or an import before its time."""

    actions: ClassVar[dict[str, Action]] = {"POST": Action.CATALOG_EDIT}

    @extend_schema(
        operation_id="imports_cancel",
        summary="Annuler un import",
        description="Arrête ce qui attend ou court, sans rien écrire ; 409 s'il est terminé.",
        tags=TAGS,
        request=None,
        responses=ImportDetailSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Return the cancelled import."""
        return self.step(id, imports.cancel_import, HTTPStatus.OK)


class ImportReport(ImportView, FileView):
    """The report of an import."""

    @extend_schema(
        operation_id="imports_report",
        summary="Télécharger le rapport d'un import",
        description="Le sort de chaque ligne, en CSV ; 409 tant que rien n'est vérifié.",
        tags=TAGS,
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: UUID) -> FileResponse:  # noqa: A002
        """Return the report as an attachment."""
        return attachment(imports.open_report(actor=self.user, run=self.run(id)))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the contract writes it."""
    shown = {name: value for name, value in row.items() if not name.endswith("_email")}
    people = {name: row[f"{name}_email"] for name in ("created_by", "imported_by")}
    return {**shown, **people, "error": row["error"] or None}
