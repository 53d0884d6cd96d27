"""Whether a product can be sold at an instant: the full list of reasons, never a bare no.

`design/domain.md` §1. A date before the first version is an error, never the first version.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.geography import EVERYWHERE, Area, department_of
from catalog.domain.lifecycle import STATUS_LABELS, LifecycleStatus
from winvest.core.errors import Problem, Reason


class SellableProblem(Problem):
    """Why a product cannot be sold."""

    NOT_SELLABLE = "not_sellable", "Ce produit ne peut pas être vendu dans ces conditions."
    PRODUCT_STATUS = "product.not_active", "Le produit n'est pas en vente (statut : {status})."
    PARTNER = "partner.inactive", "Le partenaire du produit n'est pas actif pour cette société."
    BEFORE_FIRST = "version.before_first", "Cette date précède la première version du produit."
    CONTRACT = (
        "contract.version_unknown",
        "Aucune version mise en production ne répond à ce contrat (numéro, ou date de début).",
    )
    NOT_STARTED = (
        "contract.not_started",
        "Ce contrat commence après l'instant demandé : il n'a pas encore de prix en cours.",
    )
    RENEWAL = (
        "contract.renewal_refused",
        "Le produit est retiré : son plan de sortie ne permet pas de renouveler ce contrat.",
    )
    VERSION = "version.none", "Aucune version du produit n'est en vigueur à cette date."
    PUBLICATION = (
        "publication.none",
        "Le produit n'est pas publié pour cette société sur ce canal à cette date.",
    )
    PLAN_UNKNOWN = "plan.unknown", "La version en vigueur n'a pas de formule « {plan} »."
    PLAN_REQUIRED = "plan.required", "Ce produit se vend par formule : il faut en choisir une."
    PLAN_DATES = "plan.not_in_dates", "La formule « {plan} » n'est pas proposée à cette date."
    BANNED = (
        "blacklist.banned",
        "La société ne vend pas ce produit sur ce canal : il est sur sa liste noire.",
    )
    UNAVAILABLE = "publication.unavailable", "Le produit est signalé indisponible sur ce canal."
    UNTRIED = (
        "integration.sandbox",
        "Le code du produit chez son partenaire n'a pas d'essai réussi en sandbox : l'IT l'essaie avant "
        "toute vente.",
    )
    PRICE = "price.none", "Aucun prix interne n'est saisi : le tarif vient de l'API du partenaire."
    VAT = "vat.not_in_force", "Aucun taux de TVA n'est en vigueur pour le code « {code} »."
    AGE = "eligibility.age", "L'offre s'adresse aux personnes {ages}."
    AGE_MISSING = "eligibility.age_missing", "L'âge du client est nécessaire : l'offre en dépend."
    CUSTOMER = "eligibility.customer_type", "L'offre s'adresse aux {customers} seulement."
    CUSTOMER_MISSING = (
        "eligibility.customer_type_missing",
        "Le type de client (particulier ou professionnel) est nécessaire : l'offre en dépend.",
    )
    ZONE = "eligibility.zone", "Le client n'habite pas dans la zone de l'offre."
    GEOGRAPHY = "geography.outside", "L'offre n'est pas vendue dans ce département."
    PLACE_MISSING = (
        "eligibility.postal_code_missing",
        "Le code postal du client est nécessaire : l'offre en dépend.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleFacts:
    """What is known of a product for a company and a channel at the instant `at`.

    `first_effective` is the start of the first released version; `tax_codes_without_rate` are the
    VAT codes of the plan's prices for which no rate is in force. `hidden` is a publication that runs,
    and that who asks may not see (C.3).
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
    available: bool = True
    hidden: bool = False
    banned: bool = False
    plan_in_dates: bool = True
    tax_codes_without_rate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """To whom a version is sold: ages in full years, bounds included; None or empty: everyone.

    `risk_customers` are those of the family, which the version may only narrow (M-17).
    """

    age_min: int | None = None
    age_max: int | None = None
    customers: frozenset[str] = frozenset()
    risk_customers: frozenset[str] = frozenset()
    zone: Area = EVERYWHERE
    geography: Area = EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """For whom a price is asked; None: not told."""

    age: int | None = None
    postal_code: str | None = None
    customer_type: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """What stopped a sale: since when, in the company's time zone, and the reason that was given."""

    status: LifecycleStatus
    at: datetime
    reason: str


STOPPED = {
    LifecycleStatus.FROZEN: "Produit gelé depuis le {at:%d/%m/%Y à %H:%M} : {reason}",
    LifecycleStatus.RETIRED: "Produit retiré depuis le {at:%d/%m/%Y à %H:%M} : {reason}",
}
CUSTOMER_LABELS = {"personal": "particuliers", "professional": "professionnels"}


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
    if not facts.published or facts.hidden:
        found.append(_reason(SellableProblem.PUBLICATION, "channel"))
    elif not facts.available:
        found.append(_reason(SellableProblem.UNAVAILABLE, "channel"))
    if facts.banned:
        found.append(_reason(SellableProblem.BANNED, "channel"))
    return found if facts.version is None else found + _reasons_of_plan(facts)


