"""What the pages of the exports share: a run is asked for, followed, downloaded, never edited."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounting.models.export import ExportRun
from accounting.selectors.exports import RUN
from accounting.services.exports import cancel_export, open_export, request_export
from winvest.core.admin.base import BaseAdmin, refuse
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY, number
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.choices import JobState
from winvest.core.errors import DomainError
from winvest.core.permissions import access_of

STATES = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}
OWN_PAGES = ("progress", "download", "cancel")
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class RunForm(CheckedModelForm):
    """What is wanted; the rest of the row is the service's."""

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the rest of the row to the service, which fills it."""
        shown = set(self.fields)
        return {field.name for field in ExportRun._meta.fields if field.name not in shown}


class ExportPages(BaseAdmin):
    """Runs of some kinds; `run_fieldsets` shows a run, `fieldsets` asks for one."""

    kinds: ClassVar[tuple[str, ...]]
    run_fieldsets: ClassVar[Any]
    list_select_related = ("company", "job", "created_by")
    search_codes = ("file_name", "period")
    warn_unsaved_form = False
    change_form_outer_before_template = "admin/accounting/exportrun/run.html"

    def wanted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the form asks the service for, besides the company."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the runs of the page's kinds."""
        return super().get_queryset(request).filter(kind__in=self.kinds)

    @display(description="fichier", header=True)
    def name(self, obj: ExportRun) -> tuple[str, str]:
        """Show the file, or what will name it, and its revision."""
        title = obj.file_name or f"{obj.company.code} {obj.period}"
        return title, f"Révision {obj.revision}"

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: ExportRun) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", ordering="job__state", label=STATES)
    def status(self, obj: ExportRun) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.job.state, obj.job.get_state_display()

    @display(description="lignes", ordering="rows")
    def shown_rows(self, obj: ExportRun) -> Any:
        """Show how many rows the file has, under its headings."""
        return EMPTY if obj.rows is None else number(obj.rows)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask what is wanted, then show what was made."""
        return self.run_fieldsets if obj else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Fix a run once it is asked for."""
        if obj is None:
            return super().get_readonly_fields(request, obj)
        return [name for _, options in self.run_fieldsets for name in _flat(options["fields"])]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: another file is another run."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: runs are journalised."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Ask the service for the export, and show the run that it made."""
        given = form.cleaned_data
        run = request_export(
            actor=person(request), company_id=given["company"].pk, **self.wanted(given)
        )
        obj.pk = run.pk

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go to the page of the run, which shows its progress."""
        return HttpResponseRedirect(self.page_of(obj))

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> Any:
        """Say whether the user may cancel the run or take its file."""
        run = options.get("obj")
        if run is not None:
            context |= self.progress_of(request, run)
        else:
            context |= {"save_label": "Lancer l'export", "show_save_and_add_another": False}
            context["show_save_and_continue"] = False
        return super().render_change_form(request, context, **options)

    def get_urls(self) -> list[URLPattern]:
        """Add the progress of a run, its file and its cancellation."""
        view = self.admin_site.admin_view
        views = (
            require_GET(self.progress_view),
            require_GET(self.download_view),
            require_POST(self.cancel_view),
        )
        stock: list[URLPattern] = super().get_urls()
        return [
            path(
                f"<uuid:pk>/{name}/",
                view(function),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for name, function in zip(OWN_PAGES, views, strict=True)
        ] + stock

    def progress_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return the progress alone; the page asks every second until the run has ended."""
        run = self._run(request, pk)
        response = TemplateResponse(
            request, "admin/accounting/exportrun/_progress.html", self.progress_of(request, run)
        )
        if run.job.state in ENDED:
            # The rest of the page shows the file's name, hash and totals: read it again once.
            response.headers["HX-Refresh"] = "true"
        return response

    def download_view(self, request: HttpRequest, pk: Any) -> Any:
        """Hand over the file."""
        run = self._run(request, pk)
        try:
            download = open_export(actor=person(request), export=run)
        except DomainError as error:
            return refuse(request, error, self.page_of(run))
        return FileResponse(
            download.content,
            as_attachment=True,
            filename=download.file_name,
            content_type=download.content_type,
        )

    def cancel_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Cancel a run that has not ended."""
        run = self._run(request, pk)
        try:
            cancel_export(actor=person(request), export=run)
        except DomainError as error:
            return refuse(request, error, self.page_of(run))
        messages.success(request, "Export annulé.")
        return HttpResponseRedirect(self.page_of(run))

    def page_of(self, run: Any) -> str:
        """Return the address of a run."""
        return self.address_of(run, "change")

    def address_of(self, run: Any, name: str) -> str:
        """Return the address of what is done with a run."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[run.pk])

    def progress_of(self, request: HttpRequest, run: ExportRun) -> dict[str, Any]:
        """Return what the progress shows, and what the user may do."""
        return {
            "run": run,
            "ended": run.job.state in ENDED,
            "may_run": access_of(request.user).allowed(RUN[run.kind], run.company_id),
            **{f"{name}_url": self.address_of(run, name) for name in OWN_PAGES},
        }

    def _run(self, request: HttpRequest, pk: Any) -> ExportRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("job", "company", "created_by")
        run: ExportRun = get_object_or_404(rows, pk=pk)
        return run


def _flat(names: Any) -> list[str]:
    return [part for name in names for part in (name if isinstance(name, tuple) else (name,))]
