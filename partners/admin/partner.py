"""Partners and their activation by company (§2.1; readings M-01, M-16)."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from unfold.widgets import UnfoldBooleanWidget

from partners.admin.credential import ENVS, STATE_LABELS, STATES, state_of
from partners.admin.iban import IbanButtons, pending_change
from partners.admin.resources import PartnerResource
from partners.choices import CredentialEnv, IbanChangeState, PartnerStatus
from partners.domain.twins import partner_warnings
from partners.models import Partner, PartnerActivation, PartnerCredential, PartnerIbanChange
from partners.selectors.needs import closed_api
from partners.selectors.partners import similar_partners
from partners.services.extranet import write_extranet
from winvest.core.admin.base import OwnedFormSet, OwnedTabularInline
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.confirm import address
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin, HistoryPart
from winvest.core.admin.import_pages import RowFilesMixin
from winvest.core.admin.notices import TypedNotices, about_box, linked
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.records import ADDRESS, RecordsField, addresses_field, records_or_dash
from winvest.core.admin.rights import companies_allowing
from winvest.core.domain.roles import Action
from winvest.core.errors import Problem, Reason
from winvest.core.models.company import Company
from winvest.core.permissions import access_of

STATUSES = {
    PartnerStatus.ACTIVE: "success",
    PartnerStatus.INACTIVE: "neutral",
    PartnerStatus.TEST: "warning",
}
CHANGES = {
    IbanChangeState.PENDING: "warning",
    IbanChangeState.APPLIED: "success",
    IbanChangeState.REFUSED: "neutral",
}
EXTRANET_PARTS = {
    "label": "extranet",
    "url": "adresse",
    "login": "identifiant",
    "code": "code",
}


# Lines of the form that only those read who read the whole catalogue, as by the API.
CLOSED = {"iban_masked", "bic", "payment_terms", "shown_extranet"}


def told(line: str | tuple[str, ...]) -> bool:
    """Whether a line of the form is told to those who only sell."""
    return CLOSED.isdisjoint([line] if isinstance(line, str) else line)


class PartnerNotice(Problem):
    """What the page of a partner recalls."""

    IBAN_PENDING = (
        "partner.iban_pending",
        "L'IBAN {iban}, proposé par {person}, attend d'être confirmé par une autre personne.",
    )


class PartnerForm(CheckedModelForm):
    """A partner, with its addresses and extranet codes in rows."""

    addresses = addresses_field()
    extranet = RecordsField(
        label="Nouveaux codes",
        parts=EXTRANET_PARTS,
        needed="code",
        help_text="Chiffrés et jamais remontrés. Ce qui est saisi remplace tous les codes du "
        "partenaire ; sans saisie, ils restent.",
    )
    drop_extranet = forms.BooleanField(
        label="Effacer les codes extranet", required=False, widget=UnfoldBooleanWidget
    )

    class Meta:
        model = Partner
        exclude = ()

    def clean(self) -> Any:
        """Seal the extranet codes that were typed, or drop the old ones; none is ever shown."""
        cleaned = super().clean()
        codes, drop = (self.cleaned_data.get(name) for name in ("extranet", "drop_extranet"))
        if codes and drop:
            self.add_error("drop_extranet", "Effacer ou remplacer : il faut choisir.")
        elif codes or drop:
            try:
                write_extranet(self.instance, codes)
            except ValidationError as error:
                field: Any = self.fields["extranet"]
                self.add_error("extranet", [field.worded(one) for one in error.error_list])
        return cleaned


class ActivationFormSet(OwnedFormSet):
    """Activations: those of companies where the user edits no partner are shown, not written."""

    allowed: ClassVar[frozenset[UUID]] = frozenset()

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        if form.instance.company_id in self.allowed or form.instance._state.adding:
            return form
        form.fields["company"].queryset = Company.objects.filter(pk=form.instance.company_id)
        for field in form.fields.values():
            field.disabled = True
        return form


class ActivationInline(OwnedTabularInline):
    """Companies for which the partner is open; each is written by who edits its partners."""

    model = PartnerActivation
    formset = ActivationFormSet
    view_action = Action.CATALOG_VIEW
    edit_action = Action.PARTNER_EDIT
    fields = ("company", "status", "activated_at")
    ordering = ("company__code",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Tell the rows which companies are the user's to write."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.allowed = companies_allowing(request, self.edit_action)
        return formset


class ShownInline(OwnedTabularInline):
    """Rows below the partner that only show, to whoever may read them by the API too."""

    edit_action = None
    max_num = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return every field."""
        return self.fields


