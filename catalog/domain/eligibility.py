"""Whether a product can be sold at an instant: the full list of reasons, never a bare no.

`design/domain.md` §1. A date before the first version is an error, never the first version.
"""

from dataclasses import dataclass
from datetime import datetime

from catalog.domain.lifecycle import STATUS_LABELS, LifecycleStatus
from winvest.core.errors import Problem, Reason


class SellableProblem(Problem):
    """Why a product cannot be sold."""

    NOT_SELLABLE = "not_sellable", "Ce produit ne peut pas être vendu dans ces conditions."
    PRODUCT_STATUS = "product.not_active", "Le produit n'est pas en vente (statut : {status})."
    PARTNER = "partner.inactive", "Le partenaire du produit n'est pas actif pour cette société."
    BEFORE_FIRST = "version.before_first", "Cette date précède la première version du produit."
    VERSION = "version.none", "Aucune version du produit n'est en vigueur à cette date."
    PUBLICATION = (
        "publication.none",
        "Le produit n'est pas publié pour cette société sur ce canal à cette date.",
    )
    PLAN_UNKNOWN = "plan.unknown", "La version en vigueur n'a pas de formule « {plan} »."
    PLAN_REQUIRED = "plan.required", "Ce produit se vend par formule : il faut en choisir une."
    PRICE = "price.none", "Aucun prix interne n'est saisi : le tarif vient de l'API du partenaire."
    VAT = "vat.not_in_force", "Aucun taux de TVA n'est en vigueur pour le code « {code} »."


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleFacts:
    """What is known of a product for a company and a channel at the instant `at`.

    `first_effective` is the start of the first released version; `tax_codes_without_rate` are the
    VAT codes of the plan's prices for which no rate is in force.
    """

    at: datetime
    status: LifecycleStatus
    partner_active: bool
    first_effective: datetime | None
    version: int | None
    published: bool
    plan: str | None
    plan_known: bool
    has_plans: bool
    priced: bool
    tax_codes_without_rate: tuple[str, ...] = ()


def reasons_not_to_sell(facts: SaleFacts) -> list[Reason]:
    """Return every reason why the product cannot be sold; none means that it can."""
    found = []
    if facts.status is not LifecycleStatus.ACTIVE:
        label = STATUS_LABELS[facts.status]
        found.append(_reason(SellableProblem.PRODUCT_STATUS, "sku", status=label))
    if not facts.partner_active:
        found.append(_reason(SellableProblem.PARTNER, "sku"))
    if facts.version is None:
        early = facts.first_effective is not None and facts.at < facts.first_effective
        problem = SellableProblem.BEFORE_FIRST if early else SellableProblem.VERSION
        found.append(_reason(problem, "at"))
    if not facts.published:
        found.append(_reason(SellableProblem.PUBLICATION, "channel"))
    return found if facts.version is None else found + _reasons_of_plan(facts)


def _reasons_of_plan(facts: SaleFacts) -> list[Reason]:
    if facts.plan is not None and not facts.plan_known:
        return [_reason(SellableProblem.PLAN_UNKNOWN, "plan", plan=facts.plan)]
    if facts.plan is None and facts.has_plans:
        return [_reason(SellableProblem.PLAN_REQUIRED, "plan")]
    if not facts.priced:
        return [_reason(SellableProblem.PRICE, "plan")]
    return [_reason(SellableProblem.VAT, "at", code=code) for code in facts.tax_codes_without_rate]


def _reason(problem: Problem, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(**params), path)
