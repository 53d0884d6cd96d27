"""The two tables of step 2: a line for each plan, and the tiers of those that have some (E.2.3-02).

What is read here is what is written (`pricing`) and what is shown while one types (`preview`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from catalog.choices import PricingType, Recurrence, TierBase, TierMode
from catalog.domain.tiers import TierProblem, problems_of
from catalog.models import PricingRule, ProductPlan, ProductVersion
from catalog.models.pricing import rates_at_effect
from winvest.core.selectors.wording import percentage

MAX_ROWS = 100
MAX_TIERS = 300
EMPTY_ROWS = 3
FIXED = PricingType.FIXED.value
METHODS = [
    (FIXED, "Prix par unité"),
    (TierMode.SLAB.value, "Palier atteint"),
    (TierMode.PROGRESSIVE.value, "Par tranche"),
]
NEEDED = "Ce champ est obligatoire."
NO_TIER = "Donnez ses paliers dans le tableau ci-dessous."
NO_PLAN = "Aucune formule n'a ce code."
# Beside which box of its line a tier is told wrong.
TIER_PLACES = {
    TierProblem.START.value: "min",
    TierProblem.JOIN.value: "min",
    TierProblem.ORDER.value: "max",
    TierProblem.LAST.value: "max",
    TierProblem.BASE.value: "base",
}


def number_box(label: str, **options: Any) -> forms.DecimalField:
    """Return a box for an amount or a bound, typed with a comma, never negative."""
    box = forms.DecimalField(
        label=label, min_value=Decimal(0), max_digits=18, decimal_places=4, localize=True, **options
    )
    box.widget.attrs["inputmode"] = "decimal"
    return box


class Row(forms.Form):
    """A line of a small table: each box is named by the head of its column."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Dress the boxes."""
        super().__init__(*args, **options)
        self.dress()

    def dress(self) -> None:
        """Name each box, and draw it as those of a table are."""
        for name, one in self.fields.items():
            one.widget.attrs |= {"class": "plain-input", "aria-label": one.label or name}


class PlanRow(Row):
    """A line: a plan and what it costs for one unit, or by tiers."""

    plan = forms.UUIDField(required=False, widget=forms.HiddenInput())
    code = forms.CharField(label="Code", max_length=60)
    name = forms.CharField(label="Nom", max_length=120)
    recurrence = forms.ChoiceField(
        label="Récurrence", choices=Recurrence.choices, initial=Recurrence.MONTHLY
    )
    amount = number_box("Prix", required=False)
    tax_code = forms.ChoiceField(label="TVA")
    tax_included = forms.BooleanField(label="TTC", required=False, initial=True)
    method = forms.ChoiceField(label="Calcul", choices=METHODS, initial=FIXED, required=False)

    def __init__(self, *args: Any, codes: list[tuple[str, str]], **options: Any) -> None:
        """Offer the VAT codes that have a rate when the version takes effect."""
        super().__init__(*args, **options)
        field: Any = self.fields["tax_code"]
        field.choices = codes
        # As the browser sends it of a line that nobody touched.
        field.initial = codes[0][0] if codes else None

    def clean(self) -> dict[str, Any]:
        """Ask for the price of a unit where there are no tiers."""
        given: dict[str, Any] = super().clean() or {}
        given["method"] = given.get("method") or FIXED
        if given["method"] != FIXED:
            given["amount"] = None
        elif "amount" not in self.errors and given.get("amount") is None:
            self.add_error("amount", forms.ValidationError(NEEDED, "required"))
        return given

    def full_clean(self) -> None:
        """Take out a line that somebody has emptied, as if he had ticked « Retirer »."""
        super().full_clean()
        texts = [self.data.get(self.add_prefix(name), "") for name in ("code", "name", "amount")]
        if self.is_bound and self.has_changed() and not any(text.strip() for text in texts):
            self._errors = ErrorDict()
            self.cleaned_data["DELETE"] = True


