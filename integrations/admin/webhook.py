"""Webhooks: endpoints with their secrets, and the events received, which are only read (C.7)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from integrations.choices import EndpointStatus, EventStatus
from integrations.models import WebhookEndpoint, WebhookEvent
from integrations.services.endpoints import draw_secret, renew_secret
from winvest.core.admin.base import ReadOnlyAdmin, refuse
from winvest.core.admin.confirm import address, ask, found, show_once
from winvest.core.admin.display import action, display
from winvest.core.admin.filters import InstantRangeFilter
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.permissions import access_of
from winvest.core.selectors.wording import structured

ENDPOINTS = {EndpointStatus.ACTIVE: "success", EndpointStatus.INACTIVE: "neutral"}
EVENTS = {
    EventStatus.RECEIVED: "info",
    EventStatus.PROCESSED: "success",
    EventStatus.FAILED: "danger",
    EventStatus.IGNORED: "neutral",
}
DRAWN = "Secret du point d'entrée"


class WebhookEndpointAdmin(HistoryAdmin):
    """Where partners send their events; the secret is drawn here and shown once."""

    is_short = True
    view_action = Action.INTEGRATION_CONSOLE
    edit_action = Action.PARTNER_CREDENTIALS
    list_display = ("partner", "event", "owner_label", "target_url", "shown_status")
    list_filter = ("event", "status", "company")
    list_select_related = ("partner", "company")
    search_fields = ("partner__name",)
    autocomplete_fields = ("partner",)
    readonly_fields = ("secret_set_at",)
    actions_detail = ("renew",)
    fieldsets = (
        (None, {"fields": (("partner", "event"), "target_url", "status")}),
        ("Secret", {"fields": ("secret_set_at",)}),
    )

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: WebhookEndpoint) -> Any:
        """Show the managing company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="état", ordering="status", label=ENDPOINTS)
    def shown_status(self, obj: WebhookEndpoint) -> tuple[str, str]:
        """Show whether events are taken."""
        return obj.status, obj.get_status_display()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the date of a secret that is not drawn yet."""
        return super().get_fieldsets(request, obj)[: None if obj else 1]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep whose events an existing endpoint takes."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "partner", "event"] if obj else fixed

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the partners of the companies where the user holds their credentials."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "partner":
            return rows.filter(company__in=companies_allowing(request, Action.PARTNER_CREDENTIALS))
        return rows

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new endpoint the owner of its partner, and a secret for the answer alone."""
        obj.company_id = obj.partner.company_id
        if not change:
            obj.drawn = draw_secret(obj)
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Show the secret, once."""
        return show_once(self, request, obj, title=DRAWN, secret=obj.drawn)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Show the button to whoever may renew the secret."""
        row = self.get_object(request, str(object_id))
        if row is None or not _may_renew(request, row):
            return []
        return list(super().get_actions_detail(request, object_id))

    @action(description="Renouveler le secret", icon="key", url_path="renew")
    def renew(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then draw a new secret and show it once (POST)."""
        row = found(self, request, object_id)
        if not _may_renew(request, row):
            raise PermissionDenied
        if request.method != "POST":
            question = f"Renouveler le secret de « {row} » ? L'ancien sera refusé aussitôt."
            return ask(self, request, row, title="Renouveler le secret", question=question)
        try:
            secret = renew_secret(actor=person(request), endpoint=row)
        except DomainError as error:
            return refuse(request, error, address(row))
        return show_once(self, request, row, title=DRAWN, secret=secret)


class WebhookEventAdmin(ReadOnlyAdmin):
    """Events of the partners, as they came."""

    view_action = Action.INTEGRATION_CONSOLE
    list_display = (
        "received_at",
        "shown_endpoint",
        "external_event_id",
        "status_label",
        "attempts",
    )
    list_filter = ("status", "company", ("received_at", InstantRangeFilter))
    list_filter_submit = True
    list_select_related = ("endpoint__partner", "company")
    search_codes = ("external_event_id",)
    ordering = ("-received_at", "-id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("received_at", "shown_endpoint"),
                    ("external_event_id", "signature"),
                    ("status_label", "attempts"),
                    ("next_retry_at", "processed_at"),
                    "last_error",
                    "shown_payload",
                )
            },
        ),
    )

    @display(description="point d'entrée")
    def shown_endpoint(self, obj: WebhookEvent) -> str:
        """Show the partner and the kind of event."""
        return str(obj.endpoint)

    @display(description="état", label=EVENTS)
    def status_label(self, obj: WebhookEvent) -> tuple[str, str]:
        """Show the status with its colour."""
        waiting = " (nouvel essai prévu)" if obj.annexe_status == "retry" else ""
        return obj.status, f"{obj.get_status_display()}{waiting}"

    @display(description="contenu")
    def shown_payload(self, obj: WebhookEvent) -> str:
        """Show what was sent, in words."""
        return structured(obj.payload)

    def owner(self, obj: Any) -> UUID:
        """Return the company that manages the partner."""
        company: UUID = obj.company_id
        return company


def _may_renew(request: HttpRequest, row: WebhookEndpoint) -> bool:
    return access_of(request.user).allowed(Action.PARTNER_CREDENTIALS, row.company_id)
