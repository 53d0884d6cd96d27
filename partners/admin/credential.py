"""Credentials of the partners' APIs: added, renewed, ended; a secret typed is never shown again."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from partners.choices import AuthType, CredentialEnv
from partners.models import PartnerCredential
from partners.selectors.needs import needed_credential
from partners.services.credentials import (
    add_credential,
    check_credentials,
    end_credential,
    rotate_credential,
)
from winvest.core.admin.asking import form_step
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import found, step
from winvest.core.admin.display import action, display
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import companies_allowing, person
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.permissions import access_of

# The boxes of each kind of credential.
PARTS: dict[str, tuple[str, ...]] = {
    AuthType.API_KEY: ("api_key", "header"),
    AuthType.OAUTH2: ("client_id", "client_secret", "token_url", "scope"),
    AuthType.BASIC: ("username", "password"),
}
STATES = {"open": "success", "due": "warning", "overlap": "info", "ended": "neutral"}
STATE_LABELS = {
    "open": "En service",
    "due": "À renouveler",
    "overlap": "En recouvrement",
    "ended": "Terminé",
}
ENVS = {CredentialEnv.SANDBOX: "info", CredentialEnv.PRODUCTION: "primary"}


def text_box(label: str) -> forms.CharField:
    """Return the box of a part that is no secret."""
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=False, widget=widget)


def secret_box(label: str) -> forms.CharField:
    """Return the box of a secret: it comes back empty, and the browser puts nothing of its own."""
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, required=False, widget=widget)


class CredentialParts(forms.Form):
    """The boxes of every kind of credential."""

    api_key = secret_box("Clé d'API")
    header = text_box("En-tête HTTP (X-Api-Key à défaut)")
    client_id = text_box("Identifiant client")
    client_secret = secret_box("Secret client")
    token_url = text_box("Adresse des jetons (https)")
    scope = text_box("Portée")
    username = text_box("Identifiant")
    password = secret_box("Mot de passe")

    def typed(self) -> dict[str, str]:
        """Return the filled boxes of the chosen kind; one of another kind is an error."""
        kind = self.cleaned_data.get("auth_type", "")
        filled = {name for names in PARTS.values() for name in names if self.cleaned_data.get(name)}
        for name in filled.difference(PARTS.get(kind, ())):
            self.add_error(name, "Ce champ ne va pas avec le mode d'authentification choisi.")
        return {name: self.cleaned_data[name] for name in PARTS.get(kind, ()) if name in filled}

    def clean(self) -> Any:
        """Check what was typed by the JSON Schema of its kind, without repeating it."""
        cleaned = super().clean()
        if self.cleaned_data.get("auth_type"):
            try:
                check_credentials(self.cleaned_data["auth_type"], self.typed())
            except ValidationError as error:
                self.add_error(None, error.error_dict["credentials"])
        return cleaned


class CredentialForm(CredentialParts, CheckedModelForm):
    """A new credential: what is typed goes to the service that seals it."""

    class Meta:
        model = PartnerCredential
        fields = ("partner", "env", "auth_type")

    def clean(self) -> Any:
        """Give the credential the company of its partner."""
        if partner := self.cleaned_data.get("partner"):
            self.instance.company_id = partner.company_id
        return super().clean()

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "credentials"}


class RotationForm(CredentialParts):
    """What takes the place of a credential, and until when the old one still opens."""

    auth_type = forms.ChoiceField(
        label="Authentification", choices=AuthType.choices, widget=UnfoldAdminSelectWidget()
    )
    overlap_hours = forms.IntegerField(
        label="Recouvrement (heures)",
        min_value=0,
        max_value=24 * 30,
        initial=0,
        help_text="L'ancien accès reste utilisable pendant ce temps.",
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    field_order = ("auth_type", *CredentialParts.base_fields, "overlap_hours")


def state_of(credential: PartnerCredential) -> str:
    """Return the code of the credential's state."""
    if credential.valid_to is not None:
        return "overlap" if credential.valid_to > now() else "ended"
    return "due" if credential.is_due else "open"


