"""One's own notifications: to read, and to mark as read (E.3)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.display import action, display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.models.notification import Notification
from winvest.core.permissions import access_of
from winvest.core.selectors.notifications import may_read
from winvest.core.services.notifications import address_of, mark_read

READ = {True: "neutral", False: "info"}


class NotificationAdmin(BaseAdmin):
    """What the signed-in person was told, and may still read."""

    view_action = Action.CATALOG_VIEW
    list_display = ("title", "kind", "owner_label", "state", "created_at", "link")
    list_filter = ("kind", "company")
    list_select_related = ("company",)
    ordering = ("-created_at", "-id")
    actions = ("mark_as_read",)
    fieldsets: ClassVar[Any] = (
        (
            None,
            {
                "fields": (
                    "title",
                    "text",
                    "link",
                    ("kind", "company"),
                    ("created_at", "read_at"),
                    "mail",
                )
            },
        ),
    )
    readonly_fields = ("title", "text", "link", "kind", "company", "created_at", "read_at", "mail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return one's own, those that one's rights of now open."""
        rows = super().get_queryset(request).filter(user=person(request))
        return rows.filter(may_read(access_of(request.user)))

    @display(description="société")
    def owner_label(self, obj: Notification) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", label=READ)
    def state(self, obj: Notification) -> tuple[bool, str]:
        """Show whether it was read."""
        return obj.read_at is not None, "Lue" if obj.read_at else "Non lue"

    @display(description="fiche")
    def link(self, obj: Notification) -> Any:
        """Link to what it is about."""
        return format_html('<a href="{}">Ouvrir</a>', address_of(obj.target, obj.target_id))

    @action(description="Marquer comme lues", icon="done_all")
    def mark_as_read(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Mark the ticked ones as read."""
        number = mark_read(actor=person(request), ids=list(queryset.values_list("pk", flat=True)))
        messages.success(request, f"{number} notification(s) marquée(s) comme lue(s).")
