"""Beneficiaries of the commissions that a company pays (K-07)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from commissions.models import Beneficiary
from winvest.core.admin.display import display
from winvest.core.admin.formatting import company as company_label
from winvest.core.admin.formatting import number
from winvest.core.admin.history import HistoryAdmin
from winvest.core.admin.rights import companies_allowing
from winvest.core.domain.roles import Action
from winvest.core.models import User

ACTIVE = {True: "success", False: "neutral"}


class BeneficiaryAdmin(HistoryAdmin):
    """People and partners, with their auxiliary account."""

    view_action = Action.COMMISSION_VIEW
    edit_action = Action.COMMISSION_EDIT
    list_display = ("name", "split_key", "employment", "owner_label", "account", "active")
    list_filter = ("split_key", "employment", "company", "is_active")
    list_select_related = ("company",)
    search_fields = ("sort_label",)
    named_in_log = True
    search_codes = ("auxiliary_account",)
    autocomplete_fields = ("partner",)
    fieldsets = (
        (
            "Identité",
            {"fields": ("company", ("name", "split_key"), ("employment", "is_active"))},
        ),
        ("Rattachement", {"fields": (("user", "partner"),)}),
        ("Comptabilité", {"fields": (("auxiliary_account", "tax_code"),)}),
    )

    @display(description="société", ordering="company__code")
    def owner_label(self, obj: Beneficiary) -> Any:
        """Show the company with its colour."""
        return company_label(obj.company.code, obj.company.brand_name)

    @display(description="compte auxiliaire", ordering="auxiliary_account")
    def account(self, obj: Beneficiary) -> Any:
        """Show the account in tabular figures."""
        return number(obj.auxiliary_account)

    @display(description="état", ordering="is_active", label=ACTIVE)
    def active(self, obj: Beneficiary) -> tuple[bool, str]:
        """Show whether the beneficiary still receives anything."""
        return obj.is_active, "Actif" if obj.is_active else "Inactif"

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Offer the accounts of people who have a role where the user edits commissions."""
        if db_field.name == "user":
            companies = companies_allowing(request, Action.COMMISSION_EDIT)
            return User.objects.filter(memberships__company__in=companies).distinct()
        return super().choices_of(db_field, request)
