"""One's own notifications: to read, and to mark as read (E.3)."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.display import action, display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.models.notification import Notification
from winvest.core.permissions import access_of
from winvest.core.selectors.notifications import may_read
from winvest.core.services.notifications import address_of, mark_read

CLOSED = "Cette fiche ne vous est pas ouverte, ou ne l'est plus : voici ce qui en a été dit."
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
        return format_html('<a href="{}">Ouvrir</a>', address_of(obj.pk))

    def get_urls(self) -> list[URLPattern]:
        """Add the way to what a notification is about."""
        view = self.admin_site.admin_view(require_GET(self.open_view))
        return [
            path("<uuid:pk>/open/", view, name="core_notification_open"),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Go to what it is about, or to its own page where that is closed to the person.

        A seller, for one, is told of a product that is not on sale any more.
        """
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        (page,) = (
            page
            for model, page in self.admin_site._registry.items()
            if f"{model._meta.app_label}_{model._meta.model_name}" == row.target
        )
        target = page.get_object(request, str(row.target_id))
        if target is not None and page.has_view_permission(request, target):
            return redirect(page.told_address(request, target, row.kind))
        messages.info(request, CLOSED)
        return redirect("admin:core_notification_change", row.pk)

    @action(description="Marquer comme lues", icon="done_all")
    def mark_as_read(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Mark the ticked ones as read."""
        number = mark_read(actor=person(request), ids=list(queryset.values_list("pk", flat=True)))
        messages.success(request, f"{number} notification(s) marquée(s) comme lue(s).")
