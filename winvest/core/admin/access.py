"""Users, their roles and their tokens; every write goes by `winvest.core.services.access`."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import action, display

from winvest.core.admin.base import BaseAdmin
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import Rights, companies_allowing, person
from winvest.core.domain.roles import Action
from winvest.core.models.access import ApiToken, Membership, User
from winvest.core.permissions import access_of
from winvest.core.selectors.access import manages
from winvest.core.services import access as services
from winvest.core.transaction import transaction

ACTIVE = {True: "success", False: "neutral"}


class MembershipInline(Rights, TabularInline):  # type: ignore[misc]
    """Roles of a user, each granted or revoked on the page of memberships."""

    model = Membership
    view_action = Action.ACCESS_MANAGE
    extra = 0
    can_delete = False
    fields = readonly_fields = ("shown_company", "role", "created_at")

    @display(description="société")
    def shown_company(self, obj: Membership) -> Any:
        """Show the company, or the whole group."""
        if obj.company is None:
            return "Groupe"
        return company_label(obj.company.code, obj.company.brand_name)


class UserAdmin(BaseAdmin):
    """People and service accounts of the companies that the user administers."""

    view_action = Action.ACCESS_MANAGE
    edit_action = Action.ACCESS_MANAGE
    list_display = ("shown_name", "shown_roles", "active", "last_login")
    list_filter = ("is_active", "is_service")
    search_fields = ("name",)
    search_codes = ("email",)
    ordering = ("name", "pk")
    readonly_fields = ("active", "last_login", "created_at")
    inlines = (MembershipInline,)
    actions_submit_line = ("draw_password", "close")
    fieldsets = (
        (None, {"fields": (("email", "name"), ("is_service", "active"))}),
        ("Suivi", {"fields": (("last_login", "created_at"),)}),
    )

    def owner(self, obj: Any) -> None:
        """Belong to no company: `has_change_permission` asks for every role of the account."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the accounts that hold a role where the user administers, and those without any."""
        rows = super().get_queryset(request).prefetch_related("memberships__company")
        access = access_of(request.user)
        if access.allowed(Action.ACCESS_MANAGE, None):
            return rows
        held = Membership._base_manager.filter(
            company_id__in=companies_allowing(request, Action.ACCESS_MANAGE)
        )
        return rows.filter(pk__in=held.values("user"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether everything the account holds is under the user's administration."""
        access = access_of(request.user)
        if not access.anywhere(Action.ACCESS_MANAGE):
            return False
        return not isinstance(obj, User) or manages(access, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an account is closed, what it did stays signed."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user administers the group: an account without a role is nobody's."""
        return access_of(request.user).allowed(Action.ACCESS_MANAGE, None)

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Ask for the account, not for a company."""
        return self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the company, which an account has not."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "company"]

    @display(description="compte", ordering="name", header=True)
    def shown_name(self, obj: User) -> tuple[str, str]:
        """Show the name and the address."""
        return obj.name, obj.email

    @display(description="rôles")
    def shown_roles(self, obj: User) -> str:
        """Show the roles by company."""
        return ", ".join(
            f"{held.get_role_display()} ({held.company.code if held.company else 'Groupe'})"
            for held in obj.memberships.all()
        )

    @display(description="état", ordering="is_active", label=ACTIVE)
    def active(self, obj: User) -> tuple[bool, str]:
        """Show whether the account may sign in."""
        return obj.is_active, "Actif" if obj.is_active else "Fermé"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save; a new account cannot sign in before a password is drawn."""
        if not change:
            obj.set_unusable_password()
        with transaction(person(request)):
            obj.save()

    def has_manage_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user administers accounts; the service asks for which."""
        return access_of(request.user).anywhere(Action.ACCESS_MANAGE)

    @action(description="Tirer un nouveau mot de passe", permissions=("manage",))
    def draw_password(self, request: HttpRequest, obj: User) -> None:
        """Replace the password and show it once."""
        password = services.reset_password(actor=person(request), user=obj)
        messages.warning(request, f"Nouveau mot de passe, affiché cette seule fois : {password}")

    @action(description="Fermer le compte", permissions=("manage",))
    def close(self, request: HttpRequest, obj: User) -> None:
        """Forbid every sign-in and token of the account."""
        services.close_account(actor=person(request), user=obj)
        messages.success(request, "Compte fermé : sessions et jetons sont refusés.")


class MembershipAdmin(HistoryAdmin):
    """Roles by company, never above oneself."""

    view_action = Action.ACCESS_MANAGE
    edit_action = Action.ACCESS_MANAGE
    list_display = ("user", "shown_company", "role", "created_at")
    list_filter = ("role", "company")
    list_select_related = ("user", "company")
    search_fields = ("user__name",)
    search_codes = ("user__email",)
    ordering = ("user__name", "pk")
    autocomplete_fields = ("user",)
    fieldsets = ((None, {"fields": ("user", "company", "role")}),)

    @display(description="société", ordering="company__code")
    def shown_company(self, obj: Membership) -> Any:
        """Show the company, or the whole group."""
        if obj.company is None:
            return "Groupe"
        return company_label(obj.company.code, obj.company.brand_name)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a role is granted or revoked."""
        return False

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Open every field of a new membership."""
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Grant the role."""
        made = services.grant_membership(
            actor=person(request), user=obj.user, company_id=obj.company_id, role=obj.role
        )
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Revoke the role."""
        services.revoke_membership(actor=person(request), membership=obj)


class TokenForm(CheckedModelForm):
    """A token for an account that the user administers."""

    class Meta:
        model = ApiToken
        fields = ("user", "name", "expires_at")


class ApiTokenAdmin(BaseAdmin):
    """Tokens of the API: shown once, then only revoked."""

    form = TokenForm
    view_action = Action.ACCESS_MANAGE
    edit_action = Action.ACCESS_MANAGE
    list_display = ("name", "user", "state", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__name")
    search_codes = ("user__email",)
    ordering = ("-created_at", "pk")
    autocomplete_fields = ("user",)
    fieldsets = ((None, {"fields": ("user", "name", "expires_at")}),)

    def owner(self, obj: Any) -> UUID | None:
        """Belong to the account, not to a company."""
        return None

    @display(description="état", label=ACTIVE)
    def state(self, obj: ApiToken) -> tuple[bool, str]:
        """Show whether the token opens the API."""
        return obj.is_valid, "Valable" if obj.is_valid else "Terminé"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the tokens of the accounts that the user administers."""
        users = self.admin_site._registry[User].get_queryset(request)
        return super().get_queryset(request).filter(user__in=users.values("pk"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a token is made or revoked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user administers the token's account; deleting revokes."""
        access = access_of(request.user)
        if obj is None:
            return access.anywhere(Action.ACCESS_MANAGE)
        return obj.revoked_at is None and manages(access, obj.user)

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Open every field of a new token."""
        return self.has_add_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the company, which a token has not."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "company"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Make the token and show it once."""
        token, secret = services.issue_token(
            actor=person(request), user=obj.user, name=obj.name, expires_at=obj.expires_at
        )
        obj.pk = token.pk
        messages.warning(request, f"Jeton, affiché cette seule fois : {secret}")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Revoke the token; its row stays for the journal."""
        services.revoke_token(actor=person(request), token=obj)
