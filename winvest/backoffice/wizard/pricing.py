"""Step 2 as a small table: one line for each plan with its price (3.1-03, E.2.3-02).

Plans whose price is more than an amount (tiers, usage, index, bundle) keep the full form.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from catalog.choices import BundleKind, PricingType, Recurrence, WizardStep
from catalog.models import PricingRule, ProductPlan, ProductVersion, WizardDraft
from catalog.models.pricing import rate_in_force, rates_at_effect
from catalog.selectors.wording import price_in_words
from catalog.services.wizard import accept_step, typed_of
from winvest.backoffice.wizard.frame import frame, lacks
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, create_row, delete_row
from winvest.core.transaction import transaction

MAX_ROWS = 100
EMPTY_ROWS = 3
NO_RATE = "Ce code n'a pas de taux à la date d'effet."
# Where the table shows what the models refuse.
PLACES = {"code": "code", "name": "name", "recurrence": "recurrence", "tax_code": "tax_code"}


class PlanRow(forms.Form):
    """A line: a plan and what it costs for one unit."""

    plan = forms.UUIDField(required=False, widget=forms.HiddenInput())
    code = forms.CharField(label="Code", max_length=60)
    name = forms.CharField(label="Nom", max_length=120)
    recurrence = forms.ChoiceField(
        label="Récurrence", choices=Recurrence.choices, initial=Recurrence.MONTHLY
    )
    amount = forms.DecimalField(
        label="Prix", min_value=Decimal(0), max_digits=18, decimal_places=4, localize=True
    )
    tax_code = forms.ChoiceField(label="TVA")
    tax_included = forms.BooleanField(label="TTC", required=False, initial=True)

    def __init__(self, *args: Any, codes: list[tuple[str, str]], **options: Any) -> None:
        """Offer the VAT codes that have a rate when the version takes effect."""
        super().__init__(*args, **options)
        field: Any = self.fields["tax_code"]
        field.choices = codes
        # As the browser sends it of a line that nobody touched.
        field.initial = codes[0][0] if codes else None
        for name, one in self.fields.items():
            one.widget.attrs |= {"class": "plain-input", "aria-label": one.label or name}


PlanRows = forms.formset_factory(
    PlanRow, extra=EMPTY_ROWS, can_delete=True, max_num=MAX_ROWS, validate_max=True
)


class _Refused(Exception):
    """Some line is refused: nothing of the table is written."""


def show(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show the table, or write it and go on."""
    version: Any = draft.product_version
    kept = typed_of(draft, WizardStep.PRICING) if request.method == "GET" else {}
    kept = kept if kept.get("_row") == ["table"] else {}
    if request.method == "GET":
        return _page(request, draft, version, _rows(version, kept), shown_again=bool(kept))
    rows = _rows(version, {name: request.POST.getlist(name) for name in request.POST})
    if not (rows.is_valid() and _written(person(request), version, rows)):
        return _page(request, draft, version, rows, shown_again=False)
    goes_on = "_next" in request.POST
    if goes_on and (found := lacks(version, WizardStep.PRICING)):
        goes_on = False
        for one in found:
            messages.error(request, one.message)
    step = WizardStep.COMMISSIONS if goes_on else WizardStep.PRICING
    accept_step(actor=person(request), draft=draft, step=WizardStep.PRICING, reached=step)
    return HttpResponseRedirect(reverse("wizard-step", args=[draft.pk, step.value]))


def _rows(version: ProductVersion, typed: dict[str, list[str]]) -> Any:
    """Return the lines: as they were typed, else the plans that the table can hold."""
    rates = rates_at_effect(version).order_by("-rate").values_list("code", "label")
    options: dict[str, Any] = {"form_kwargs": {"codes": list(rates)}, "prefix": "plans"}
    if typed:
        boxes = MultiValueDict(typed)
        return PlanRows(boxes, **options)
    return PlanRows(initial=[_initial(plan, rule) for plan, rule in _simple(version)], **options)


def _plans(version: ProductVersion) -> Iterator[tuple[ProductPlan, list[PricingRule]]]:
    plans = ProductPlan.objects.filter(product_version=version).prefetch_related("pricing_rules")
    for plan in plans.order_by("position", "code"):
        yield plan, list(plan.pricing_rules.all())


