"""Tokens of the API: made, shown once, revoked (G.2)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import found, show_once, step
from winvest.core.admin.display import action, display
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.domain.roles import Action
from winvest.core.models.access import ApiToken
from winvest.core.permissions import access_of
from winvest.core.selectors.access import visible_users
from winvest.core.services.access import issue_token, revoke_token

STATES = {"valid": "success", "expired": "warning", "revoked": "neutral"}
STATE_LABELS = {"valid": "Valable", "expired": "Expiré", "revoked": "Révoqué"}


class TokenForm(CheckedModelForm):
    """A token for an account that the user administers; its hash is drawn by the service."""

    class Meta:
        model = ApiToken
        fields = ("user", "name", "expires_at")

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "digest"}


class ApiTokenAdmin(BaseAdmin):
    """Tokens of the accounts that the user administers."""

    form = TokenForm
    view_action = Action.ACCESS_MANAGE
    edit_action = Action.ACCESS_MANAGE
    list_display = ("name", "user", "shown_state", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")
    ordering = ("-created_at", "pk")
    autocomplete_fields = ("user",)
    readonly_fields = ("shown_state", "created_at", "revoked_at")
    actions_detail = ("revoke",)
    fieldsets = (
        (None, {"fields": ("user", "name", "expires_at")}),
        ("Suivi", {"fields": (("shown_state", "created_at"), "revoked_at")}),
    )
    add_fieldsets = ((None, {"fields": ("user", "name", "expires_at")}),)

    def owner(self, obj: Any) -> None:
        """Belong to the account, not to a company."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the tokens of the accounts seen."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(user__in=visible_users(access_of(request.user)).values("pk"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user manages the accesses of a company in scope."""
        return bool(companies_allowing(request, Action.ACCESS_MANAGE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a token is made or revoked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a revoked token stays for the journal."""
        return False

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Open every field of a new token."""
        return obj is None and self.has_add_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the company, which a token has not."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "company"]

    @display(description="état", label=STATES)
    def shown_state(self, obj: ApiToken) -> tuple[str, str]:
        """Show whether the token opens the API."""
        state = "revoked" if obj.revoked_at else "valid" if obj.is_valid else "expired"
        return state, STATE_LABELS[state]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Make the token; its text is for the answer alone."""
        token, secret = issue_token(
            actor=person(request), user=obj.user, name=obj.name, expires_at=obj.expires_at
        )
        obj.pk, obj.secret = token.pk, secret

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Show the token's text, once."""
        return show_once(self, request, obj, title="Jeton créé", secret=obj.secret)

    @action(description="Révoquer", icon="block", url_path="revoke")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then end the token at once (POST)."""
        token = found(self, request, object_id)
        return step(
            self,
            request,
            token,
            title="Révoquer",
            question=f"Révoquer le jeton « {token} » de {token.user} ? Il sera refusé aussitôt.",
            done="Jeton révoqué.",
            run=lambda: revoke_token(actor=person(request), token=token),
        )
