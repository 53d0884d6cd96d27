"""Users and their roles; every role goes by `winvest.core.services.access` (R-01, §3.8)."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectMultipleWidget

from winvest.core import permissions
from winvest.core.admin.base import BaseAdmin, OwnedTabularInline, refuse
from winvest.core.admin.checked import CheckedModelForm, NamedBoxes
from winvest.core.admin.confirm import address, ask, found, show_once, step
from winvest.core.admin.display import action, display
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.choices import ROLE_LABELS
from winvest.core.domain.access import is_above
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import DomainError
from winvest.core.models.access import Membership, MembershipRisk, User
from winvest.core.permissions import access_of
from winvest.core.selectors.access import managed_memberships, manages, visible_users
from winvest.core.services import access as services
from winvest.core.transaction import transaction

ACTIVE = {True: "success", False: "neutral"}


class MembershipFormSet(NamedBoxes, PaginationInlineFormSet):  # type: ignore[misc]
    """Roles of a user; a new account has one at least, or only the group would see it."""

    @cached_property
    def families(self) -> list[tuple[UUID, str]]:
        """Return the risk families in scope, read once for all rows."""
        return permissions.families().choices()

    def get_form_kwargs(self, index: Any) -> dict[str, Any]:
        """Give each row the families."""
        return {**super().get_form_kwargs(index), "families": self.families}

    def clean(self) -> None:
        """Ask a first role of a new account."""
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        if self.instance._state.adding and not any(form.cleaned_data for form in kept):
            raise ValidationError("Donnez au moins un rôle à ce compte.")


class MembershipForm(CheckedModelForm):
    """One role in one company, for some risk families or all; it is only given or taken away."""

    risks = forms.TypedMultipleChoiceField(
        label="Familles de risques",
        help_text="Aucune : toutes les familles.",
        coerce=UUID,
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
    )

    class Meta:
        model = Membership
        fields = ("company", "role", "risks")

    def __init__(
        self, *args: Any, families: Sequence[tuple[UUID, str]] = (), **kwargs: Any
    ) -> None:
        """Offer the families in scope, and close the fields of an existing row."""
        super().__init__(*args, **kwargs)
        risks = cast("forms.TypedMultipleChoiceField", self.fields["risks"])
        if self.instance._state.adding:
            risks.choices = list(families)
            return
        held = [limit.risk_id for limit in self.instance.limits.all()]
        names = dict(families)
        named = [(risk, names.get(risk, "Autre famille")) for risk in held]
        risks.choices = named or [("", "Toutes les familles")]
        self.initial["risks"] = held
        # A role that the user may not give is still told.
        role = cast("forms.ChoiceField", self.fields["role"])
        role.choices = [(self.instance.role, self.instance.get_role_display())]
        for field in self.fields.values():
            field.disabled = True


class MembershipInline(OwnedTabularInline):
    """The roles that the signed-in user manages: given and taken away, never changed."""

    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    view_action = Action.ACCESS_MANAGE
    edit_action = Action.ACCESS_MANAGE
    verbose_name = "rôle"
    verbose_name_plural = "rôles par société"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the roles of the companies managed, and the group's for its own admins."""
        rows = managed_memberships(access_of(request.user)).select_related("company", "user")
        return rows.prefetch_related("limits")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Offer a first row to a new account."""
        return 0 if obj else 1

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user manages accesses; the service asks for the company and the rank."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user manages accesses; the fields of an existing row are closed."""
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user manages accesses; the service asks for the company and the rank."""
        return self.has_view_permission(request)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the roles that give no more than the user's own, in one of his companies."""
        access = access_of(request.user)
        held = [permissions.rights_of(roles) for roles in access.by_company.values()]
        kwargs["choices"] = [
            ("", "Choisir un rôle"),
            *(
                (role.value, label)
                for role, label in ROLE_LABELS.items()
                if any(not is_above(own=own, other=permissions.rights_of([role])) for own in held)
            ),
        ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class UserForm(CheckedModelForm):
    """An account; its password is drawn, its roles stand below."""

    class Meta:
        model = User
        fields = ("email", "name", "is_service")

    def clean(self) -> Any:
        """Give a new account no password yet: it cannot sign in before one is drawn."""
        if self.instance._state.adding:
            self.instance.set_unusable_password()
        return super().clean()

    def clean_email(self) -> str:
        """Keep the address in lower case, as sign-in compares it."""
        return str(self.cleaned_data["email"]).lower()


class UserAdmin(BaseAdmin):
    """People and service accounts with a role where the user administers accesses."""

    form = UserForm
    view_action = Action.ACCESS_MANAGE
    edit_action = Action.ACCESS_MANAGE
    list_display = ("shown_name", "shown_roles", "kind", "active", "last_login")
    list_filter = ("is_active", "is_service")
    search_fields = ("name", "email")
    named_in_log = True
    ordering = ("name", "pk")
    readonly_fields = ("active", "last_login", "created_at")
    inlines = (MembershipInline,)
    actions_detail = ("draw_password", "close", "reopen")
    fieldsets = (
        ("Compte", {"fields": (("name", "email"), "is_service")}),
        ("Suivi", {"fields": (("active", "last_login"), "created_at")}),
    )
    add_fieldsets = (("Compte", {"fields": (("name", "email"), "is_service")}),)

    def owner(self, obj: Any) -> None:
        """Belong to no company: `may_write` asks for every role of the account."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the accounts with a role that the reader manages, showing these roles only."""
        access = access_of(request.user)
        shown = managed_memberships(access).select_related("company").order_by("role", "company")
        shown = shown.annotate(
            is_limited=Exists(MembershipRisk._base_manager.filter(membership=OuterRef("pk")))
        )
        rows: QuerySet[Any] = visible_users(access).order_by(*self.ordering)
        return rows.prefetch_related(Prefetch("memberships", queryset=shown))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user manages the accesses of a company in scope."""
        return bool(companies_allowing(request, Action.ACCESS_MANAGE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Give roles to any account seen; its own fields follow `may_write`."""
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an account is closed, what it did stays signed."""
        return False

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Whether everything the account holds is under the user's administration."""
        if obj is None:
            return self.has_add_permission(request)
        return manages(access_of(request.user), obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the company, which an account has not."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "company"]

    @display(description="compte", ordering="name", header=True)
    def shown_name(self, obj: User) -> tuple[str, str]:
        """Show the name and the address."""
        return obj.name, obj.email

    @display(description="rôles")
    def shown_roles(self, obj: Any) -> str:
        """Show the roles by company."""
        return ", ".join(
            f"{held.get_role_display()} ({held.company.code if held.company else 'Groupe'}"
            f"{', certaines familles' if held.is_limited else ''})"
            for held in obj.memberships.all()
        )

    @display(description="type", ordering="is_service")
    def kind(self, obj: User) -> str:
        """Tell people from programs."""
        return "Compte de service" if obj.is_service else "Personne"

    @display(description="état", ordering="is_active", label=ACTIVE)
    def active(self, obj: User) -> tuple[bool, str]:
        """Show whether the account may sign in."""
        return obj.is_active, "Actif" if obj.is_active else "Fermé"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save under the name and role of the user, for the audit trigger."""
        with transaction(person(request)):
            obj.save()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Give and take roles through the services, which refuse what is above oneself."""
        actor = person(request)
        formset.save(commit=False)
        for membership in formset.deleted_objects:
            services.revoke_membership(actor=actor, membership=membership)
        risks = {row.instance: row.cleaned_data.get("risks", ()) for row in formset.extra_forms}
        for membership in formset.new_objects:
            services.grant_membership(
                actor=actor,
                user=form.instance,
                company_id=membership.company_id,
                role=Role(membership.role),
                risks=risks[membership],
            )

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Draw a person's first password and show it; a program has tokens."""
        if obj.is_service:
            return super().response_add(request, obj, post_url_continue)
        password = services.reset_password(actor=person(request), user=obj)
        return show_once(self, request, obj, title="Compte créé", secret=password)

    def has_manage_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the account is under the user's administration."""
        user = self.get_object(request, str(object_id)) if object_id else None
        return user is None or manages(access_of(request.user), user)

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the account is open, and under the user's administration."""
        return self._manages(request, object_id, is_active=True)

    def has_reopen_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the account is closed, and under the user's administration."""
        return self._manages(request, object_id, is_active=False)

    def _manages(self, request: HttpRequest, object_id: Any, *, is_active: bool) -> bool:
        user = self.get_object(request, str(object_id)) if object_id else None
        if user is None:
            return True
        return user.is_active is is_active and manages(access_of(request.user), user)

    @action(
        description="Nouveau mot de passe",
        icon="password",
        url_path="new-password",
        permissions=("manage",),
    )
    def draw_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then replace the password and show it once (POST)."""
        user = found(self, request, object_id)
        title = "Nouveau mot de passe"
        if request.method != "POST":
            question = (
                f"Tirer un nouveau mot de passe pour {user} ? "
                "L'ancien ne vaut plus et les sessions ouvertes cessent."
            )
            return ask(self, request, user, title=title, question=question)
        try:
            password = services.reset_password(actor=person(request), user=user)
        except DomainError as error:
            return refuse(request, error, address(user))
        return show_once(self, request, user, title=title, secret=password)

    @action(
        description="Fermer le compte",
        icon="block",
        url_path="close",
        permissions=("close",),
    )
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then forbid every sign-in and token of the account (POST)."""
        user = found(self, request, object_id)
        return step(
            self,
            request,
            user,
            title="Fermer le compte",
            question=f"Fermer le compte de {user} ? Il ne se connectera plus et ses jetons seront "
            "refusés.",
            done=f"Le compte de {user} est fermé.",
            run=lambda: services.close_account(actor=person(request), user=user),
        )

    @action(
        description="Rouvrir le compte",
        icon="lock_open",
        url_path="reopen",
        permissions=("reopen",),
    )
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then open the account again and show its new password once (POST)."""
        user = found(self, request, object_id)
        title = "Rouvrir le compte"
        if request.method != "POST":
            question = (
                f"Rouvrir le compte de {user} ? Il retrouve ses rôles. Ses anciens jetons ne valent "
                "plus ; une personne reçoit un nouveau mot de passe."
            )
            return ask(self, request, user, title=title, question=question)
        try:
            password = services.reopen_account(actor=person(request), user=user)
        except DomainError as error:
            return refuse(request, error, address(user))
        if password:
            return show_once(self, request, user, title="Compte rouvert", secret=password)
        messages.success(request, f"Le compte de {user} est rouvert.")
        return HttpResponseRedirect(address(user))
