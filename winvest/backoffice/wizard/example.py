"""« Pour 150 ventes de 9,90 € : … »: what a scheme that is being typed would make (§3.3, §5).

The price is that of the plan, the commission that of the rules: nothing is computed here.
"""

from decimal import Decimal
from typing import Any

from catalog.domain.extras import Due
from catalog.domain.offers import PlanPrice
from catalog.domain.pricing import price_plan
from catalog.domain.rules import Asked, RuleType, Terms, read_rule
from catalog.models import PricingRule, ProductPlan
from catalog.selectors.wording import money, number_in_words
from commissions.choices import Base, SplitKey
from commissions.domain.scheme import ValueType, split_problems
from commissions.domain.simulation import Commission, commission
from commissions.domain.simulation import Terms as SchemeTerms
from commissions.domain.tiers import Facts
from commissions.models import CommissionScheme
from winvest.backoffice.wizard.scheme import SchemeGrid
from winvest.core.domain.money import allocate
from winvest.core.domain.vat import TaxSplit
from winvest.core.errors import Invalid, Problem
from winvest.core.selectors.wording import percentage

HUNDRED = Decimal(100)
# Bases that no price tells: the amount is typed.
UNTOLD = {Base.MARGIN.value: "la marge", Base.PARTNER_COMMISSION.value: "la commission reçue"}


class ExampleProblem(Problem):
    """Why the example cannot be counted."""

    NO_PRICE = (
        "example.no_price",
        "Cette formule n'a pas de prix par unité : donnez l'assiette de l'exemple.",
    )
    NO_BASE = "example.no_base", "Donnez {what} de l'exemple dans « Assiette »."


def shown_commission(
    version: Any, grid: SchemeGrid, scheme: CommissionScheme | None
) -> dict[str, Any]:
    """Return the sum of the split, and what the sales of the example make, in words."""
    currency = version.company.currency
    split = grid.split()
    wrong = split_problems(split)
    told: dict[str, Any] = {
        "sum": percentage(sum(split.values(), Decimal(0)) * HUNDRED),
        "is_whole": not wrong,
        "split_problem": wrong[0].message if split and wrong else "",
    }
    if grid.errors() or wrong or not grid.rows:
        return told
    try:
        sale, facts = _facts(version, grid, currency)
        found = commission(_terms(grid, scheme, split, currency), facts)
    except Invalid as error:
        return told | {"problem": " ".join(reason.message for reason in error.reasons)}
    return told | {
        "sale": sale,
        "amount": money(found.amount, currency),
        "tiers": _tiers(found, currency),
        "shares": [
            {"name": SplitKey(key.value).label, "amount": money(share, currency)}
            for key, share in found.split.items()
        ],
    }


def _facts(version: Any, grid: SchemeGrid, currency: str) -> tuple[str, Facts]:
    """Return the sales of the example in words, and what the commission is counted on."""
    given = grid.scheme.cleaned_data
    volume = given.get("example_volume")
    volume = Decimal(150) if volume is None else volume
    base, plan = given["base"], given.get("example_plan")
    typed = given.get("example_base")
    told = f"Pour {number_in_words(volume)} ventes"
    if typed is not None:
        told += f", sur une assiette de {money(typed, currency)}"
        amount = typed
    elif base in UNTOLD:
        raise Invalid(ExampleProblem.NO_BASE, path="base", what=UNTOLD[base])
    else:
        # Each sale is of one unit and is rounded by itself, as the accounts book it.
        sale = _price(version, plan)
        told += f" de {money(sale.incl, currency)} TTC ({money(sale.excl, currency)} HT)"
        amount = volume * (sale.incl if base == Base.REVENUE_INCL_TAX else sale.excl)
    facts = Facts(
        volume=volume,
        revenue=amount,
        margin=typed,
        month_rank=given.get("example_month") or 1,
    )
    return told, facts


def _price(version: Any, plan: ProductPlan | None) -> TaxSplit:
    """Return what one unit of a plan costs."""
    rules = PricingRule.objects.filter(product_version=version, plan=plan) if plan else ()
    told = [
        read_rule(
            RuleType(rule.type),
            rule.payload,
            Terms(
                version=version.version,
                currency=rule.currency,
                tax_rate=rule.tax_rate,
                tax_included=rule.tax_included,
            ),
            mode=rule.tier_mode,
            base=plan.parameters.get("base") if plan else None,
        )
        for rule in rules
    ]
    if plan is None or plan.bundle_kind or not told:
        raise Invalid(ExampleProblem.NO_PRICE, path="plan")
    price = PlanPrice(code=plan.code, label=plan.name, due=Due.RECURRING, rules=told)
    return price_plan(price, Asked(Decimal(1))).total()


def _terms(
    grid: SchemeGrid, scheme: CommissionScheme | None, split: Any, currency: str
) -> SchemeTerms:
    """Return the terms as they are typed, with those that the page leaves as they are."""
    return SchemeTerms(
        tiers=grid.pure_tiers(),
        split=split,
        currency=currency,
        mode=grid.mode(),
        on_margin=grid.scheme.cleaned_data["base"] == Base.MARGIN,
        min_amount=scheme.min_amount if scheme else None,
        max_amount=scheme.max_amount if scheme else None,
        bonus=scheme.bonus if scheme else None,
        malus=scheme.malus if scheme else None,
    )


def _tiers(found: Commission, currency: str) -> list[dict[str, str]]:
    bases = _to_the_cent([one.slice for one in found.tiers], currency)
    amounts = _to_the_cent([one.amount for one in found.tiers], currency)
    return [
        {
            "reach": f"à partir de {number_in_words(one.tier.min)}"
            if one.tier.max is None
            else f"de {number_in_words(one.tier.min)} à {number_in_words(one.tier.max)}",
            "rate": percentage(one.tier.value)
            if one.tier.value_type is ValueType.PERCENT
            else f"{money(one.tier.value, currency)} par vente",
            "base": money(base, currency),
            "amount": money(amount, currency),
        }
        for one, base, amount in zip(found.tiers, bases, amounts, strict=True)
    ]


def _to_the_cent(amounts: list[Decimal], currency: str) -> list[Decimal]:
    """Return amounts of one sign rounded by largest remainder: they add up to their sum, rounded."""
    if not amounts:
        return []
    return allocate(sum(amounts, Decimal(0)), [abs(one) for one in amounts], currency)
