"""Exports in the back-office: asked for, followed, downloaded (F.6, §3.6)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from accounting.choices import ExportKind
from accounting.models.export import ExportRun
from accounting.services.exports import cancel_export, open_export, request_export
from winvest.core.admin.base import BaseAdmin, refuse
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY, amount, number
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.choices import JobState
from winvest.core.clock import now
from winvest.core.domain.periods import add_months
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.permissions import access_of

STATES = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class ExportForm(CheckedModelForm):
    """What file is wanted, for which company and which month."""

    period = forms.RegexField(
        label="Mois",
        regex=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z",
        help_text="Année et mois, par exemple 2025-09.",
        error_messages={"invalid": "Un mois s'écrit AAAA-MM."},
        widget=UnfoldAdminTextInputWidget(attrs={"type": "month"}),
    )

    class Meta:
        model = ExportRun
        fields = ("company", "period", "kind", "profile", "format")

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the rest of the row to the service, which fills it."""
        shown = set(self.fields)
        return {field.name for field in ExportRun._meta.fields if field.name not in shown}


class ExportRunAdmin(BaseAdmin):
    """Files made for the accountants; a run is never edited."""

    form = ExportForm
    view_action = Action.ACCOUNTING_VIEW
    edit_action = Action.EXPORT_RUN
    list_display = (
        "name",
        "owner_label",
        "period",
        "content",
        "status",
        "shown_rows",
        "created_at",
        "created_by",
    )
    list_filter = ("company", "kind", "profile", "format")
    list_select_related = ("company", "job", "created_by")
    search_codes = ("file_name", "period")
    warn_unsaved_form = False
    change_form_outer_before_template = "admin/accounting/exportrun/run.html"
    fieldsets = (
        (
            "Fichier demandé",
            {"fields": ("company", "period", ("kind", "profile"), "format")},
        ),
    )
    run_fieldsets = (
        (
            "Fichier demandé",
            {"fields": (("company", "period"), ("kind", "profile"), ("format", "revision"))},
        ),
        (
            "Journal",
            {
                "fields": (
                    ("created_by", "created_at"),
                    ("file_name", "finished_at"),
                    "sha256",
                    ("shown_debit", "shown_credit"),
                )
            },
        ),
    )

    @display(description="fichier", header=True)
    def name(self, obj: ExportRun) -> tuple[str, str]:
        """Show the file, or what will name it, and its revision."""
        title = obj.file_name or f"{obj.company.code} {obj.period}"
        return title, f"Révision {obj.revision}"

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: ExportRun) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="contenu")
    def content(self, obj: ExportRun) -> str:
        """Show what the file holds and in which form."""
        if obj.kind == ExportKind.VAT:
            return f"TVA, {obj.get_format_display()}"
        return f"{obj.get_profile_display()}, {obj.get_format_display()}"

    @display(description="état", ordering="job__state", label=STATES)
    def status(self, obj: ExportRun) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.job.state, obj.job.get_state_display()

    @display(description="lignes", ordering="rows")
    def shown_rows(self, obj: ExportRun) -> Any:
        """Show how many rows the file has, under its headings."""
        return EMPTY if obj.rows is None else number(obj.rows)

    @display(description="total débit")
    def shown_debit(self, obj: ExportRun) -> Any:
        """Show the sum of the Debit column."""
        return amount(obj.total_debit, obj.company.currency)

    @display(description="total crédit")
    def shown_credit(self, obj: ExportRun) -> Any:
        """Show the sum of the Credit column."""
        return amount(obj.total_credit, obj.company.currency)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask what is wanted, then show what was made."""
        return self.run_fieldsets if obj else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Fix a run once it is asked for."""
        if obj is None:
            return super().get_readonly_fields(request, obj)
        return [name for _, options in self.run_fieldsets for name in _flat(options["fields"])]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the month that has just ended."""
        initial = super().get_changeform_initial_data(request)
        ended = add_months(timezone.localdate(now()), -1)
        return {"period": f"{ended:%Y-%m}", **initial}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: another file is another run."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: runs are journalised."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Ask the service for the export, and show the run that it made."""
        wanted = form.cleaned_data
        run = request_export(
            actor=person(request),
            company_id=wanted["company"].pk,
            kind=wanted["kind"],
            period=wanted["period"],
            profile=wanted["profile"],
            format=wanted["format"],
        )
        obj.pk = run.pk

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go to the page of the run, which shows its progress."""
        return HttpResponseRedirect(_page(obj))

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> Any:
        """Say whether the user may cancel the run or take its file."""
        run = options.get("obj")
        if run is not None:
            context |= _progress(request, run)
        else:
            context |= {"save_label": "Lancer l'export", "show_save_and_add_another": False}
            context["show_save_and_continue"] = False
        return super().render_change_form(request, context, **options)

    def get_urls(self) -> list[URLPattern]:
        """Add the progress of a run, its file and its cancellation."""
        view = self.admin_site.admin_view
        own = [
            ("progress", require_GET(self.progress_view)),
            ("download", require_GET(self.download_view)),
            ("cancel", require_POST(self.cancel_view)),
        ]
        stock: list[URLPattern] = super().get_urls()
        return [
            path(f"<uuid:pk>/{name}/", view(function), name=f"accounting_exportrun_{name}")
            for name, function in own
        ] + stock

    def progress_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return the progress alone; the page asks every second until the run has ended."""
        run = self._run(request, pk)
        response = TemplateResponse(
            request, "admin/accounting/exportrun/_progress.html", _progress(request, run)
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
            return refuse(request, error, _page(run))
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
            return refuse(request, error, _page(run))
        messages.success(request, "Export annulé.")
        return HttpResponseRedirect(_page(run))

    def _run(self, request: HttpRequest, pk: Any) -> ExportRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("job", "company", "created_by")
        run: ExportRun = get_object_or_404(rows, pk=pk)
        return run


def _page(run: ExportRun) -> str:
    return reverse("admin:accounting_exportrun_change", args=[run.pk])


def _progress(request: HttpRequest, run: ExportRun) -> dict[str, Any]:
    return {
        "run": run,
        "ended": run.job.state in ENDED,
        "may_run": access_of(request.user).allowed(Action.EXPORT_RUN, run.company_id),
    }


def _flat(names: Any) -> list[str]:
    return [part for name in names for part in (name if isinstance(name, tuple) else (name,))]
