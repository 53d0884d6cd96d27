"""The boxes of step 3: a scheme, its tiers line by line, and the sales of the example (E.2.3-03)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from catalog.choices import Channel, TierMode
from catalog.domain.tiers import TierMode as PureMode
from catalog.models import ProductPlan, ProductVersion
from commissions.admin.scheme import HUNDRED, SHARES
from commissions.choices import (
    AppliesTo,
    Base,
    Basis,
    CountingScope,
    Direction,
    Settlement,
    ValueType,
)
from commissions.domain.scheme import Basis as PureBasis
from commissions.domain.scheme import Tier, tier_problems
from commissions.domain.scheme import ValueType as PureValue
from commissions.models import CommissionScheme
from winvest.backoffice.wizard.numbers import NumberField, number_box, unit_written
from winvest.backoffice.wizard.rows import NEEDED, Row

MAX_TIERS = 60
EMPTY_ROWS = 3
NO_TIER = "Donnez au moins un palier."
OTHER_UNIT = "« {text} » ne va pas avec un palier en {kind} : changez l'un ou l'autre."
KINDS = {ValueType.PERCENT.value: "pourcentage", ValueType.AMOUNT.value: "montant par vente"}
# The columns of the scheme that the page asks.
ASKED = (
    "name",
    "direction",
    "applies_to",
    "plan",
    "channel",
    "base",
    "tier_mode",
    "counting_scope",
    "settlement",
)
EXAMPLE = {"volume": "150", "month": "1"}


def _choice(label: str, choices: Any, initial: str = "", *, required: bool = True) -> Any:
    return forms.ChoiceField(label=label, choices=choices, initial=initial, required=required)


def _share(label: str) -> NumberField:
    return number_box(
        f"{label} (%)", units="percent", max_value=HUNDRED, max_digits=7, required=False
    )


class SchemeBox(Row):
    """A scheme: whom and what it is for, how it counts, and how it is shared."""

    direction = _choice("Sens", Direction.choices, Direction.OUTBOUND)
    applies_to = _choice("S'applique à", AppliesTo.choices, AppliesTo.BOTH)
    plan: Any = forms.ModelChoiceField(
        label="Formule", queryset=None, required=False, empty_label="Toutes les formules"
    )
    channel = _choice("Canal", [("", "Tous les canaux"), *Channel.choices], required=False)
    settlement = _choice("Règlement", Settlement.choices, Settlement.UPFRONT)
    name = forms.CharField(label="Libellé", max_length=120, required=False)
    basis = _choice("Paliers selon", Basis.choices, Basis.VOLUME)
    tier_mode = _choice("Mode des paliers", TierMode.choices, TierMode.SLAB)
    counting_scope = _choice("Volume compté", CountingScope.choices, CountingScope.BENEFICIARY)
    base = _choice("Assiette des pourcentages", Base.choices, Base.REVENUE_EXCL_TAX)
    share_company = _share("Société")
    share_commercial = _share("Commercial")
    share_manager = _share("Manager")
    share_partner = _share("Partenaire")
    share_platform = _share("Plateforme")
    example_volume = number_box("Ventes", required=False, initial=EXAMPLE["volume"])
    example_plan: Any = forms.ModelChoiceField(
        label="Formule vendue", queryset=None, required=False, empty_label="—"
    )
    example_base = number_box("Assiette, si ce n'est pas le prix", units="amount", required=False)
    example_month = forms.IntegerField(
        label="Mois depuis la vente", min_value=1, max_value=1200, required=False, initial=1
    )

    def __init__(self, *args: Any, version: ProductVersion, **options: Any) -> None:
        """Offer the plans of the version."""
        super().__init__(*args, **options)
        plans = ProductPlan.objects.filter(product_version=version).order_by("position", "code")
        for name in ("plan", "example_plan"):
            field: Any = self.fields[name]
            field.queryset = plans
        self.fields["example_plan"].initial = plans.first()

    def boxes(self, names: Iterable[str]) -> list[Any]:
        """Return some boxes, to be shown together."""
        return [self[name] for name in names]

    def scope(self) -> list[Any]:
        """Return the boxes of what it is for."""
        return self.boxes(("direction", "applies_to", "plan", "channel", "settlement", "name"))

    def count(self) -> list[Any]:
        """Return the boxes of how it counts."""
        return self.boxes(("basis", "tier_mode", "counting_scope", "base"))

    def shares(self) -> list[Any]:
        """Return the boxes of the split."""
        return self.boxes(SHARES)

    def example(self) -> list[Any]:
        """Return the boxes of the sales that the preview counts."""
        return self.boxes(("example_volume", "example_plan", "example_base", "example_month"))


class SchemeTierRow(Row):
    """A line: from how much, up to how much, a percentage or an amount per sale."""

    min = number_box("De", units="amount", required=False)
    max = number_box("À", units="amount", required=False)
    value = number_box("Commission", units="amount percent", max_digits=10, required=False)
    value_type = _choice("En", ValueType.choices, ValueType.PERCENT, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for what a tier needs, unless the whole line is empty."""
        given: dict[str, Any] = super().clean() or {}
        given["value_type"] = given.get("value_type") or ValueType.PERCENT.value
        if not self.is_blank():
            for name in ("min", "value"):
                if name not in self.errors and given.get(name) is None:
                    self.add_error(name, forms.ValidationError(NEEDED, "required"))
        unit = unit_written(self, "value")
        if unit and unit.value != given["value_type"]:
            told = OTHER_UNIT.format(text=self["value"].data, kind=KINDS[given["value_type"]])
            self.add_error("value", told)
        return given

    def is_blank(self) -> bool:
        """Whether nothing stands in the line."""
        given = getattr(self, "cleaned_data", {})
        return not self.errors and all(given.get(name) is None for name in ("min", "max", "value"))


