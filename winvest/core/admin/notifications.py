"""One's own notifications: to read, and to mark as read (E.3)."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_POST

from winvest.core import scoping
from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.display import action, display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.menu_entries import TASKS
from winvest.core.admin.rights import person
from winvest.core.admin.zones import local_text
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound
from winvest.core.middleware import SESSION_COMPANY
from winvest.core.models.notification import Notification
from winvest.core.permissions import access_of
from winvest.core.selectors.notifications import may_read
from winvest.core.services.notifications import address_of, mark_done, mark_read

CLOSED = "Cette fiche ne vous est pas ouverte, ou ne l'est plus : voici ce qui en a été dit."
SWITCHED = "Vous voyez maintenant la société {}, dont parle cette notification."
TEXT_SHOWN = 160
TOP = "admin/core/notification"
STATES = {"read": "neutral", "unread": "info", "to-do": "warning", "done": "success"}
DONE = {
    True: "Communication faite : vos collègues à qui elle est demandée le voient.",
    False: "Communication de nouveau à faire.",
}


class StateFilter(SimpleListFilter):
    """What is to be read, or what was."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("a-lire", "À lire"), ("lues", "Lues")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen ones."""
        wanted = self.value()
        return queryset if wanted is None else queryset.filter(read_at__isnull=wanted == "a-lire")