def tell_stop(reasons: Iterable[Reason], stop: Stop) -> list[Reason]:
    """Return the reasons with, in the place of the bare status, why and since when the sale stopped."""
    told = STOPPED[stop.status].format(at=stop.at, reason=stop.reason)
    status = SellableProblem.PRODUCT_STATUS.value
    return [replace(one, message=told) if one.code == status else one for one in reasons]


def reasons_not_to_price(facts: SaleFacts, *, renewed: bool = True) -> list[Reason]:
    """Return every reason why a contract in force has no price: it was sold, and runs on.

    Neither the product's status, nor the end of publications, channels or the dates of plans hold
    against it; only the renewal that the exit plan of a retired product refuses does (M-07). Who may
    not see a publication reads no price of it by telling of a contract (C.3).
    """
    refused = [] if renewed else [_reason(SellableProblem.RENEWAL, "contract.renewal_at")]
    if facts.hidden:
        refused.append(_reason(SellableProblem.PUBLICATION, "channel"))
    return refused + _reasons_of_plan(facts)


def reasons_not_eligible(conditions: Conditions, subject: Subject) -> list[Reason]:
    """Return every reason why the offer is not for this person; none means that it is.

    What a condition needs and was not told is a reason too: nothing is sold by mistake (M-03).
    """
    return [
        *_reasons_of_age(conditions, subject.age),
        *_reasons_of_customer(conditions, subject.customer_type),
        *_reasons_of_place(conditions, subject.postal_code),
    ]


def _reasons_of_age(conditions: Conditions, age: int | None) -> list[Reason]:
    low, high = conditions.age_min, conditions.age_max
    if low is None and high is None:
        return []
    if age is None:
        return [_reason(SellableProblem.AGE_MISSING, "subject.age")]
    if (low is not None and age < low) or (high is not None and age > high):
        return [_reason(SellableProblem.AGE, "subject.age", ages=ages_in_words(low, high))]
    return []


def ages_in_words(low: int | None, high: int | None) -> str:
    """Return an interval of ages as people say it."""
    if low is None:
        return f"de {high} ans au plus"
    return f"de {low} ans et plus" if high is None else f"de {low} à {high} ans"


def _reasons_of_customer(conditions: Conditions, customer: str | None) -> list[Reason]:
    if customer is None:
        missing = SellableProblem.CUSTOMER_MISSING
        return [_reason(missing, "subject.customer_type")] if conditions.customers else []
    for allowed in (conditions.customers, conditions.risk_customers):
        if allowed and customer not in allowed:
            words = " et aux ".join(CUSTOMER_LABELS[one] for one in sorted(allowed))
            return [_reason(SellableProblem.CUSTOMER, "subject.customer_type", customers=words)]
    return []


def _reasons_of_place(conditions: Conditions, postal_code: str | None) -> list[Reason]:
    areas = {SellableProblem.ZONE: conditions.zone, SellableProblem.GEOGRAPHY: conditions.geography}
    asked = {problem: area for problem, area in areas.items() if not area.is_everywhere}
    if not asked:
        return []
    if postal_code is None:
        return [_reason(SellableProblem.PLACE_MISSING, "subject.postal_code")]
    department = department_of(postal_code)
    return [
        _reason(problem, "subject.postal_code")
        for problem, area in asked.items()
        if department is None or not area.covers(department)
    ]


def _reasons_of_plan(facts: SaleFacts) -> list[Reason]:
    if facts.plan is not None and not facts.plan_known:
        return [_reason(SellableProblem.PLAN_UNKNOWN, "plan", plan=facts.plan)]
    if facts.plan is None and facts.has_plans:
        return [_reason(SellableProblem.PLAN_REQUIRED, "plan")]
    found = []
    if not facts.plan_in_dates:
        found.append(_reason(SellableProblem.PLAN_DATES, "plan", plan=facts.plan))
    if not facts.priced:
        found.append(_reason(SellableProblem.PRICE, "plan"))
    codes = dict.fromkeys(facts.tax_codes_without_rate)
    return found + [_reason(SellableProblem.VAT, "at", code=code) for code in codes]


def priced_by_partner(reasons: list[Reason], *, tried: bool) -> list[Reason]:
    """Return the reasons where a partner's API prices the product: it needs no price entered here.

    A code that changed since its trial in the partner's sandbox sells nothing (C.2-03).
    """
    kept = [one for one in reasons if one.code != SellableProblem.PRICE.value]
    return kept if tried else [*kept, _reason(SellableProblem.UNTRIED, "sku")]


def _reason(problem: Problem, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(**params), path)
