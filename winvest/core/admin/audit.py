"""The legal log and its monthly trails: read, filtered, exported (§3.8, G.3)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from winvest.core.admin.base import ReadOnlyAdmin, refuse
from winvest.core.admin.confirm import found
from winvest.core.admin.display import action, display
from winvest.core.admin.filters import (
    ActorFilter,
    CompanyFilter,
    InstantRangeFilter,
    RoutineFilter,
    TableFilter,
    wrongs,
)
from winvest.core.admin.formatting import EMPTY, number
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.listing import KeysetChangeList
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.choices import AuditAction
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.files import attachment, streamed_csv
from winvest.core.models.audit import AuditEntry, AuditTrail
from winvest.core.permissions import access_of
from winvest.core.scoping import OneOf
from winvest.core.selectors import audit
from winvest.core.selectors.audit_lives import lives, people_named, record_lives, told_of
from winvest.core.selectors.gone import gone_named
from winvest.core.services.audit_export import FILE_NAME, export_audit
from winvest.core.services.audit_trail import open_trail

ACTIONS = {
    AuditAction.INSERT: "success",
    AuditAction.UPDATE: "info",
    AuditAction.DELETE: "danger",
    AuditAction.EXPORT: "warning",
    AuditAction.LOGIN: "neutral",
    AuditAction.PUBLISH: "success",
    AuditAction.PURGE: "danger",
}
NAMES_SHOWN = 4
# What an empty list says: nobody adds to the log.
NOTHING = "admin/core/nothing.html"
# So many rows of a list at most are looked for in the log.
MOST_NAMED = 20


class AuditEntries(KeysetChangeList):
    """A page of the log: the rows that its lines name are read by table, not line by line."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then what its titles name."""
        super().get_results(request)
        words = audit.Words()
        words.learn_titles(self.result_list)
        for entry in self.result_list:
            entry.named = words.title(entry)
        name = RoutineFilter.parameter_name
        self.hides_routine = RoutineFilter.hides(request)
        self.shows_routine = name in request.GET
        self.with_routine = self.get_query_string({name: RoutineFilter.shown}, ["after", "before"])
        self.without_routine = self.get_query_string(remove=[name, "after", "before"])