def _simple(version: ProductVersion) -> Iterator[tuple[ProductPlan, PricingRule | None]]:
    """Give the plans with one amount for a price, or none yet."""
    for plan, rules in _plans(version):
        is_plain = all(one.type == PricingType.FIXED for one in rules) and len(rules) <= 1
        if is_plain and not plan.bundle_kind:
            yield plan, rules[0] if rules else None


def _initial(plan: ProductPlan, rule: PricingRule | None) -> dict[str, Any]:
    price = (
        {
            "amount": rule.payload["amount"],
            "tax_code": rule.tax_code,
            "tax_included": rule.tax_included,
        }
        if rule
        else {}
    )
    plain = {"code": plan.code, "name": plan.name, "recurrence": plan.recurrence}
    return {"plan": plan.pk, **plain, **price}


def _written(actor: User, version: ProductVersion, rows: Any) -> bool:
    """Write every line or none; what is refused stands beside its box."""
    try:
        with transaction(actor, version.company_id):
            known = {str(plan.pk): (plan, rule) for plan, rule in _simple(version)}
            for position, form in enumerate(rows.forms):
                if form.has_changed() or form.initial:
                    _write(actor, version, position, form, known)
            if any(form.errors for form in rows.forms):
                raise _Refused
    except _Refused:
        return False
    return True


def _write(
    actor: User, version: ProductVersion, position: int, form: Any, known: dict[str, Any]
) -> None:
    given = form.cleaned_data
    if not given:
        return
    plan, rule = known.get(str(given.get("plan") or ""), (None, None))
    try:
        if given.get("DELETE"):
            _delete(actor, plan, rule)
            return
        columns = {name: given[name] for name in ("code", "name", "recurrence")}
        columns["position"] = position
        with transaction(actor, version.company_id):
            plan = _save(actor, ProductPlan, plan, columns, Action.CATALOG_EDIT, version)
            price = _price(version, given, plan)
            _save(actor, PricingRule, rule, price, Action.PRICING_EDIT, version)
    except ValidationError as error:
        _tell(form, error)
    except DomainError as error:
        form.add_error(None, str(error))


def _price(version: ProductVersion, given: dict[str, Any], plan: Any) -> dict[str, Any]:
    rate = rate_in_force(given["tax_code"], version)
    if rate is None:
        raise ValidationError({"tax_code": NO_RATE})
    return {
        "plan": plan,
        "type": PricingType.FIXED,
        "payload": {"amount": given["amount"]},
        "currency": version.company.currency,
        "tax_code": given["tax_code"],
        "tax_rate": rate,
        "tax_included": given["tax_included"],
    }


def _save(
    actor: User, model: Any, row: Any, columns: dict[str, Any], action: Action, version: Any
) -> Any:
    if row is not None:
        return change_row(actor=actor, row=row, changes=columns, action=action)
    new = model(product_version=version, company_id=version.company_id, **columns)
    return create_row(actor=actor, row=new, action=action)


def _delete(actor: User, plan: Any, rule: Any) -> None:
    if rule is not None:
        delete_row(actor=actor, row=rule, action=Action.PRICING_EDIT)
    if plan is not None:
        delete_row(actor=actor, row=plan, action=Action.CATALOG_EDIT)


def _tell(form: Any, error: ValidationError) -> None:
    found = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, told in found.items():
        place = "amount" if name == "payload" else PLACES.get(name)
        form.add_error(place, told)


def _page(
    request: HttpRequest,
    draft: WizardDraft,
    version: ProductVersion,
    rows: Any,
    *,
    shown_again: bool,
) -> HttpResponse:
    simple = {plan.pk for plan, _ in _simple(version)}
    context = frame(request, draft, WizardStep.PRICING) | {
        "rows": rows,
        "shown_again": shown_again,
        "currency": version.company.currency,
        "others": [
            {
                "name": plan.name,
                "code": plan.code,
                "price": " ; ".join(
                    price_in_words(one.type, one.tier_mode, one.payload, one.currency)
                    for one in rules
                )
                or ("Bundle" if plan.bundle_kind in BundleKind.values else "Sans prix"),
            }
            for plan, rules in _plans(version)
            if plan.pk not in simple
        ],
        "full": f"{reverse('wizard-step', args=[draft.pk, WizardStep.PRICING.value])}?complet=1",
    }
    return TemplateResponse(request, "admin/wizard/pricing.html", context)