class CredentialInline(ShownInline):
    """Credentials of the partner's API, masked."""

    view_action = Action.PARTNER_CREDENTIALS
    model = PartnerCredential
    fields = ("shown_env", "auth_type", "masked", "shown_state", "valid_from", "valid_to")
    ordering = ("-valid_from", "-id")

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
        """Show whether it opens."""
        state = state_of(obj)
        return state, STATE_LABELS[state]


class IbanChangeInline(ShownInline):
    """Changes of IBAN, masked, with who proposed and who decided."""

    view_action = Action.PARTNER_IBAN
    model = PartnerIbanChange
    fields = ("iban_masked", "bic", "shown_state", "proposed_by", "decided_by", "decided_at")
    ordering = ("-created_at", "-id")

    @display(description="état", label=CHANGES)
    def shown_state(self, obj: PartnerIbanChange) -> tuple[str, str]:
        """Show the state with its colour."""
        return obj.state, obj.get_state_display()


class PartnerAdmin(RowFilesMixin, TypedNotices, IbanButtons, ReadableInstead, HistoryAdmin):
    """Insurers, providers and marketplaces, managed by one company, opened to others."""

    row_resource = PartnerResource
    form = PartnerForm
    view_action = Action.CATALOG_VIEW
    history_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.PARTNER_EDIT
    field_actions: ClassVar[dict[str, Action]] = {
        "bic": Action.PARTNER_IBAN,
        "extranet": Action.PARTNER_CREDENTIALS,
        "drop_extranet": Action.PARTNER_CREDENTIALS,
    }
    readable: ClassVar[dict[str, str | None]] = {
        "addresses": "shown_addresses",
        "extranet": None,
        "drop_extranet": None,
    }
    typed_url = "admin:partners_partner_twins"
    typed_boxes = ("name", "siren")
    list_display = ("shown_name", "type", "owner_label", "export_label", "shown_status")
    list_filter = ("type", "status", "company")
    list_select_related = ("company",)
    list_columns = (
        *("name", "legal_name", "type", "export_label", "status", "siren", "sort_label"),
        *("company__code", "company__brand_name"),
    )
    ordering = ("sort_label", "id")
    search_fields = ("sort_label", "legal_name")
    named_in_log = True
    search_codes = ("siren",)
    readonly_fields = ("iban_masked", "shown_addresses", "shown_extranet")
    inlines = (ActivationInline, CredentialInline, IbanChangeInline)
    history_parts = (
        HistoryPart(PartnerActivation, "partner", lambda state: state.company.brand_name),
        HistoryPart(
            PartnerCredential,
            "partner",
            lambda state: CredentialEnv(state.env).label.lower(),
            Action.PARTNER_CREDENTIALS,
        ),
    )
    actions_detail = ("propose_iban", "confirm_iban", "drop_iban")
    fieldsets = (
        ("Identité", {"fields": ("company", ("name", "legal_name"), ("type", "siren"), "status")}),
        ("Adresses", {"fields": ("addresses",)}),
        (
            "Comptabilité et règlement",
            {
                "fields": (
                    ("export_label", "is_insurance"),
                    ("iban_masked", "bic"),
                    "payment_terms",
                )
            },
        ),
        (
            "Engagements de service (SLA)",
            {
                "fields": (
                    "sla_availability",
                    ("sla_response_hours", "sla_resolution_hours"),
                    "sla_notes",
                )
            },
        ),
        ("Extranet", {"fields": ("shown_extranet", "extranet", "drop_extranet")}),
    )

    def get_urls(self) -> list[Any]:
        """Add the warnings that come while one types."""
        twins = path(
            "twins/", self.admin_site.admin_view(self.twins), name="partners_partner_twins"
        )
        return [twins, *super().get_urls()]

    def twins(self, request: HttpRequest) -> HttpResponse:
        """Return the warnings about the name and the SIREN that are being typed (E.3-01)."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        given = {name: str(text).replace("\x00", "") for name, text in request.GET.items()}
        typed = Partner(name=given.get("name", "")[:160], siren=given.get("siren", "")[:9] or None)
        typed.pk = _uuid(given.get("but", "")) or typed.pk
        notices = self.twin_notices(typed) if typed.name or typed.siren else []
        shown = {"notices": about_box(request, notices)}
        return TemplateResponse(request, "admin/_notices.html", shown)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out how the partner is paid and opened, for those who only sell."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.reads(request, Action.CATALOG_VIEW_ALL, obj):
            return fieldsets
        shown = [
            (title, {**options, "fields": [line for line in options["fields"] if told(line)]})
            for title, options in fieldsets
        ]
        return [group for group in shown if group[1]["fields"]]

    def twin_notices(self, obj: Partner) -> list[Reason]:
        """Return the warnings about the SIREN's key and the partners alike, of those in scope."""
        twins = similar_partners(name=obj.name, siren=obj.siren, but=obj.pk)
        alike = [(twin.name, twin.company.code, twin.siren) for twin in twins]
        return linked(partner_warnings(obj.siren, alike), [address(twin) for twin in twins])

    def notices(self, request: HttpRequest, obj: Any) -> list[Reason]:
        """Add the API that nothing opens, and the change of IBAN that waits."""
        notices = self.twin_notices(obj)
        if self.reads(request, Action.CATALOG_VIEW_ALL, obj):
            notices += closed_api(obj.pk)
        reads = access_of(request.user).allowed(Action.PARTNER_IBAN, obj.company_id)
        if reads and (change := pending_change(obj)):
            problem = PartnerNotice.IBAN_PENDING
            message = problem.message.format(iban=change.iban_masked, person=change.proposed_by)
            notices.append(Reason(problem.value, message))
        return notices

    def why_kept(self, obj: Partner) -> str:
        """Keep the evidence of who was paid and what was opened (M-18)."""
        ended = obj.credentials.filter(valid_to__isnull=False)
        if obj.iban_changes.exists() or ended.exists():
            return "Ce partenaire a un historique d'IBAN ou d'accès : désactivez-le."
        return ""

    @display(description="partenaire", ordering="sort_label", header=True)
    def shown_name(self, obj: Partner) -> tuple[str, str]:
        """Show the name and the legal one."""
        return obj.name, obj.legal_name

    @display(description="société gestionnaire", ordering="company__code")
    def owner_label(self, obj: Partner) -> Any:
        """Show the managing company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="statut", ordering="status", label=STATUSES)
    def shown_status(self, obj: Partner) -> tuple[str, str]:
        """Show the status with its colour."""
        return obj.status, obj.get_status_display()

    @display(description="adresses")
    def shown_addresses(self, obj: Partner) -> str:
        """Show the addresses where they may not be written."""
        return records_or_dash(obj.addresses, ADDRESS)

    @display(description="codes enregistrés")
    def shown_extranet(self, obj: Partner) -> str:
        """Show that there are codes; nobody reads them here."""
        return "•••• (chiffrés)" if obj.extranet_codes else EMPTY

    def owner(self, obj: Any) -> UUID:
        """Return the managing company of a partner."""
        company: UUID = obj.company_id
        return company


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
