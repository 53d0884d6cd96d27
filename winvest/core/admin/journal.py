"""The background jobs, which are only read."""

from typing import Any

from winvest.core import jobs
from winvest.core.admin.base import ReadOnlyAdmin
from winvest.core.admin.display import display
from winvest.core.admin.formatting import company as company_label
from winvest.core.choices import JobState
from winvest.core.domain.roles import Action
from winvest.core.models.job import Job

STATES = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}


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
        return jobs.label_of(obj.kind)

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
