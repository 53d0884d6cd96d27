"""The two tables of step 2: a line for each plan, and the tiers of those that have some (E.2.3-02).

What is read here is what is written (`pricing`) and what is shown while one types (`preview`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from catalog.choices import PricingType, Unit
from catalog.domain.tiers import TierProblem, problems_of
from catalog.models import PricingRule, ProductPlan, ProductVersion
from catalog.models.pricing import rates_at_effect
from winvest.backoffice.wizard.models import (
    BY_VALUE,
    NEEDS,
    PARTNER,
    PROGRESSIVE,
    SLAB,
    method_of,
    model_of,
)
from winvest.backoffice.wizard.rows import NamedRows, PlanRow, TierRow
from winvest.core.selectors.wording import percentage

MAX_ROWS = 100
MAX_TIERS = 300
EMPTY_ROWS = 3
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
    """What a line of the first table says, its tiers included; `payload` None: something is wrong,
    or, without a type, the partner prices the plan.
    """

    form: Any
    type: str | None
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
        self.plans: Any
        self.tiers: Any
        held = list(plans_of(version))
        self.stored = [one for plan, rules in held for one in _simple(plan, rules)]
        self.others = [(plan, rules) for plan, rules in held if not list(_simple(plan, rules))]
        asked = ((typed or {}).get("model") or [""])[0]
        self.model = BY_VALUE.get(asked) or model_of(version, held)
        codes = {"codes": named, "model": self.model}
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
            initial=[_plan(version, plan, rule) for plan, rule in self.stored],
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
            given = form.cleaned_data
            method = given["method"]
            if method in (SLAB, PROGRESSIVE):
                yield TypedPrice(form, PricingType.TIERED.value, method, self._payload(form))
            else:
                kind = None if method == PARTNER else method
                yield TypedPrice(form, kind, None, _payload_of(given))

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
    """Give the plans that the table holds: those of one price at most, bundles apart."""
    for plan, rules in plans_of(version):
        yield from _simple(plan, rules)


def _simple(
    plan: ProductPlan, rules: list[PricingRule]
) -> Iterator[tuple[ProductPlan, PricingRule | None]]:
    if len(rules) <= 1 and not plan.bundle_kind:
        yield plan, rules[0] if rules else None


def _payload_of(given: dict[str, Any]) -> dict[str, Any] | None:
    """Return the price of a line that has no tiers; None while it lacks something, or is a partner's."""
    method = given["method"]
    if any(given.get(name) in (None, "") for name in NEEDS.get(method, ())):
        return None
    match method:
        case PricingType.FIXED:
            return {"amount": given["amount"]}
        case PricingType.USAGE:
            payload = {"unit": given["unit"], "unit_price": given["amount"]}
            minimum = given.get("min_charge")
            return payload if minimum is None else payload | {"min_charge": minimum}
        case PricingType.INDEXED:
            return {"index": given["index"], "formula": given["formula"]}
    return None


def _plan(version: ProductVersion, plan: ProductPlan, rule: PricingRule | None) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "plan": plan.pk,
        "code": plan.code,
        "name": plan.name,
        "recurrence": plan.recurrence,
        "method": method_of(version, rule),
    }
    if rule is None:
        return plain
    plain |= {"tax_code": rule.tax_code, "tax_included": rule.tax_included}
    match rule.type:
        case PricingType.FIXED:
            return plain | {"amount": rule.payload["amount"]}
        case PricingType.USAGE:
            unit = dict(Unit.choices).get(rule.payload["unit"], rule.payload["unit"])
            minimum = rule.payload.get("min_charge")
            return plain | {
                "amount": rule.payload["unit_price"],
                "unit": str(unit),
                "min_charge": minimum,
            }
        case PricingType.INDEXED:
            return {**plain, **rule.payload, "base": plan.parameters.get("base")}
    return plain


def _tiers(plan: ProductPlan, rule: PricingRule | None) -> list[dict[str, Any]]:
    if rule is None or rule.type != PricingType.TIERED:
        return []
    return [
        {"plan": plan.code, "max": None, **tier, "base": tier.get("base") or ""}
        for tier in rule.payload
    ]
