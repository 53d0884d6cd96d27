"""Plans below a version, with their dates, parameters, options, surcharges and discounts."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from catalog.admin.frozen import FrozenStack, FrozenTable
from catalog.choices import BundleKind
from catalog.models import ProductPlan
from catalog.selectors.wording import extras_in_words, money, parameters_in_words
from winvest.core.admin.checked import CheckedModelForm
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY, rate_text
from winvest.core.admin.records import RecordsField
from winvest.core.domain.roles import Action
from winvest.core.selectors.wording import in_words

MAX_EXTRAS = 50
NAMED = {"code": "code", "name": "libellé"}
KINDS = (("amount", "Montant"), ("percent", "Pourcentage"))
PER = (("", "Par ligne"), ("unit", "Par unité"))
DUES = (("", "Comme la formule"), ("once", "Une fois"), ("recurring", "À chaque échéance"))


class ParametersField(RecordsField):
    """Named numbers, kept as an object."""

    def prepare_value(self, value: Any) -> Any:
        """Return a row for each parameter."""
        if not isinstance(value, Mapping):
            return value
        return [{"name": name, "value": number} for name, number in value.items()]

    def clean(self, value: Any) -> Any:
        """Return the object; a name typed twice is refused."""
        rows = super().clean(value)
        names = [row["name"] for row in rows]
        if len(set(names)) != len(names):
            raise ValidationError("Un nom figure deux fois.")
        return {row["name"]: row["value"] for row in rows}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the rows."""
        return super().has_changed(self.prepare_value(initial), data)


class PlanForm(CheckedModelForm):
    """A plan; what it adds to its price and takes off it is typed in rows."""

    parameters = ParametersField(
        label="Paramètres",
        parts={"name": "nom", "value": "valeur"},
        needed=("name", "value"),
        numbers=("value",),
        limit=40,
        help_text="Nombres que lit la formule d'un prix indexé, dont « base ».",
    )
    options = RecordsField(
        label="Options",
        parts={**NAMED, "amount": "montant", "per": "par", "due": "dû", "mandatory": "obligatoire"},
        needed=("code", "name", "amount"),
        numbers=("amount",),
        flags=("mandatory",),
        choices={"per": PER, "due": DUES},
        limit=MAX_EXTRAS,
    )
    surcharges = RecordsField(
        label="Surcharges",
        parts={**NAMED, "kind": "nature", "value": "valeur", "per": "par"},
        needed=("code", "name", "kind", "value"),
        numbers=("value",),
        choices={"kind": KINDS, "per": PER},
        limit=MAX_EXTRAS,
        help_text="Un pourcentage porte sur la base et les options.",
    )
    discounts = RecordsField(
        label="Remises",
        parts={**NAMED, "kind": "nature", "value": "valeur"},
        needed=("code", "name", "kind", "value"),
        numbers=("value",),
        choices={"kind": KINDS},
        limit=MAX_EXTRAS,
        help_text="Un pourcentage porte sur la base et les options.",
    )

    class Meta:
        model = ProductPlan
        exclude = ()


class PlanInline(FrozenStack):
    """Plans of the version."""

    model = ProductPlan
    form = PlanForm
    edit_action = Action.CATALOG_EDIT
    fields = (
        ("code", "name"),
        ("recurrence", "billing_cycle_days"),
        "valid_from",
        "valid_to",
        "position",
        ("bundle_kind", "bundle_value"),
        "bundle_tax_included",
        "options",
        "surcharges",
        "discounts",
        "parameters",
    )
    ordering = ("position", "code")


class PlanTable(FrozenTable):
    """The same plans where they may not be written."""

    model = ProductPlan
    edit_action = Action.CATALOG_EDIT
    fields = (
        *("code", "name", "shown_recurrence", "shown_period", "shown_bundle", "shown_options"),
        *("shown_surcharges", "shown_discounts", "shown_parameters"),
    )
    ordering = ("position", "code")

    @display(description="récurrence")
    def shown_recurrence(self, obj: ProductPlan) -> str:
        """Show how often the plan is due."""
        days = obj.billing_cycle_days
        return f"Tous les {days} jours" if days else obj.get_recurrence_display()

    @display(description="proposée")
    def shown_period(self, obj: ProductPlan) -> str:
        """Show the dates between which the plan is on offer."""
        if obj.valid_from is None and obj.valid_to is None:
            return "Toujours"
        return f"{in_words(None, obj.valid_from)} → {in_words(None, obj.valid_to)}"

    @display(description="bundle")
    def shown_bundle(self, obj: ProductPlan) -> str:
        """Show how the price of a bundle is made."""
        if not obj.bundle_kind or obj.bundle_value is None:
            return EMPTY
        percent = obj.bundle_kind == BundleKind.PERCENT
        currency = obj.company.currency
        value = rate_text(obj.bundle_value) if percent else money(obj.bundle_value, currency)
        return f"{obj.get_bundle_kind_display()} : {value}"

    @display(description="options")
    def shown_options(self, obj: ProductPlan) -> str:
        """Show the options in words."""
        return extras_in_words(obj.options, obj.company.currency)

    @display(description="surcharges")
    def shown_surcharges(self, obj: ProductPlan) -> str:
        """Show the surcharges in words."""
        return extras_in_words(obj.surcharges, obj.company.currency)

    @display(description="remises")
    def shown_discounts(self, obj: ProductPlan) -> str:
        """Show the discounts in words."""
        return extras_in_words(obj.discounts, obj.company.currency)

    @display(description="paramètres")
    def shown_parameters(self, obj: ProductPlan) -> str:
        """Show the parameters in words."""
        return parameters_in_words(obj.parameters)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the company, whose currency the amounts have."""
        return super().get_queryset(request).select_related("company")
