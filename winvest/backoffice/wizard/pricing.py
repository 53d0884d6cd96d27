"""Step 2 as small tables: the plans with their prices, and the tiers of those that have some
(3.1-03, E.2.3-02).

Bundles, and plans with several prices, have a form of their own.
"""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.choices import BundleKind, PricingModel, PricingType, Unit, WizardStep
from catalog.domain import publication_rules as rules
from catalog.models import PricingRule, ProductPlan, ProductVersion, WizardDraft
from catalog.models.pricing import rate_in_force
from catalog.selectors.wording import price_in_words
from catalog.services.wizard import BUNDLE, TABLE, typed_of
from winvest.backoffice.wizard.frame import (
    changed_since,
    form_address,
    forms_kept,
    frame,
    lacks,
    leave,
    step_address,
)
from winvest.backoffice.wizard.grid import PriceGrid, TypedPrice, goes, simple_plans
from winvest.backoffice.wizard.models import INDEXED, MODELS, PARTNER
from winvest.backoffice.wizard.partner_price import partner_price
from winvest.backoffice.wizard.preview import shown_prices
from winvest.core.admin.rights import person
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError
from winvest.core.models.access import User
from winvest.core.services.rows import change_row, create_row, delete_row
from winvest.core.transaction import transaction

NO_PRICE = "Donnez au moins un prix : une formule, son prix et sa TVA."
NO_RATE = "Ce code n'a pas de taux à la date d'effet."
# Where the table shows what the models refuse.
PLACES = {"code": "code", "name": "name", "recurrence": "recurrence", "tax_code": "tax_code"}


class _Refused(Exception):
    """Some line is refused: nothing of the table is written."""


