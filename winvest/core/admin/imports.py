"""Imports in the back-office: followed, corrected, started, their report taken (§9)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST

from winvest.core.admin.base import ReadOnlyAdmin, refuse
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY, number
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.choices import ImportState, ImportTarget, JobState
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.models.imports import ImportRun
from winvest.core.permissions import access_of
from winvest.core.services.imports import action_of, cancel_import, open_report, start_import

STATES = {
    "waiting": "neutral",
    "running": "info",
    ImportState.REFUSED: "danger",
    ImportState.READY: "info",
    ImportState.IMPORTED: "success",
    "failed": "danger",
    "cancelled": "warning",
}


class ImportRunAdmin(ReadOnlyAdmin):
    """Files deposited to be imported; a run is never edited."""

    view_action = Action.CATALOG_EDIT
    list_display = (
        "name",
        "owner_label",
        "target",
        "status",
        "shown_rows",
        "created_at",
        "created_by",
    )
    list_filter = ("company", "target", "state")
    list_select_related = ("company", "check_job", "import_job", "created_by")
    search_codes = ("file_name",)
    change_form_outer_before_template = "admin/core/importrun/run.html"
    fieldsets = (
        (
            "Fichier",
            {
                "fields": (
                    ("company", "target"),
                    ("created_by", "created_at"),
                    ("imported_by", "imported_at"),
                    "shown_size",
                    "shown_digest",
                )
            },
        ),
    )

    @display(description="fichier")
    def name(self, obj: ImportRun) -> str:
        """Show the file."""
        return obj.file_name

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: ImportRun) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", label=STATES)
    def status(self, obj: ImportRun) -> tuple[str, str]:
        """Show how far it is, with its colour."""
        return _status(obj)

    @display(description="lignes")
    def shown_rows(self, obj: ImportRun) -> Any:
        """Show how many rows the file has."""
        return EMPTY if obj.rows is None else number(number_format(obj.rows, force_grouping=True))

    @display(description="taille")
    def shown_size(self, obj: ImportRun) -> str:
        """Show the size of the file."""
        return f"{number_format(obj.size, force_grouping=True)} octets"

    @display(description="SHA-256")
    def shown_digest(self, obj: ImportRun) -> Any:
        """Show the digest, which may break anywhere: it is wider than a telephone."""
        return format_html('<code class="digest">{}</code>', obj.sha256)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never here: the lists have the button."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: imports are journalised."""
        return False

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> Any:
        """Show the progress, the counts and the errors above the fields."""
        return super().render_change_form(
            request, context | _shown(request, options["obj"]), **options
        )

    def get_urls(self) -> list[URLPattern]:
        """Add what is done with a run."""
        view = self.admin_site.admin_view
        own = [
            ("progress", require_GET(self.progress_view)),
            ("report", require_GET(self.report_view)),
            ("start", require_POST(self.start_view)),
            ("cancel", require_POST(self.cancel_view)),
        ]
        stock: list[URLPattern] = super().get_urls()
        return [
            path(f"<uuid:pk>/{name}/", view(function), name=f"core_importrun_{name}")
            for name, function in own
        ] + stock

    def progress_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return the progress alone; the page asks every second until the job has ended."""
        run = self._run(request, pk)
        response = TemplateResponse(
            request, "admin/core/importrun/_progress.html", _shown(request, run)
        )
        if not run.is_running:
            # The counts and the errors stand around it: read the page again once.
            response.headers["HX-Refresh"] = "true"
        return response

    def report_view(self, request: HttpRequest, pk: Any) -> Any:
        """Hand over the report."""
        run = self._run(request, pk)
        try:
            download = open_report(actor=person(request), run=run)
        except DomainError as error:
            return refuse(request, error, _page(run))
        return FileResponse(
            download.content,
            as_attachment=True,
            filename=download.file_name,
            content_type=download.content_type,
        )

    def start_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Import a file that was found right."""
        run = self._run(request, pk)
        try:
            start_import(actor=person(request), run=run)
        except DomainError as error:
            return refuse(request, error, _page(run))
        return HttpResponseRedirect(_page(run))

    def cancel_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Cancel what has not ended."""
        run = self._run(request, pk)
        try:
            cancel_import(actor=person(request), run=run)
        except DomainError as error:
            return refuse(request, error, _page(run))
        messages.success(request, "Annulé : rien n'a été écrit.")
        return HttpResponseRedirect(_page(run))

    def _run(self, request: HttpRequest, pk: Any) -> ImportRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows: QuerySet[ImportRun] = self.get_queryset(request)
        rows = rows.select_related("check_job", "import_job", "company", "created_by")
        return get_object_or_404(rows, pk=pk)


def _page(run: ImportRun) -> str:
    return reverse("admin:core_importrun_change", args=[run.pk])


def _status(run: ImportRun) -> tuple[str, str]:
    """Return the state for its colour, and in words: the job's while it runs or when it failed."""
    job = run.job
    if job.state == JobState.QUEUED:
        return "waiting", "En attente"
    if job.state == JobState.RUNNING:
        return "running", "Import en cours" if run.import_job else "Vérification"
    if job.state == JobState.FAILED:
        return "failed", "Échec"
    if job.state == JobState.CANCELLED:
        return "cancelled", "Annulé"
    return run.state, run.get_state_display()


def _shown(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    action = action_of(run.target)
    return {
        "run": run,
        "job": run.job,
        "counts": _counts(run),
        "more_errors": max(0, run.error_count - len(run.problems)),
        "more_changes": max(0, run.change_count - len(run.changes)),
        "may_run": run.company_id in access_of(request.user).companies(action),
    }


def _counts(run: ImportRun) -> list[tuple[str, str]]:
    done = run.state == ImportState.IMPORTED
    if run.target == ImportTarget.PRICE_GRID:
        return _numbers(
            ("Lignes", run.rows),
            ("Prix préparés" if done else "Lignes qui changent", run.to_change),
            ("Versions préparées" if done else "Versions à préparer", run.to_create),
            ("Inchangées", run.unchanged),
            ("Refusées", run.refused),
        )
    return _numbers(
        ("Lignes", run.rows),
        ("Créées" if done else "À créer", run.to_create),
        ("Modifiées" if done else "À modifier", run.to_change),
        ("Inchangées", run.unchanged),
        ("Refusées", run.refused),
    )


def _numbers(*shown: tuple[str, int | None]) -> list[tuple[str, str]]:
    return [(label, number_format(count or 0, force_grouping=True)) for label, count in shown]
