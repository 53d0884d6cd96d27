"""What a service finds wrong with a row: every reason, as a refusal of the rules."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from catalog.domain import family
from catalog.domain.bundles import BundleProblem
from catalog.domain.offers import PricingProblem
from catalog.models import PricingRule, ProductPlan, ProductVersion
from catalog.models.pricing import rates_read_once
from winvest.core.errors import Conflict, Problem, Reason


class ContentProblem(Problem):
    """Why a step is refused because of what the row holds."""

    INVALID = "content.invalid", "Ce contenu ne respecte pas les règles : voir les raisons."


def check_row(row: Any) -> None:
    """Run the model's every check; `Conflict` with every reason."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Conflict.several(ContentProblem.INVALID, reasons_of(error)) from error


def check_version(version: ProductVersion) -> None:
    """Refuse a version whose content its family refuses (2.1-risk-03), or that breaks its rules."""
    if reasons := content_reasons(version):
        raise Conflict.several(ContentProblem.INVALID, reasons)


def content_reasons(version: ProductVersion) -> list[Reason]:
    """Return what a version's content breaks of its family's rules and of its own.

    Families, rates and prices may have changed since each part was saved.
    """
    plans = list(version.plans.all())
    components = list(version.bundle_components.select_related("plan", "product"))
    prices = list(version.pricing_rules.select_related("plan"))
    parts = [
        version,
        *plans,
        *prices,
        *components,
        *version.billings.all(),
        *version.logistics.all(),
    ]
    reasons: list[Reason] = []
    with rates_read_once(version):
        for part in parts:
            part.company = version.company
            try:
                _clean_stored(part)
            except ValidationError as error:
                reasons += reasons_of(error)
    filled = {component.plan_id for component in components}
    reasons += [
        Reason(
            BundleProblem.EMPTY.value, BundleProblem.EMPTY.message.format(plan=plan.code), "plans"
        )
        for plan in plans
        if plan.bundle_kind and plan.pk not in filled
    ]
    reasons += _that_do_not_add_up(plans, prices)
    product = version.product
    facts = family.FamilyFacts(
        revenue_model=product.revenue_model, has_partner=product.partner_id is not None
    )
    reasons += family.problems_of(product.risk.families(), facts)
    return list(dict.fromkeys(reasons))


def _clean_stored(part: Any) -> None:
    """Run the checks that may fail since the row was saved: PostgreSQL holds keys and constraints."""
    keys = {field.name for field in part._meta.concrete_fields if field.is_relation}
    part.full_clean(exclude=keys, validate_unique=False, validate_constraints=False)


def _that_do_not_add_up(plans: list[ProductPlan], prices: list[PricingRule]) -> list[Reason]:
    """Tell the plans whose prices have two bases, currencies or VAT codes: no quote adds them up."""
    names = {plan.pk: f"Formule {plan.code} : " for plan in plans}
    terms: dict[Any, set[Any]] = {}
    for price in prices:
        shared = (price.currency, price.tax_code, price.tax_included)
        terms.setdefault(price.plan_id, set()).add(shared)
    problem = PricingProblem.MIXED_TERMS
    return [
        Reason(problem.value, names.get(plan, "") + problem.message, "pricing_rules")
        for plan, found in terms.items()
        if len(found) > 1
    ]


def reasons_of(error: ValidationError) -> list[Reason]:
    """Return the errors of a `full_clean` as reasons."""
    by_field = (
        error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    )
    return [
        Reason(
            str(one.code or "invalid"),
            " ".join(one.messages),
            "" if name == NON_FIELD_ERRORS else name,
        )
        for name, problems in by_field.items()
        for one in problems
    ]
