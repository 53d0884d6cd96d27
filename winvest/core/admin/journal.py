"""The audit log and the background jobs, which are only read (§3.8, G.3)."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.decorators import display

from winvest.core.admin.base import ReadOnlyAdmin
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.choices import AuditAction, JobState
from winvest.core.domain.roles import Action
from winvest.core.models.access import User
from winvest.core.models.audit import AuditEntry
from winvest.core.models.job import Job

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


class AuditEntryAdmin(ReadOnlyAdmin):
    """Who changed what and when, before and after."""

    view_action = Action.AUDIT_VIEW
    list_display = ("at", "shown_action", "table", "shown_actor", "actor_role", "record_id")
    list_filter = ("action",)
    search_codes = ("table",)
    ordering = ("-at", "-id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("at", "shown_action"),
                    ("table", "record_id"),
                    ("shown_actor", "actor_role"),
                    ("session_user_name", "request_id"),
                    "changes",
                )
            },
        ),
    )

    def owner(self, obj: AuditEntry) -> UUID | None:
        """Return the company of the changed row."""
        return obj.company_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Add the author's name: the log names accounts by their id."""
        name = User.objects.filter(pk=OuterRef("actor_id")).values("name")
        return super().get_queryset(request).annotate(actor_name=Subquery(name))

    @display(description="action", ordering="action", label=ACTIONS)
    def shown_action(self, obj: AuditEntry) -> tuple[str, str]:
        """Show the action with its colour."""
        return obj.action, obj.get_action_display()

    @display(description="auteur")
    def shown_actor(self, obj: Any) -> str:
        """Show who acted, or the database account when nobody signed in."""
        if obj.actor_id is None:
            return f"Système ({obj.session_user_name})"
        return obj.actor_name or str(obj.actor_id)

    @display(description="avant → après")
    def changes(self, obj: AuditEntry) -> Any:
        """Show each changed column, before and after."""
        before, after = obj.before or {}, obj.after or {}
        changed = [
            (name, _shown(before.get(name)), _shown(after.get(name)))
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        ]
        return (
            format_html_join("", '<div class="change">{} : {} → {}</div>', changed)
            if changed
            else EMPTY
        )


class JobAdmin(ReadOnlyAdmin):
    """Background work and its state."""

    view_action = Action.AUDIT_VIEW
    list_display = ("kind", "owner_label", "status", "progress", "attempts", "created_at")
    list_filter = ("state", "company")
    list_select_related = ("company",)
    search_codes = ("kind",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("company", "kind"),
                    ("status", "progress"),
                    ("attempts", "error"),
                    ("requested_by", "created_at"),
                )
            },
        ),
    )

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Job) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", ordering="state", label=STATES)
    def status(self, obj: Job) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()


def _shown(value: Any) -> str:
    return EMPTY if value in (None, "") else str(value)