class PartnerCredentialAdmin(HistoryAdmin):
    """Credentials by partner and environment: added, then renewed or ended by a button."""

    form = CredentialForm
    view_action = Action.PARTNER_CREDENTIALS
    edit_action = Action.PARTNER_CREDENTIALS
    list_display = (
        *("shown_name", "shown_env", "auth_type", "masked", "shown_state"),
        *("valid_from", "valid_to"),
    )
    list_filter = ("env", "auth_type")
    list_select_related = ("partner",)
    search_fields = ("partner__sort_label",)
    ordering = ("-valid_from", "-id")
    autocomplete_fields = ("partner",)
    readonly_fields = ("masked", "shown_state", "rotated_by", "valid_from", "valid_to")
    actions_detail = ("rotate", "end")
    fieldsets = (
        (
            "Accès",
            {
                "fields": (
                    ("partner", "env"),
                    ("auth_type", "masked"),
                    ("shown_state", "rotated_by"),
                    ("valid_from", "valid_to"),
                )
            },
        ),
    )
    add_fieldsets = (
        ("Accès", {"fields": ("partner", ("env", "auth_type"))}),
        ("Clé d'API", {"classes": ("auth-api_key",), "fields": PARTS["api_key"]}),
        ("OAuth 2", {"classes": ("auth-oauth2",), "fields": PARTS["oauth2"]}),
        ("Identifiant et mot de passe", {"classes": ("auth-basic",), "fields": PARTS["basic"]}),
    )

    @display(description="partenaire", header=True)
    def shown_name(self, obj: PartnerCredential) -> tuple[str, str]:
        """Show the partner."""
        return obj.partner.name, obj.partner.legal_name

    @display(description="environnement", label=ENVS)
    def shown_env(self, obj: PartnerCredential) -> tuple[str, str]:
        """Show the environment with its colour."""
        return obj.env, obj.get_env_display()

    @display(description="secret")
    def masked(self, obj: PartnerCredential) -> str:
        """Show what may be shown of the secret."""
        return obj.masked

    @display(description="état", label=STATES)
    def shown_state(self, obj: PartnerCredential) -> tuple[str, str]:
        """Show whether it opens, and whether the 90 days of G.2 are over."""
        state = state_of(obj)
        return state, STATE_LABELS[state]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the secret of a new one only."""
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a credential is renewed or ended."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it stays, dated (A.1.1)."""
        return False

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the partners of the companies where the user keeps the credentials."""
        rows = super().choices_of(db_field, request)
        if db_field.name == "partner":
            return rows.filter(company__in=companies_allowing(request, self.edit_action))
        return rows

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Add the credential by its service."""
        row = add_credential(
            actor=person(request),
            partner=obj.partner,
            env=obj.env,
            auth_type=obj.auth_type,
            credentials=form.typed(),
        )
        obj.pk = row.pk

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to renew or end what is open."""
        credential = self.get_object(request, str(object_id))
        if credential is None or credential.valid_to is not None:
            return []
        return super().get_actions_detail(request, object_id)  # type: ignore[no-any-return]

    @action(description="Renouveler", icon="autorenew", url_path="rotate")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the new secret (GET), then put it in the place of the old one (POST)."""
        credential = self._kept(request, object_id)
        return form_step(
            self,
            request,
            credential,
            title="Renouveler",
            text=f"Nouvel accès à la place de « {credential} » ({credential.masked}).",
            done="Accès renouvelé ; l'ancien reste au registre, daté.",
            form=RotationForm,
            run=lambda data: rotate_credential(
                actor=person(request),
                credential=credential,
                auth_type=data["auth_type"],
                credentials={name: data[name] for name in PARTS[data["auth_type"]] if data[name]},
                overlap_until=now() + timedelta(hours=data["overlap_hours"])
                if data["overlap_hours"]
                else None,
            ),
        )

    @action(description="Mettre fin", icon="block", url_path="end")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask (GET), then end the credential at once (POST)."""
        credential = self._kept(request, object_id)
        told = " ".join(notice.message for notice in needed_credential(credential))
        return step(
            self,
            request,
            credential,
            title="Mettre fin",
            question=f"Mettre fin à l'accès « {credential} » ({credential.masked}) ? {told}".strip(),
            done=f"L'accès n'est plus en service. {told}".strip(),
            run=lambda: end_credential(actor=person(request), credential=credential),
        )

    def _kept(self, request: HttpRequest, object_id: str) -> PartnerCredential:
        credential: PartnerCredential = found(self, request, object_id)
        if not access_of(request.user).allowed(self.edit_action, credential.company_id):
            raise PermissionDenied
        return credential