def show(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show the tables, or write them and go on."""
    version: Any = draft.product_version
    kept = typed_of(draft, WizardStep.PRICING, TABLE) if request.method == "GET" else {}
    if request.method == "GET":
        return _page(request, draft, PriceGrid(version, kept), shown_again=bool(kept))
    grid = typed_grid(request, version)
    is_right = grid.is_valid()
    if changed := changed_since(request, draft, WizardStep.PRICING, TABLE):
        return _page(request, draft, grid, shown_again=False, changed=changed)
    asks_price = grid.model.value not in (PARTNER, PricingModel.BUNDLE)
    goes_on = asks_price and "_stay" not in request.POST
    if is_right and grid.is_blank() and goes_on and _has_no_price(version):
        # Nothing to write: it is told in the box where one types it.
        grid.plans.forms[0].add_error("amount", NO_PRICE)
        is_right = False
    if not (is_right and _written(person(request), version, grid)):
        return _page(request, draft, grid, shown_again=False)
    return leave(request, draft, WizardStep.PRICING, TABLE)


def links(draft: WizardDraft) -> dict[str, Any]:
    """Return the ways from the small tables to the full form and back, and which keep texts."""
    kept = forms_kept(draft, WizardStep.PRICING)
    return {
        "full": form_address(draft, WizardStep.PRICING, ""),
        "simple": form_address(draft, WizardStep.PRICING, TABLE),
        "bundle": form_address(draft, WizardStep.PRICING, BUNDLE),
        "full_keeps": "" in kept,
        "bundle_keeps": BUNDLE in kept,
        "simple_keeps": TABLE in kept,
    }


def _has_no_price(version: ProductVersion) -> bool:
    return any(one.rule == rules.NO_PRICE for one in lacks(version, WizardStep.PRICING))


def preview(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show what the tables cost as they are typed now; nothing is written."""
    grid = typed_grid(request, draft.product_version)
    grid.is_valid()
    context = {"prices": shown_prices(draft.product_version, grid)}
    return TemplateResponse(request, "admin/wizard/_prices.html", context)


def typed_grid(request: HttpRequest, version: Any) -> PriceGrid:
    """Return the tables as they are sent."""
    return PriceGrid(version, {name: request.POST.getlist(name) for name in request.POST})


def _written(actor: User, version: ProductVersion, grid: PriceGrid) -> bool:
    """Write every line or none; what is refused stands beside its box."""
    try:
        with transaction(actor, version.company_id):
            known = {str(plan.pk): (plan, rule) for plan, rule in simple_plans(version)}
            for form in grid.plans.forms:
                if goes(form):
                    _delete(actor, *_known(known, form))
            last = -1
            for one in grid.prices:
                plan, _ = _known(known, one.form)
                # Lines that follow each other already keep their places: nothing has changed.
                last = max(last + 1, plan.position if plan is not None else 0)
                _write(actor, version, last, one, known)
            if any(one.form.errors for one in grid.prices):
                raise _Refused
    except _Refused:
        return False
    return True


def _known(known: dict[str, Any], form: Any) -> Any:
    return known.get(str(form.cleaned_data.get("plan") or ""), (None, None))


def _write(
    actor: User, version: ProductVersion, position: int, one: TypedPrice, known: dict[str, Any]
) -> None:
    given = one.form.cleaned_data
    plan, rule = _known(known, one.form)
    try:
        columns = {name: given[name] for name in ("code", "name", "recurrence")}
        columns["position"] = position
        if one.type == PricingType.INDEXED:
            columns["parameters"] = _with_base(plan, given["base"])
        with transaction(actor, version.company_id):
            plan = _save(actor, ProductPlan, plan, columns, Action.CATALOG_EDIT, version)
            if one.type is not None:
                price = _price(version, one, plan)
                _save(actor, PricingRule, rule, price, Action.PRICING_EDIT, version)
            elif rule is not None:  # the partner prices it from now on
                delete_row(actor=actor, row=rule, action=Action.PRICING_EDIT)
    except ValidationError as error:
        _tell(one.form, error)
    except DomainError as error:
        one.form.add_error(None, str(error))


def _price(version: ProductVersion, one: TypedPrice, plan: Any) -> dict[str, Any]:
    given = one.form.cleaned_data
    rate = rate_in_force(given["tax_code"], version)
    if rate is None:
        raise ValidationError({"tax_code": NO_RATE})
    return {
        "plan": plan,
        "type": one.type,
        "tier_mode": one.tier_mode,
        "payload": one.payload,
        "currency": version.company.currency,
        "tax_code": given["tax_code"],
        "tax_rate": rate,
        "tax_included": given["tax_included"],
    }


def _with_base(plan: ProductPlan | None, base: Decimal | None) -> dict[str, Any]:
    """Return the parameters of a plan with the « base » that its formula reads."""
    kept = dict(plan.parameters) if plan is not None else {}
    kept.pop("base", None)
    return kept if base is None else kept | {"base": base}


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
        form.add_error(_place(form, name), told)


def _place(form: Any, name: str) -> str | None:
    """Return the box beside which something is told; what the page does not show, with the line."""
    if name == "parameters":
        return "base"
    if name == "payload":
        return "formula" if form.cleaned_data["method"] == INDEXED else "amount"
    return PLACES.get(name)


def _page(
    request: HttpRequest,
    draft: WizardDraft,
    grid: PriceGrid,
    *,
    shown_again: bool,
    changed: str = "",
) -> HttpResponse:
    version: Any = draft.product_version
    context = (
        frame(request, draft, WizardStep.PRICING, TABLE)
        | links(draft)
        | {
            "grid": grid,
            "shown_again": shown_again,
            "changed": changed,
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
                for plan, rules in grid.others
            ],
            "models": MODELS,
            "units": [label for _, label in Unit.choices],
            "partner": partner_price(version),
            "general": step_address(draft, WizardStep.GENERAL),
            "preview": reverse("wizard-preview", args=[draft.pk, WizardStep.PRICING.value]),
        }
    )
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    return TemplateResponse(request, "admin/wizard/pricing.html", context, status=status)
