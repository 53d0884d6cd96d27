"""Companies, brands and VAT rates (§2.1, 1-02, 1-03, P-08)."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.utils.html import format_html

from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.fields import ColorField, LogoField
from winvest.core.admin.formatting import EMPTY, logo_address, rate
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.notices import Notices
from winvest.core.admin.readable import ReadableInstead
from winvest.core.admin.records import (
    ADDRESS,
    CONTACT,
    addresses_field,
    contacts_field,
    records_or_dash,
)
from winvest.core.domain.identity import siren_warnings
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason
from winvest.core.models.company import Brand, Company
from winvest.core.models.vat import VatRate
from winvest.core.permissions import access_of
from winvest.core.services.access import sync_groups

DEFAULT_COLOR = "#2459d3"
ACTIVE = {True: "success", False: "neutral"}


COLORS = {"color": "principale", "secondary_color": "secondaire"}


class CompanyForm(CheckedModelForm):
    """A company, with its colours, logo, addresses and contacts as people write them."""

    color = ColorField(label="Couleur principale", initial=DEFAULT_COLOR)
    secondary_color = ColorField(label="Couleur secondaire", initial=DEFAULT_COLOR)
    logo = LogoField(label="Logo", help_text="PNG ou JPEG, 1 Mo au plus.")
    addresses = addresses_field()
    contacts = contacts_field()

    class Meta:
        model = Company
        exclude = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the colours out of the charter."""
        super().__init__(*args, **kwargs)
        for name in COLORS.keys() & self.fields.keys():
            if color := (self.instance.brand_theme or {}).get(name):
                self.initial[name] = color

    def clean(self) -> Any:
        """Write the colours into the charter."""
        chosen = {name: self.cleaned_data[name] for name in COLORS if name in self.cleaned_data}
        if chosen:
            self.instance.brand_theme = {**(self.instance.brand_theme or {}), **chosen}
        return super().clean()


class CompanyAdmin(Notices, ReadableInstead, HistoryAdmin):
    """Companies of the group: the group's administrators write, Compta its own parameters."""

    form = CompanyForm
    is_short = True
    view_action = Action.CATALOG_VIEW
    edit_action = Action.COMPANY_EDIT
    history_action = Action.CATALOG_VIEW_ALL
    field_actions: ClassVar[dict[str, Action]] = {
        "vat_regime": Action.ACCOUNTING_SETTINGS,
        "account_length": Action.ACCOUNTING_SETTINGS,
        "ics_code": Action.ACCOUNTING_SETTINGS,
    }
    readable: ClassVar[dict[str, str | None]] = {
        "color": "shown_colors",
        "secondary_color": None,
        "logo": None,
        "addresses": "shown_addresses",
        "contacts": "shown_contacts",
    }
    list_display = ("name", "siren", "currency", "vat_regime", "active")
    list_filter = ("is_active",)
    search_fields = ("legal_name", "brand_name")
    named_in_log = True
    search_codes = ("code", "siren")
    readonly_fields = (
        *("shown_colors", "shown_logo", "shown_addresses", "shown_contacts"),
        *("created_at", "updated_at"),
    )
    fieldsets = (
        (
            "Identité",
            {
                "fields": (
                    ("code", "brand_name"),
                    "legal_name",
                    ("siren", "siret_default"),
                    ("vat_number", "country"),
                    "is_active",
                )
            },
        ),
        ("Charte", {"fields": (("color", "secondary_color"), "shown_logo", "logo")}),
        ("Adresses et contacts", {"fields": ("addresses", "contacts")}),
        (
            "Comptabilité",
            {
                "fields": (
                    ("currency", "timezone"),
                    ("vat_regime", "account_length"),
                    "ics_code",
                )
            },
        ),
        ("Suivi", {"fields": (("created_at", "updated_at"),)}),
    )

    @display(description="société", ordering="code", header=True)
    def name(self, obj: Company) -> tuple[Any, str]:
        """Show the company with its colour."""
        return company_label(obj.code, obj.brand_name), obj.legal_name

    @display(description="état", label=ACTIVE)
    def active(self, obj: Company) -> tuple[bool, str]:
        """Show whether the company works."""
        return obj.is_active, "Active" if obj.is_active else "Fermée"

    @display(description="couleurs")
    def shown_colors(self, obj: Company) -> Any:
        """Show the colours where they may not be written."""
        theme = obj.brand_theme or {}
        known = [f"{label} {theme[name]}" for name, label in COLORS.items() if name in theme]
        return ", ".join(known) or EMPTY

    @display(description="logo actuel")
    def shown_logo(self, obj: Company) -> Any:
        """Show the logo."""
        if not obj.logo:
            return EMPTY
        return format_html(
            '<img class="company-logo-large" src="{}" alt="Logo de {}">',
            logo_address(obj),
            obj.brand_name,
        )

    @display(description="adresses")
    def shown_addresses(self, obj: Company) -> str:
        """Show the addresses where they may not be written."""
        return records_or_dash(obj.addresses, ADDRESS)

    @display(description="contacts")
    def shown_contacts(self, obj: Company) -> str:
        """Show the contacts where they may not be written."""
        return records_or_dash(obj.contacts, CONTACT)

    def owner(self, obj: Company) -> UUID:
        """Return the company itself."""
        return obj.pk

    def notices(self, request: HttpRequest, obj: Any) -> list[Reason]:
        """Return the warning of the SIREN's key (M-11)."""
        return siren_warnings(obj.siren)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the code of an existing company, which file names and groups carry."""
        fixed = [name for name in super().get_readonly_fields(request, obj) if name != "company"]
        return [*fixed, "code"] if obj else fixed

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user administers the group."""
        return access_of(request.user).allowed(Action.COMPANY_EDIT, None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a company closes, its entries stay."""
        return False

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Open every field of a new company to the group's administrators."""
        if obj is None:
            return self.has_add_permission(request)
        return super().may_write(request, field, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save, and give a new company its groups of rights: it works at once (1-02)."""
        super().save_model(request, obj, form, change)
        if not change:
            sync_groups(obj)


class BrandAdmin(HistoryAdmin):
    """Brands of a company."""

    is_short = True
    view_action = Action.CATALOG_VIEW_ALL
    edit_action = Action.COMPANY_EDIT
    list_display = ("name", "owner_label")
    list_filter = ("company",)
    list_select_related = ("company",)
    search_fields = ("name",)
    named_in_log = True
    fieldsets = ((None, {"fields": ("company", "name")}),)

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Brand) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)


class VatRateAdmin(HistoryAdmin):
    """VAT rates, one line for each period; a correction counts for every date, and is logged."""

    is_short = True
    view_action = Action.CATALOG_VIEW
    edit_action = Action.ACCOUNTING_SETTINGS
    list_display = ("code", "label", "country", "shown_rate", "valid_from", "valid_to")
    list_filter = ("country",)
    search_fields = ("label",)
    named_in_log = True
    search_codes = ("code",)
    fieldsets = (
        (None, {"fields": (("code", "country"), "label", "rate", ("valid_from", "valid_to"))}),
    )

    @display(description="taux", ordering="rate")
    def shown_rate(self, obj: VatRate) -> Any:
        """Show the rate in percent."""
        return rate(obj.rate)

    def owner(self, obj: VatRate) -> None:
        """Belong to the group."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user sets the accounting of the whole group."""
        return access_of(request.user).allowed(Action.ACCOUNTING_SETTINGS, None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: prices and entries name the code; a rate ends at a date."""
        return False

    def may_write(self, request: HttpRequest, field: str, obj: Any = None) -> bool:
        """Ask the right of the group."""
        return self.has_add_permission(request)
