"""The legal log by API: pages by key, filters, CSV (§3.8, G.3)."""

from collections.abc import Mapping
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from winvest.core.api.renderers import JSONRenderer
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import IdField, InstantField, ListQuery, OneOfField, TextField
from winvest.core.api.views import ApiView
from winvest.core.choices import AuditAction
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden
from winvest.core.files import streamed_csv
from winvest.core.permissions import AccessProblem
from winvest.core.selectors import audit
from winvest.core.services.audit_export import FILE_NAME, export_audit

COLUMNS = (
    *("id", "at", "table", "record_id", "company_id", "actor_id", "actor_role"),
    *("request_id", "action", "before", "after"),
)


class CsvRenderer(BaseRenderer):
    """Lets `format=csv` choose the file; the view streams it itself."""

    media_type = "text/csv"
    format = "csv"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return an error as the JSON that it is."""
        return JSONRenderer().render(data)


class AuditQuery(ListQuery):
    """Filters of the log."""

    table = TextField(required=False, max_length=60, help_text="Table, comme en base.")
    action = OneOfField(choices=AuditAction.choices, required=False)
    company = IdField(required=False, help_text="Société.")
    actor = IdField(required=False, help_text="Auteur.")
    record = IdField(required=False, help_text="Enregistrement.")
    after = InstantField(required=False, help_text="À partir de cet instant, inclus.")
    before = InstantField(required=False, help_text="Jusqu'à cet instant, exclu.")
    format = OneOfField(choices=["json", "csv"], required=False)


_FILTERS = {
    "table": "table",
    "action": "action",
    "company": "company_id",
    "actor": "actor_id",
    "record": "record_id",
    "after": "at__gte",
    "before": "at__lt",
}


class AuditEntrySerializer(serializers.Serializer[Any]):
    """One change of one row."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    table = serializers.CharField()
    record_id = serializers.UUIDField()
    company_id = serializers.UUIDField(allow_null=True)
    actor_id = serializers.UUIDField(allow_null=True)
    actor_role = serializers.CharField()
    request_id = serializers.CharField()
    action = serializers.ChoiceField(choices=AuditAction.choices)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class AuditList(ApiView):
    """What happened in the caller's companies."""

    actions = {"GET": Action.AUDIT_VIEW}  # noqa: RUF012 - one table per view
    renderer_classes = [JSONRenderer, CsvRenderer]  # noqa: RUF012

    @extend_schema(
        operation_id="audit_list",
        summary="Journal d'audit",
        description=(
            "Les changements des lignes des sociétés de l'appelant, du plus récent au plus ancien ; "
            "ceux du groupe pour ses administrateurs. `format=csv` rend le fichier entier."
        ),
        tags=["Journal d'audit"],
        parameters=[AuditQuery],
        responses={
            (200, "application/json"): page_of(AuditEntrySerializer),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """Return a page, or stream the file; a company that is not the caller's is 404."""
        asked = self.parameters(AuditQuery)
        if "company" in asked:
            self.require_company(asked["company"], path="company")
        rows = audit.audit_entries(
            self.companies, group=self.access.allowed(Action.AUDIT_VIEW, None)
        )
        given = {name: asked[name] for name in _FILTERS if name in asked}
        rows = rows.filter(**{_FILTERS[name]: value for name, value in given.items()})
        if request.accepted_renderer.format == "csv":
            return self._file(rows, given)
        dated = not given.keys().isdisjoint({"after", "before"})
        return self.page(rows.values(*COLUMNS), audit.BY_DATE if dated else audit.ORDERING)

    def _file(self, rows: audit.Rows, given: Mapping[str, Any]) -> StreamingHttpResponse:
        """Stream the rows as CSV: right `audit.export` wherever they come from."""
        companies = self.access.companies(Action.AUDIT_EXPORT)
        if not companies >= self.companies:
            raise Forbidden(AccessProblem.FORBIDDEN)
        blocks = export_audit(
            actor=self.user,
            rows=rows,
            companies={given["company"]} if "company" in given else companies,
            filters={name: str(value) for name, value in given.items()},
        )
        return streamed_csv(blocks, FILE_NAME)