class AuditEntryAdmin(ReadOnlyAdmin):
    """Who changed what and when, before and after."""

    view_action = Action.AUDIT_VIEW
    list_display = (
        *("at", "shown_action", "shown_table", "shown_title", "summary"),
        *("shown_company", "shown_actor", "shown_roles"),
    )
    list_filter = (
        *("action", TableFilter, CompanyFilter, ActorFilter, RoutineFilter),
        ("at", InstantRangeFilter),
    )
    list_filter_submit = True
    list_before_template = "admin/core/auditentry/export.html"
    empty_template = NOTHING
    ordering = audit.ORDERING
    search_codes = ("record_id",)
    search_help_text = "Nom, code, personne ou identifiant"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("at", "shown_action"),
                    ("shown_table", "shown_title"),
                    ("shown_company", "shown_actor"),
                    "shown_roles",
                    ("shown_record", "request_id"),
                    "changes",
                )
            },
        ),
    )

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[AuditEntries]:
        """Name what the lines of the page speak of."""
        return AuditEntries

    def get_urls(self) -> list[URLPattern]:
        """Add the download of the filtered log."""
        export = self.admin_site.admin_view(self.export_view)
        urls: list[URLPattern] = super().get_urls()
        return [path("export/", export, name="core_auditentry_export"), *urls]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what happened in the companies audited; the group's rows to its own auditors."""
        return audit.audit_entries(
            companies_allowing(request, Action.AUDIT_VIEW),
            group=access_of(request.user).allowed(Action.AUDIT_VIEW, None),
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Read by date what is filtered by date: the newest first, as always."""
        dated = any(name.startswith("at_") and value for name, value in request.GET.items())
        return audit.BY_DATE if dated else audit.ORDERING

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the whole life of a record by its identifier, or by words as its own list does.

        What a record holds is told with it: the versions, prices and documents of a product. A
        person's name also finds what he did.
        """
        text = search_term.replace("\x00", " ").strip()
        if not text:
            return queryset, False
        try:
            return queryset.filter(OneOf("record_id", record_lives(UUID(text)))), False
        except ValueError:
            found = told_of(lives(self._named(request, text)), people_named(text))
            return queryset.filter(found), False

    def _named(self, request: HttpRequest, text: str) -> dict[Any, list[UUID]]:
        """Return the rows that the words name, of the lists that this reader opens; the deleted too."""
        found = {}
        for model, page in self.admin_site._registry.items():
            if getattr(page, "named_in_log", False) and page.has_view_permission(request):
                rows, _ = page.get_search_results(request, page.get_queryset(request), text)
                found[model] = list(rows.values_list("pk", flat=True)[:MOST_NAMED])
                if hasattr(model, "history"):
                    found[model] += gone_named(model, text, MOST_NAMED)
        return found

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Stream the log as CSV under the filters of the list, and journalise it (3.8-08)."""
        companies = companies_allowing(request, Action.AUDIT_EXPORT)
        if not companies:
            raise PermissionDenied
        asked = self.get_changelist_instance(request)
        if wrongs(asked):
            # The list tells what it does not understand: no file holds the answer to it.
            page = reverse("admin:core_auditentry_changelist")
            return HttpResponseRedirect(f"{page}?{request.GET.urlencode()}")
        rows = asked.queryset
        filters = {name: value for name, value in request.GET.dict().items() if value}
        if RoutineFilter.hides(request):
            filters[RoutineFilter.parameter_name] = "masquées"
        blocks = export_audit(
            actor=person(request), rows=rows, companies=companies, filters=filters
        )
        return streamed_csv(blocks, FILE_NAME)

    @display(description="action", ordering="action", label=ACTIONS)
    def shown_action(self, obj: AuditEntry) -> tuple[str, str]:
        """Show the action with its colour."""
        return obj.action, obj.get_action_display()

    @display(description="objet", ordering="table")
    def shown_table(self, obj: AuditEntry) -> str:
        """Show the kind of row in French."""
        return audit.table_name(obj.table)

    @display(description="société")
    def shown_company(self, obj: Any) -> Any:
        """Show the company, or the group."""
        return company_label(obj.company_code) if obj.company_code else "Groupe"

    @display(description="auteur")
    def shown_actor(self, obj: Any) -> str:
        """Show who acted."""
        return audit.author(obj)

    @display(description="rôle")
    def shown_roles(self, obj: AuditEntry) -> str:
        """Show the roles under which the author acted."""
        return audit.roles(obj)

    @display(description="désignation")
    def shown_title(self, obj: Any) -> str:
        """Name the row that changed, or what was done; the list reads it by page."""
        if not hasattr(obj, "named"):
            words = audit.Words()
            words.learn_titles([obj])
            obj.named = words.title(obj)
        return str(obj.named)

    @display(description="champs changés")
    def summary(self, obj: AuditEntry) -> str:
        """Name what an update changed."""
        if obj.action != AuditAction.UPDATE:
            return EMPTY
        names = [change.name for change in audit.changes(obj)]
        more = f" et {len(names) - NAMES_SHOWN} de plus" if len(names) > NAMES_SHOWN else ""
        return ", ".join(names[:NAMES_SHOWN]) + more

    @display(description="enregistrement")
    def shown_record(self, obj: AuditEntry) -> Any:
        """Link to the row's page, where it has one, and to the whole life of the record."""
        life = f"{reverse('admin:core_auditentry_changelist')}?q={obj.record_id}"
        model = audit.audited_models().get(obj.table)
        row: Any = str(obj.record_id)
        if model is not None and model in self.admin_site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            row = format_html(
                '<a href="{}">{}</a>', reverse(name, args=[obj.record_id]), obj.record_id
            )
        return format_html('{} · <a href="{}">Tout son journal</a>', row, life)

    @display(description="avant → après")
    def changes(self, obj: AuditEntry) -> Any:
        """Show each changed field in words, before and after."""
        words = audit.Words()
        words.learn([obj])
        lines = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            ((change.name, *words.sides(obj, change)) for change in audit.changes(obj)),
        )
        if not lines:
            return EMPTY
        return format_html(
            '<div class="table-scroll"><table class="plain-table"><thead><tr>'
            '<th scope="col">Champ</th><th scope="col">Avant</th><th scope="col">Après</th>'
            "</tr></thead><tbody>{}</tbody></table></div>",
            lines,
        )


class AuditTrailAdmin(ReadOnlyAdmin):
    """Monthly files of the log, one for each company (3.8-09)."""

    view_action = Action.AUDIT_VIEW
    list_display = ("file_name", "owner_label", "month", "shown_rows", "created_at")
    list_filter = ("company",)
    list_select_related = ("company",)
    ordering = ("-month", "-id")
    empty_template = NOTHING
    search_codes = ("month",)
    actions_detail = ("download",)
    fieldsets = (
        (
            None,
            {"fields": ("file_name", ("company", "month"), ("rows", "created_at"), "sha256")},
        ),
    )

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: AuditTrail) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="lignes")
    def shown_rows(self, obj: AuditTrail) -> Any:
        """Show how many entries the file holds."""
        return number(obj.rows)

    @action(description="Télécharger", icon="download", url_path="download")
    def download(self, request: HttpRequest, object_id: str) -> Any:
        """Hand over the file and journalise who took it."""
        trail = found(self, request, object_id)
        try:
            return attachment(open_trail(actor=person(request), trail=trail))
        except DomainError as error:
            return refuse(request, error, reverse("admin:core_audittrail_changelist"))
