"""Exports by API: ask for a file, follow it, take it, cancel it (Annexe F; 5-05)."""

from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.models import ExportRun
from accounting.selectors.exports import RUN, VIEW, exports_open_to, list_exports
from accounting.services import exports
from catalog.choices import Channel
from winvest.core.api.files import FileView
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    IdField,
    ListQuery,
    OneOfField,
    StrictSerializer,
    TextField,
)
from winvest.core.api.views import ApiView
from winvest.core.choices import JobState
from winvest.core.domain.money import CENT
from winvest.core.domain.roles import Action
from winvest.core.files import attachment

_MONTH_HELP = "Mois, AAAA-MM ; pour une grille de prix, aussi un jour, AAAA-MM-JJ."


class ExportBody(StrictSerializer):
    """What is asked for."""

    kind = OneOfField(choices=ExportKind.choices, help_text="Contenu du fichier.")
    company_id = IdField(help_text="Société.")
    period = TextField(max_length=10, help_text=_MONTH_HELP)
    profile = OneOfField(
        choices=ExportProfile.choices,
        default=ExportProfile.STANDARD,
        help_text="Colonnes du fichier d'écritures ; sans effet sur le fichier de TVA.",
    )
    format = OneOfField(choices=ExportFormat.choices, default=ExportFormat.CSV)
    channel = OneOfField(
        choices=Channel.choices,
        required=False,
        help_text="D'une grille de prix : ce qui est publié sur ce canal ; absent, sur tous.",
    )


class CancelBody(StrictSerializer):
    """Nothing is said when cancelling."""


class ExportQuery(ListQuery):
    """Filters of the exports."""

    company = IdField(required=False, help_text="Société.")
    period = TextField(required=False, max_length=10, help_text=_MONTH_HELP)
    kind = OneOfField(choices=ExportKind.choices, required=False)
    state = OneOfField(choices=JobState.choices, required=False)


class ExportSerializer(serializers.Serializer[object]):
    """An export: `file_name` and `sha256` are null while there is no whole file.

    `channel` and `at`, the instant of the prices, are those of a price grid.
    """

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ExportKind.choices)
    company_id = serializers.UUIDField()
    company_code = serializers.CharField()
    period = serializers.CharField()
    profile = serializers.ChoiceField(choices=ExportProfile.choices)
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.IntegerField(min_value=0, max_value=100)
    rows = serializers.IntegerField(allow_null=True)
    file_name = serializers.CharField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    total_debit = serializers.CharField(allow_null=True)
    total_credit = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.EmailField()
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the contract writes it: null for what is not there yet, cents."""
    shown = {name: value for name, value in row.items() if name not in ("author", "priced_at")}
    names = ("file_name", "sha256", "error", "channel")
    empty = {name: row[name] or None for name in names}
    totals = {name: _cents(row[name]) for name in ("total_debit", "total_credit")}
    return {**shown, **empty, **totals, "at": row["priced_at"], "created_by": row["author"]}


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(CENT)


class ExportView(ApiView):
    """What the views of exports share: each kind of export has its own rights (`VIEW`, `RUN`)."""

    rights: ClassVar[Mapping[str, Action]]

    def opening_actions(self, action: Action) -> frozenset[Action]:
        """Open to whoever may do it with some kind of export."""
        return frozenset(self.rights.values())

    def runs(self) -> Any:
        """Return the runs that the caller may do it with."""
        return exports_open_to(self.access, self.rights)


class ExportList(ExportView):
    """Exports of the caller's companies."""

    actions = {"GET": Action.ACCOUNTING_VIEW, "POST": Action.EXPORT_RUN}  # noqa: RUF012
    company_field = "company_id"
    rights = VIEW

    def opening_actions(self, action: Action) -> frozenset[Action]:
        """Ask a body for the right of the kind that it names, if it names one."""
        if action is not Action.EXPORT_RUN:
            return super().opening_actions(action)
        given = self.request.data.get("kind") if isinstance(self.request.data, dict) else None
        named = RUN.get(given) if isinstance(given, str) else None
        return frozenset(RUN.values()) if named is None else frozenset({named})

    @extend_schema(
        operation_id="exports_list",
        summary="Exports",
        description="Les exports, le plus récent d'abord.",
        tags=["Exports"],
        parameters=[ExportQuery],
        responses=page_of(ExportSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page; a company that is not the caller's is 404."""
        filters = self.parameters(ExportQuery)
        if "company" in filters:
            self.require_company(filters["company"], path="company")
        for name in ("cursor", "page_size"):
            filters.pop(name, None)
        response = self.page(list_exports(self.runs(), **filters), ("-created_at", "-id"))
        response.data["results"] = [_shown(row) for row in response.data["results"]]
        return response

    @extend_schema(
        operation_id="exports_create",
        summary="Demander un export",
        description=(
            "Un fichier d'une société et d'un mois, écrit en arrière-plan. Redemander le même "
            "fichier donne la révision suivante. Une grille de prix (`price_grid`) dit les prix "
            "de ce qui est publié au début d'un jour ou d'un mois, à l'heure de la société, ou à "
            "l'instant même pour le jour qui court ; `at` le redit."
        ),
        tags=["Exports"],
        request=ExportBody,
        responses={202: ExportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Return 202 and the export, which a worker writes."""
        body = self.validated(ExportBody)
        export = exports.request_export(actor=self.user, **body)
        row = list_exports(ExportRun.objects.all()).get(pk=export.pk)
        return Response(_shown(row), status=HTTPStatus.ACCEPTED)


class ExportDetail(ExportView):
    """One export."""

    actions = {"GET": Action.ACCOUNTING_VIEW}  # noqa: RUF012
    rights = VIEW
    path_model = ExportRun

    @extend_schema(
        operation_id="exports_read",
        summary="Suivre un export",
        description="État, avancement, et le fichier quand il est entier.",
        tags=["Exports"],
        responses=ExportSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the export."""
        self.find(self.runs(), id)
        return Response(_shown(list_exports(self.runs()).get(pk=id)))


class ExportDownload(ExportView, FileView):
    """The file of an export."""

    actions = {"GET": Action.EXPORT_RUN}  # noqa: RUF012
    rights = RUN
    path_model = ExportRun

    @extend_schema(
        operation_id="exports_download",
        summary="Télécharger un export",
        description="Le fichier ; chaque téléchargement est journalisé. 409 tant qu'il n'y en a "
        "pas. `Repr-Digest` porte son empreinte SHA-256.",
        tags=["Exports"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: UUID) -> FileResponse:  # noqa: A002 - name of the route
        """Return the file as an attachment."""
        export = self.find(self.runs().select_related("job"), id)
        return attachment(exports.open_export(actor=self.user, export=export))


class ExportCancel(ExportView):
    """The end of an export before its time."""

    actions = {"POST": Action.EXPORT_RUN}  # noqa: RUF012
    rights = RUN
    path_model = ExportRun

    @extend_schema(
        operation_id="exports_cancel",
        summary="Annuler un export",
        description="Arrête un export en attente ou en cours ; 409 s'il est terminé.",
        tags=["Exports"],
        request=None,
        responses=ExportSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the cancelled export."""
        export = self.find(self.runs().select_related("job"), id)
        self.validated(CancelBody)
        exports.cancel_export(actor=self.user, export=export)
        return Response(_shown(list_exports(self.runs()).get(pk=id)))
