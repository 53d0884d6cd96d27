"""Import and export of a list by CSV and XLSX: django-import-export's pages (§9, 3.7-08).

The library shows the pages; a worker checks and writes (`winvest.core.services.imports`).
"""

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from import_export.admin import ImportExportMixin, ImportMixin
from import_export.formats.base_formats import Format
from unfold.contrib.import_export.forms import ExportForm
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from winvest.core.admin.base import refuse
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.choices import ImportTarget
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden, Invalid, NotFound
from winvest.core.models.company import Company
from winvest.core.permissions import access_of
from winvest.core.resources import RowResource
from winvest.core.selectors.logged_filters import filters_of
from winvest.core.services.imports import request_import
from winvest.core.services.row_exports import journalise_list, write_rows

MAX_NAME = 200


class ImportForm(forms.Form):
    """Which file, for which company."""

    company = forms.ModelChoiceField(
        label="Société",
        queryset=Company.objects.none(),
        empty_label="Choisir une valeur",
        widget=UnfoldAdminSelectWidget(),
        help_text="L'import ne crée et ne modifie que les fiches de cette société.",
    )
    import_file = forms.FileField(
        label="Fichier CSV ou XLSX",
        max_length=MAX_NAME,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text="CSV en UTF-8, séparé par « ; » ou « , », ou classeur Excel de 50 Mo au plus.",
        error_messages={"empty": "Le fichier est vide."},
    )

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        """Offer the companies where the user may write."""
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        if len(companies) == 1:
            self.fields["company"].initial = companies[0]


class ImportPage(ImportMixin):  # type: ignore[misc]
    """A list that takes files: `import_right` opens the page that asks for one."""

    import_target: ClassVar[ImportTarget]
    import_right: ClassVar[Action]
    # What people should know before they bring a file.
    import_note: ClassVar[str] = ""
    import_template_name = "admin/import_export/import.html"

    def file_columns(self) -> list[tuple[str, bool, str]]:
        """Return the headings that are read, whether each is compulsory, and what it holds."""
        raise NotImplementedError

    def import_name(self) -> str:
        """Say what is imported."""
        return str(self.opts.verbose_name_plural)

    def get_urls(self) -> list[URLPattern]:
        """Leave out the library's own writing: the worker's is behind the page of the run."""
        return [
            url for url in super().get_urls() if not (url.name or "").endswith("_process_import")
        ]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether the user may write what the file holds in a company in scope."""
        return bool(companies_allowing(request, self.import_right))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the file, then show the run that checks it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        companies = Company.objects.filter(
            pk__in=companies_allowing(request, self.import_right)
        ).order_by("code")
        form = ImportForm(request.POST or None, request.FILES or None, companies=companies)
        if request.method == "POST" and form.is_valid():
            try:
                run = request_import(
                    actor=person(request),
                    company_id=form.cleaned_data["company"].pk,
                    target=self.import_target,
                    upload=form.cleaned_data["import_file"],
                )
            except Invalid as error:
                form.add_error("import_file", str(error))
            except (Forbidden, NotFound) as error:
                return refuse(request, error, request.path)
            else:
                return HttpResponseRedirect(reverse("admin:core_importrun_change", args=[run.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Importer : {self.import_name()}",
            "form": form,
            "opts": self.opts,
            "media": self.media + form.media,
            "columns": self.file_columns(),
            "note": self.import_note,
        }
        return TemplateResponse(request, self.import_template_name, context)


class RowFilesMixin(ImportPage, ImportExportMixin):  # type: ignore[misc]
    """A list whose rows come and go as files; `row_resource` declares their columns."""

    row_resource: ClassVar[type[RowResource]]
    export_template_name = "admin/import_export/export.html"
    export_form_class = ExportForm

    @property
    def import_target(self) -> ImportTarget:  # type: ignore[override]
        """Return what the rows are."""
        return self.row_resource.target

    @property
    def import_right(self) -> Action:  # type: ignore[override]
        """Return the right to write the rows."""
        return self.row_resource.edit_action

    def file_columns(self) -> list[tuple[str, bool, str]]:
        """Return the columns of the rows."""
        return [
            (column.heading, column.key, column.explanation(self.model))
            for column in self.row_resource().columns
        ]

    def get_export_formats(self) -> list[type[Format]]:
        """Offer what can be imported again."""
        return [CsvFile, XlsxFile]

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[RowResource]]:
        """Return the columns of the list."""
        return [self.row_resource]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the user reads the catalogue of a company in scope whole, not only what he sells."""
        return bool(companies_allowing(request, Action.CATALOG_VIEW_ALL))

    def get_valid_export_item_pks(self, request: HttpRequest) -> list[Any]:
        """Give none: the filters of the list choose the rows."""
        return []

    def init_request_context_data(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        """Title the library's page in French."""
        context: dict[str, Any] = super().init_request_context_data(request, form)
        return context | {
            "title": f"Exporter : {self.opts.verbose_name_plural}",
            "columns": [column.heading for column in self.row_resource().columns],
        }

    def _do_file_export(
        self, file_format: Format, request: HttpRequest, queryset: Any, export_form: Any = None
    ) -> FileResponse:
        """Answer the library's own page."""
        return self.file_of(file_format, request, queryset)

    def file_of(self, file_format: Format, request: HttpRequest, queryset: Any) -> FileResponse:
        """Write the rows aside, journalise it, then hand the file over.

        Of a company whose products the user only sells, nothing leaves as a file.
        """
        companies = companies_allowing(request, Action.CATALOG_VIEW_ALL)
        only_sold = access_of(request.user).all_companies - companies
        if only_sold and hasattr(self.model, "company"):
            queryset = queryset.exclude(company__in=only_sold)
        extension = file_format.get_extension()
        name = f"{self.opts.verbose_name_plural}-{timezone.localdate(now()):%Y-%m-%d}.{extension}"
        with tempfile.TemporaryDirectory(prefix="winvest-export-") as folder:
            path = Path(folder) / name
            digest = write_rows(self.row_resource(), queryset, path, xlsx=extension == "xlsx")
            content = path.open("rb")
        journalise_list(
            actor=person(request),
            companies=companies,
            table=self.opts.db_table,
            details={"file_name": name, "sha256": digest, "filters": filters_of(request.GET)},
        )
        return FileResponse(
            content, as_attachment=True, filename=name, content_type=file_format.get_content_type()
        )


class CsvFile(Format):  # type: ignore[misc]
    """The library's name for a CSV that the rows are written to."""

    def get_title(self) -> str:
        """Return what the list shows."""
        return "CSV (UTF-8)"

    def get_extension(self) -> str:
        """Return the end of the file's name."""
        return "csv"

    def get_content_type(self) -> str:
        """Return the type of the answer."""
        return "text/csv; charset=utf-8"

    def can_export(self) -> bool:
        """Offer it."""
        return True


class XlsxFile(CsvFile):
    """The same as a workbook."""

    def get_title(self) -> str:
        """Return what the list shows."""
        return "Excel (XLSX)"

    def get_extension(self) -> str:
        """Return the end of the file's name."""
        return "xlsx"

    def get_content_type(self) -> str:
        """Return the type of the answer."""
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