class TierRow(Row):
    """A line: from how much, up to how much, what a tier of a plan costs. An empty line is none."""

    plan = forms.CharField(label="Formule", max_length=60, required=False)
    min = number_box("De", required=False)
    max = number_box("À", required=False)
    amount = number_box("Montant", required=False)
    base = forms.ChoiceField(label="Le montant est", choices=TierBase.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for what a tier needs, unless the whole line is empty."""
        given: dict[str, Any] = super().clean() or {}
        if not self.is_blank():
            for name in ("plan", "min", "amount"):
                if name not in self.errors and given.get(name) in (None, ""):
                    self.add_error(name, forms.ValidationError(NEEDED, "required"))
        return given

    def is_blank(self) -> bool:
        """Whether nothing stands in the line."""
        given = getattr(self, "cleaned_data", {})
        names = ("plan", "min", "max", "amount")
        return not self.errors and all(given.get(name) in (None, "") for name in names)


class NamedRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Lines that are taken out by a box named like the others."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Retirer"
            form.fields["DELETE"].widget.attrs["aria-label"] = "Retirer"


PlanRows = forms.formset_factory(
    PlanRow,
    formset=NamedRows,
    extra=EMPTY_ROWS,
    can_delete=True,
    max_num=MAX_ROWS,
    validate_max=True,
)
TierRows = forms.formset_factory(
    TierRow, extra=EMPTY_ROWS, max_num=MAX_TIERS, validate_max=True, absolute_max=MAX_TIERS + 1
)


@dataclass(frozen=True, slots=True)
class TypedPrice:
    """What a line of the first table says, its tiers included; `payload` None: something is wrong."""

    form: Any
    type: str
    tier_mode: str | None
    payload: Any


class PriceGrid:
    """Both tables of a version: as they are typed, else the plans that they can hold."""

    def __init__(
        self, version: ProductVersion, typed: Mapping[str, list[str]] | None = None
    ) -> None:
        """Read what is typed, or what is stored."""
        rates = list(rates_at_effect(version).order_by("-rate"))
        self.rates = {rate.code: rate.rate for rate in rates}
        # By its number first, as people call a rate and as spreadsheets hold it.
        named = [(rate.code, f"{percentage(rate.rate)} · {rate.label}") for rate in rates]
        codes = {"codes": named}
        self.plans: Any
        self.tiers: Any
        self.stored = list(simple_plans(version))
        if typed:
            boxes = MultiValueDict(dict(typed))
            # A page of before there were tiers in the table has none of theirs.
            if "tiers-TOTAL_FORMS" not in typed:
                boxes.setlist("tiers-TOTAL_FORMS", ["0"])
                boxes.setlist("tiers-INITIAL_FORMS", ["0"])
            self.plans = PlanRows(boxes, form_kwargs=codes, prefix="plans")
            self.tiers = TierRows(boxes, prefix="tiers")
            return
        self.plans = PlanRows(
            initial=[_plan(plan, rule) for plan, rule in self.stored],
            form_kwargs=codes,
            prefix="plans",
        )
        tiers = [one for plan, rule in self.stored for one in _tiers(plan, rule)]
        self.tiers = TierRows(initial=tiers, prefix="tiers")

    def is_valid(self) -> bool:
        """Whether every line is right, and the tiers go with their plans; errors stand in the boxes."""
        lines = [self.plans.is_valid(), self.tiers.is_valid()]
        self.prices = list(self._prices())
        kept = [form for form in self.plans.forms if not goes(form)]
        # The tiers of a plan that goes, or has a single price again, go too.
        known = {_key(form) for form in self.plans.forms if getattr(form, "cleaned_data", None)}
        gone = {str(form.cleaned_data.get("plan")) for form in self.plans.forms if goes(form)}
        known |= {plan.code.lower() for plan, _ in self.stored if str(plan.pk) in gone}
        for form in self.tiers.forms:
            code = getattr(form, "cleaned_data", {}).get("plan")
            if code and code.lower() not in known:
                form.add_error("plan", NO_PLAN)
        return all(lines) and not any(form.errors for form in (*kept, *self.tiers.forms))

    def is_blank(self) -> bool:
        """Whether nothing stands in either table, and none of its lines is taken out."""
        return not any(form.has_changed() for form in (*self.plans.forms, *self.tiers.forms))

    def _prices(self) -> Iterator[TypedPrice]:
        for form in self.plans.forms:
            if not getattr(form, "cleaned_data", None) or goes(form):
                continue
            method = form.cleaned_data["method"]
            if method == FIXED:
                amount = form.cleaned_data.get("amount")
                yield TypedPrice(form, FIXED, None, None if amount is None else {"amount": amount})
            else:
                yield TypedPrice(form, PricingType.TIERED.value, method, self._payload(form))

    def _payload(self, plan: Any) -> list[dict[str, Any]] | None:
        """Return the tiers of a plan from the lowest, None after telling what is wrong with them."""
        code = _key(plan)
        if not code:
            return None  # its own box says that it needs one
        rows = [
            form
            for form in self.tiers.forms
            if (getattr(form, "cleaned_data", {}).get("plan") or "").lower() == code
        ]
        if not rows:
            plan.add_error("method", NO_TIER)
        if not rows or any(form.errors for form in rows):
            return None
        rows.sort(key=lambda form: form.cleaned_data["min"])
        payload = [
            {
                "min": form.cleaned_data["min"],
                "max": form.cleaned_data["max"],
                "amount": form.cleaned_data["amount"],
                "base": form.cleaned_data["base"] or None,
            }
            for form in rows
        ]
        found = problems_of(payload)
        for reason in found:
            rows[int(reason.path)].add_error(TIER_PLACES[reason.code], reason.message)
        return None if found else payload


def goes(form: Any) -> bool:
    """Whether a line is taken out."""
    return bool(getattr(form, "cleaned_data", {}).get("DELETE"))


def _key(plan: Any) -> str:
    """Return the code by which tiers name a plan: capital letters are all one."""
    return str(plan.cleaned_data.get("code") or "").lower()


def plans_of(version: ProductVersion) -> Iterator[tuple[ProductPlan, list[PricingRule]]]:
    """Give the plans of a version with their prices, in their order."""
    plans = ProductPlan.objects.filter(product_version=version).prefetch_related("pricing_rules")
    for plan in plans.order_by("position", "code"):
        yield plan, list(plan.pricing_rules.all())


def simple_plans(version: ProductVersion) -> Iterator[tuple[ProductPlan, PricingRule | None]]:
    """Give the plans with one amount or one grid of tiers for a price, or none yet."""
    held = (PricingType.FIXED, PricingType.TIERED)
    for plan, rules in plans_of(version):
        if len(rules) <= 1 and not plan.bundle_kind and all(one.type in held for one in rules):
            yield plan, rules[0] if rules else None


def _plan(plan: ProductPlan, rule: PricingRule | None) -> dict[str, Any]:
    plain = {"plan": plan.pk, "code": plan.code, "name": plan.name, "recurrence": plan.recurrence}
    if rule is None:
        return plain
    tiered = rule.type == PricingType.TIERED
    return plain | {
        "amount": None if tiered else rule.payload["amount"],
        "tax_code": rule.tax_code,
        "tax_included": rule.tax_included,
        "method": rule.tier_mode if tiered else FIXED,
    }


def _tiers(plan: ProductPlan, rule: PricingRule | None) -> list[dict[str, Any]]:
    if rule is None or rule.type != PricingType.TIERED:
        return []
    return [
        {"plan": plan.code, "max": None, **tier, "base": tier.get("base") or ""}
        for tier in rule.payload
    ]