class NotificationAdmin(BaseAdmin):
    """What the signed-in person was told, and may still read."""

    view_action = Action.CATALOG_VIEW
    list_display = ("shown_title", "kind", "owner_label", "state", "created_at", "link")
    list_filter = (StateFilter, "kind", "company")
    list_before_template = f"{TOP}/tools.html"
    empty_template = f"{TOP}/empty.html"
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
                    "shown_link",
                    ("kind", "company"),
                    ("created_at", "read_at"),
                    "mail",
                )
            },
        ),
    )
    readonly_fields = (
        *("title", "text", "shown_link", "kind", "company", "created_at", "read_at", "mail"),
        *("shown_done", "closed_link"),
    )
    change_form_outer_after_template = f"{TOP}/done.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return one's own, those that one's rights of now open."""
        rows = super().get_queryset(request).filter(user=person(request))
        return rows.filter(may_read(access_of(request.user)))

    @display(description="objet", header=True)
    def shown_title(self, obj: Notification) -> tuple[str, str]:
        """Show what is told, and the beginning of the text."""
        return obj.title, Truncator(obj.text).chars(TEXT_SHOWN)

    @display(description="société")
    def owner_label(self, obj: Notification) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", label=STATES)
    def state(self, obj: Notification) -> tuple[str, str]:
        """Show whether what it asks for is done, or whether it was read."""
        if obj.done_at:
            return "done", "Faite"
        if is_asked(obj):
            return "to-do", "À faire"
        return ("read", "Lue") if obj.read_at else ("unread", "Non lue")

    @display(description="communication")
    def shown_done(self, obj: Notification) -> str:
        """Show who made the communication, and when."""
        if obj.done_at is None:
            return "À faire"
        return f"Faite par {obj.done_by} le {local_text(obj.done_at, obj.company.timezone)}"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add to a communication whether it is done; what is closed to the person has no link."""
        shown = super().get_fieldsets(request, obj)
        if obj is not None and not self._target_address(request, obj):
            ((title, told),) = shown
            fields = tuple("closed_link" if one == "shown_link" else one for one in told["fields"])
            shown = [(title, told | {"fields": fields})]
        if obj is None or obj.kind != NotificationKind.COMMUNICATION:
            return shown
        return [*shown, ("Suivi", {"fields": ("shown_done",)})]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer to mark a communication as done to whoever is asked for it."""
        row = self.get_object(request, object_id)
        asked = row is not None and is_asked(row)
        context = (extra_context or {}) | {"communication": row if asked else None}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    @display(description="fiche")
    def shown_link(self, obj: Notification) -> Any:
        """Link to what it is about."""
        return format_html('<a href="{}">Ouvrir</a>', address_of(obj.pk))

    @display(description="fiche")
    def closed_link(self, obj: Notification) -> str:
        """Say why it has no link."""
        return "Elle ne vous est pas ouverte, ou ne l'est plus."

    @display(description="fiche")
    def link(self, obj: Notification) -> Any:
        """Link there from the list, where what was not read may be marked so without opening it."""
        opened = self.shown_link(obj)
        if obj.read_at:
            return opened
        return format_html(
            '{} <button type="submit" form="read-form" name="pk" value="{}" class="row-read">'
            "Marquer comme lue</button>",
            opened,
            obj.pk,
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the way to what a notification is about."""
        view = self.admin_site.admin_view(require_GET(self.open_view))
        return [
            path("<uuid:pk>/open/", view, name="core_notification_open"),
            path(
                "read/",
                self.admin_site.admin_view(require_POST(self.read_view)),
                name="core_notification_read",
            ),
            path(
                "<uuid:pk>/done/",
                self.admin_site.admin_view(require_POST(self.done_view)),
                name="core_notification_done",
            ),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Go to what it is about, or to its own page where that is closed to the person; read it.

        A seller, for one, is told of a product that is not on sale any more. Whoever had chosen
        another company goes to this one's: the link of an e-mail knows nothing of that choice.
        """
        with scoping.everything():
            row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            return TemplateResponse(request, f"{TOP}/unknown.html", status=404)
        chosen = request.session.get(SESSION_COMPANY)
        if chosen and chosen != row.company.code:
            request.session[SESSION_COMPANY] = row.company.code
            messages.info(request, SWITCHED.format(row.company.brand_name))
            return redirect(address_of(row.pk))
        mark_read(actor=person(request), ids=[row.pk])
        if opened := self._target_address(request, row):
            return redirect(opened)
        messages.info(request, CLOSED)
        return redirect("admin:core_notification_change", row.pk)

    def _target_address(self, request: HttpRequest, row: Notification) -> str:
        """Return the page of what it is about, nothing where that is closed to the person."""
        (page,) = (
            page
            for model, page in self.admin_site._registry.items()
            if f"{model._meta.app_label}_{model._meta.model_name}" == row.target
        )
        target = page.get_object(request, str(row.target_id))
        if target is None or not page.has_view_permission(request, target):
            return ""
        address: str = page.told_address(request, target, row.kind)
        return address

    def read_view(self, request: HttpRequest) -> HttpResponse:
        """Mark one notification, or all of them, as read; the list comes back as it was asked."""
        ids = None if "all" in request.POST else _keys(request.POST.getlist("pk"))
        number = mark_read(actor=person(request), ids=ids)
        messages.success(request, _told(number))
        back = reverse("admin:core_notification_changelist")
        asked = request.GET.urlencode()
        return HttpResponseRedirect(f"{back}?{asked}" if asked else back)

    def done_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Say that a communication is done, and go back to the tasks; or to be done again (`0`)."""
        done = request.POST.get("done") != "0"
        try:
            mark_done(actor=person(request), notification=pk, done=done)
        except NotFound:
            return TemplateResponse(request, f"{TOP}/unknown.html", status=404)
        messages.success(request, DONE[done])
        return redirect(TASKS) if done else redirect("admin:core_notification_change", pk)

    @action(description="Marquer comme lues", icon="done_all")
    def mark_as_read(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Mark the ticked ones as read."""
        number = mark_read(actor=person(request), ids=list(queryset.values_list("pk", flat=True)))
        messages.success(request, _told(number))


def is_asked(row: Notification) -> bool:
    """Whether it asks its reader to make a communication."""
    return (row.kind, row.action) == (
        NotificationKind.COMMUNICATION,
        Action.NOTIFICATION_PUBLISH,
    )


def _told(number: int) -> str:
    """Say how many were marked."""
    if number == 0:
        return "Aucune notification n'était à lire."
    return f"{number} notification{'s' if number > 1 else ''} marquée{'s' if number > 1 else ''} comme lue{'s' if number > 1 else ''}."


def _keys(texts: list[str]) -> list[UUID]:
    """Return the keys among what a form sent."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