SchemeTiers = forms.formset_factory(
    SchemeTierRow,
    extra=EMPTY_ROWS,
    max_num=MAX_TIERS,
    validate_max=True,
    absolute_max=MAX_TIERS + 1,
)


class SchemeGrid:
    """A scheme and its tiers: as they are typed, else as they are stored."""

    def __init__(
        self,
        version: ProductVersion,
        scheme: CommissionScheme | None,
        typed: Mapping[str, list[str]] | None = None,
    ) -> None:
        """Read what is typed, or what is stored."""
        self.scheme: Any
        self.tiers: Any
        if typed:
            boxes = MultiValueDict(dict(typed))
            self.scheme = SchemeBox(boxes, version=version)
            self.tiers = SchemeTiers(boxes, prefix="tiers")
        else:
            self.scheme = SchemeBox(initial=_stored(scheme), version=version)
            rows = sorted(scheme.tiers.all(), key=lambda one: one.min) if scheme else []
            names = ("min", "max", "value", "value_type")
            initial = [{name: _plain(getattr(one, name)) for name in names} for one in rows]
            self.tiers = SchemeTiers(initial=initial, prefix="tiers")

    def is_valid(self) -> bool:
        """Whether every box is right, and the tiers go together; errors stand in the boxes."""
        right = [self.scheme.is_valid(), self.tiers.is_valid()]
        self.rows = [
            form
            for form in self.tiers.forms
            if getattr(form, "cleaned_data", None) and not form.errors and not form.is_blank()
        ]
        self.rows.sort(key=lambda form: form.cleaned_data["min"])
        if all(right) and not self.rows:
            self.scheme.add_error("basis", NO_TIER)
        elif all(right):
            for reason in tier_problems(self.pure_tiers(), mode=self.mode()):
                self.tell_tier(reason.path, reason.message)
        return all(right) and not self.errors()

    def is_blank(self) -> bool:
        """Whether neither a tier nor a share is typed."""
        self.is_valid()
        given = getattr(self.scheme, "cleaned_data", {})
        shares = any(given.get(name) is not None or name in self.scheme.errors for name in SHARES)
        return not (shares or self.rows or any(form.errors for form in self.tiers.forms))

    def errors(self) -> bool:
        """Whether some box is refused."""
        return bool(self.scheme.errors) or any(form.errors for form in self.tiers.forms)

    def mode(self) -> PureMode:
        """Return how the tiers count."""
        return PureMode(self.scheme.cleaned_data["tier_mode"])

    def pure_tiers(self) -> list[Tier]:
        """Return the tiers as the rules read them."""
        return [
            Tier(
                basis=PureBasis(row["basis"]),
                min=row["min"],
                max=row["max"],
                value_type=PureValue(row["value_type"]),
                value=row["value"],
            )
            for row in self.tier_rows()
        ]

    def tier_rows(self) -> list[dict[str, Any]]:
        """Return the columns of the tiers, from the lowest."""
        basis = self.scheme.cleaned_data["basis"]
        names = ("min", "max", "value", "value_type")
        return [
            {"basis": basis, **{name: form.cleaned_data[name] for name in names}}
            for form in self.rows
        ]

    def columns(self) -> dict[str, Any]:
        """Return the columns of the scheme that the page asks."""
        given = self.scheme.cleaned_data
        found = {name: given[name] for name in ASKED}
        return found | {"channel": given["channel"] or None, "split": self.split()}

    def split(self) -> dict[str, Decimal]:
        """Return the shares that are typed, from 0 to 1."""
        given = getattr(self.scheme, "cleaned_data", {})
        shares = {key.value: given.get(name) for name, key in SHARES.items()}
        return {key: share / HUNDRED for key, share in shares.items() if share}

    def tell_tier(self, path: str, message: str) -> None:
        """Tell what is wrong beside its tier (`tiers.<rank>.<field>`), else beside the basis."""
        part, _, rest = path.partition(".")
        rank, _, name = rest.partition(".")
        if part == "tiers" and rank.isdigit() and int(rank) < len(self.rows):
            self.rows[int(rank)].add_error(name if name in ("min", "max") else "min", message)
        else:
            self.scheme.add_error("tier_mode" if part == "tier_mode" else "basis", message)


def _stored(scheme: CommissionScheme | None) -> dict[str, Any]:
    if scheme is None:
        return {}
    split = {name: scheme.split.get(key) for name, key in SHARES.items()}
    shares = {
        name: _plain(Decimal(share) * HUNDRED) for name, share in split.items() if share is not None
    }
    first = next(iter(scheme.tiers.all()), None)
    basis = {"basis": first.basis} if first is not None else {}
    return {name: getattr(scheme, name) for name in ASKED} | basis | shares


def _plain(value: Any) -> Any:
    """Return a number without useless zeros, anything else as it is."""
    return value.normalize() + 0 if isinstance(value, Decimal) else value
