"""The audit log and the background jobs, which are only read (§3.8, G.3)."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from unfold.contrib.filters.admin import RangeDateTimeFilter

from winvest.core.admin.base import ReadOnlyAdmin
from winvest.core.admin.display import display
from winvest.core.admin.filters import ActorFilter, TableFilter, audited_models
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import companies_allowing
from winvest.core.admin.wording import from_log
from winvest.core.choices import ROLE_LABELS, AuditAction, JobState
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import User
from winvest.core.models.audit import AuditEntry
from winvest.core.models.company import Company
from winvest.core.models.job import Job
from winvest.core.permissions import access_of

ACTIONS = {
    AuditAction.INSERT: "success",
    AuditAction.UPDATE: "info",
    AuditAction.DELETE: "danger",
    AuditAction.EXPORT: "warning",
    AuditAction.LOGIN: "neutral",
}
STATES = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}
NAMES_SHOWN = 4
# What every row has and nobody reads.
_TECHNICAL = {"id", "created_at", "updated_at"}


class AuditEntryAdmin(ReadOnlyAdmin):
    """Who changed what and when, before and after."""

    view_action = Action.AUDIT_VIEW
    list_display = ("at", "shown_action", "shown_table", "summary", "shown_company", "shown_actor")
    list_filter = ("action", TableFilter, ActorFilter, ("at", RangeDateTimeFilter))
    list_filter_submit = True
    ordering = ("-at", "-id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("at", "shown_action"),
                    ("shown_table", "shown_company"),
                    ("shown_actor", "shown_roles"),
                    ("shown_record", "request_id"),
                    "changes",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what happened in the companies audited; the group's rows to its own auditors."""
        condition = Q(company_id__in=companies_allowing(request, Action.AUDIT_VIEW))
        if access_of(request.user).allowed(Action.AUDIT_VIEW, None):
            condition |= Q(company_id__isnull=True)
        author = User.objects.filter(pk=OuterRef("actor_id")).values("name")
        owner = Company._base_manager.filter(pk=OuterRef("company_id")).values("code")
        rows: QuerySet[Any] = AuditEntry._base_manager.filter(condition).annotate(
            actor_name=Subquery(author), company_code=Subquery(owner)
        )
        return rows.order_by(*self.ordering)

    @display(description="action", ordering="action", label=ACTIONS)
    def shown_action(self, obj: AuditEntry) -> tuple[str, str]:
        """Show the action with its colour."""
        return obj.action, obj.get_action_display()

    @display(description="objet", ordering="table")
    def shown_table(self, obj: AuditEntry) -> str:
        """Show the kind of row in French."""
        model = audited_models().get(obj.table)
        return capfirst(model._meta.verbose_name) if model else obj.table

    @display(description="société")
    def shown_company(self, obj: Any) -> Any:
        """Show the company, or the group."""
        return company_label(obj.company_code) if obj.company_code else "Groupe"

    @display(description="auteur")
    def shown_actor(self, obj: Any) -> str:
        """Show who acted, or the database account when nobody signed in."""
        if obj.actor_id is None:
            return f"Système ({obj.session_user_name})"
        return obj.actor_name or str(obj.actor_id)

    @display(description="rôle")
    def shown_roles(self, obj: AuditEntry) -> str:
        """Show the roles under which the author acted."""
        known = {role.value for role in Role}
        roles = [role for role in obj.actor_role.split(",") if role in known]
        return ", ".join(ROLE_LABELS[Role(role)] for role in roles) or EMPTY

    @display(description="changements")
    def summary(self, obj: AuditEntry) -> str:
        """Name what changed, or the row itself when it was made or deleted."""
        if obj.action != AuditAction.UPDATE:
            return _title(obj.after or obj.before or {})
        names = [name for name, *_ in _changed(obj)]
        more = f" et {len(names) - NAMES_SHOWN} de plus" if len(names) > NAMES_SHOWN else ""
        return ", ".join(names[:NAMES_SHOWN]) + more

    @display(description="enregistrement")
    def shown_record(self, obj: AuditEntry) -> Any:
        """Link to the row's page, where it has one."""
        model = audited_models().get(obj.table)
        if model is None or model not in self.admin_site._registry:
            return str(obj.record_id)
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        address = reverse(name, args=[obj.record_id])
        return format_html('<a href="{}">{}</a>', address, obj.record_id)

    @display(description="avant → après")
    def changes(self, obj: AuditEntry) -> Any:
        """Show each changed field in words, before and after."""
        lines = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            (
                (name, _in_words(field, old), _in_words(field, new))
                for name, field, old, new in _changed(obj)
            ),
        )
        if not lines:
            return EMPTY
        return format_html(
            '<div class="table-scroll"><table class="plain-table"><thead><tr>'
            '<th scope="col">Champ</th><th scope="col">Avant</th><th scope="col">Après</th>'
            "</tr></thead><tbody>{}</tbody></table></div>",
            lines,
        )


class JobAdmin(ReadOnlyAdmin):
    """Background work and its state."""

    view_action = Action.AUDIT_VIEW
    list_display = (
        "shown_kind",
        "owner_label",
        "status",
        "shown_progress",
        "attempts",
        "created_at",
    )
    list_filter = ("state", "company")
    list_select_related = ("company",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("company", "shown_kind"),
                    ("status", "shown_progress"),
                    ("attempts", "error"),
                    ("requested_by", "created_at"),
                )
            },
        ),
    )

    @display(description="nature", ordering="kind")
    def shown_kind(self, obj: Job) -> str:
        """Show the kind in French."""
        return KINDS.get(obj.kind, obj.kind)

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Job) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", ordering="state", label=STATES)
    def status(self, obj: Job) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()

    @display(description="avancement", ordering="progress")
    def shown_progress(self, obj: Job) -> str:
        """Show the progress in percent."""
        return f"{obj.progress} %"


KINDS = {"accounting.export": "Export comptable"}


def _changed(entry: AuditEntry) -> Iterator[tuple[str, Any, Any, Any]]:
    """Give each changed field: its French name, itself, and both values."""
    model = audited_models().get(entry.table)
    before, after = entry.before or {}, entry.after or {}
    for column in before | after:
        old, new = before.get(column), after.get(column)
        if old == new or column in _TECHNICAL:
            continue
        field = _field(model, column)
        yield str(capfirst(field.verbose_name)) if field else column, field, old, new


def _in_words(field: Any, value: Any) -> str:
    """Word a value; a key becomes the row it names, as far as the reader sees it."""
    if value is not None and field is not None and field.is_relation:
        row = field.related_model._default_manager.filter(pk=value).first()
        return str(row or value)
    return from_log(field, value)


def _field(model: Any, column: str) -> Any:
    """Return the field of a column, None for one that the model no longer has."""
    if model is None:
        return None
    try:
        return model._meta.get_field(column)
    except FieldDoesNotExist:
        fields = (field for field in model._meta.concrete_fields if field.column == column)
        return next(fields, None)


def _title(row: dict[str, Any]) -> str:
    """Return what best names a row: its label, else its code."""
    for column in ("name", "label", "legal_name", "sku", "code", "email", "external_id", "account"):
        if row.get(column):
            return str(row[column])
    return EMPTY
