"""What a family of risks asks of its products and versions (2.1-risk-03; readings M-17, R-09)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.domain.eligibility import ages_in_words
from winvest.core.errors import Problem, Reason


class FamilyProblem(Problem):
    """Which rule of the family a product or a version breaks."""

    BROKEN = "risk.constraint", "La famille refuse ce contenu : voir la liste des raisons."
    CHANNELS = "risk.channels", "La famille « {risk} » ne se vend pas sur ce canal : {values}."
    CHANNELS_OPEN = (
        "risk.channels_open",
        "La famille « {risk} » limite les canaux : cochez ceux de la version.",
    )
    REVENUE = "risk.revenue_model", "La famille « {risk} » refuse cette monétisation."
    PARTNER_REQUIRED = "risk.partner_required", "La famille « {risk} » exige un partenaire."
    PARTNER_FORBIDDEN = "risk.partner_forbidden", "La famille « {risk} » n'admet pas de partenaire."
    TAX_CODES = "risk.tax_codes", "La famille « {risk} » refuse le code TVA {values}."
    RECURRENCES = "risk.recurrences", "La famille « {risk} » refuse cette récurrence : {values}."
    AGES = "risk.ages", "La famille « {risk} » s'adresse aux personnes {ages}."
    CUSTOMERS = "risk.customers", "La famille « {risk} » ne s'adresse pas à cette clientèle."


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """What is known of a product or a version; None: nothing to check there.

    `of_version`: the bounds of age are those of a version, which must keep within the family's
    (an open bound does not).
    """

    revenue_model: str | None = None
    has_partner: bool | None = None
    channels: Collection[str] | None = None
    tax_codes: Collection[str] | None = None
    recurrences: Collection[str] | None = None
    of_version: bool = False
    age_min: int | None = None
    age_max: int | None = None
    customers: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A risk as a family: its label, constraints (schema `risk/constraints.json`), customers."""

    label: str
    constraints: Mapping[str, Any]
    customers: frozenset[str]


def customers_of(scope: str) -> frozenset[str]:
    """Return the customer types of a risk's scope (M-17)."""
    return frozenset({"personal", "professional"}) if scope == "both" else frozenset({scope})


def problems_of(families: Iterable[Family], facts: FamilyFacts) -> list[Reason]:
    """Return every rule that a risk or one of its parents (`families`) finds broken."""
    return [reason for family in families for reason in _problems(family, facts)]


def _problems(family: Family, facts: FamilyFacts) -> list[Reason]:
    return [
        *_of_product(family, facts),
        *_of_channels(family, facts.channels),
        *_outside(family, "tax_codes", FamilyProblem.TAX_CODES, facts.tax_codes, "tax_code"),
        *_outside(
            family, "recurrences", FamilyProblem.RECURRENCES, facts.recurrences, "recurrence"
        ),
        *_of_people(family, facts),
    ]


def _of_product(family: Family, facts: FamilyFacts) -> list[Reason]:
    found = []
    allowed = family.constraints.get("revenue_models")
    if allowed and facts.revenue_model is not None and facts.revenue_model not in allowed:
        found.append(_reason(FamilyProblem.REVENUE, family, "revenue_model"))
    partner = family.constraints.get("partner")
    if partner == "required" and facts.has_partner is False:
        found.append(_reason(FamilyProblem.PARTNER_REQUIRED, family, "partner"))
    if partner == "forbidden" and facts.has_partner:
        found.append(_reason(FamilyProblem.PARTNER_FORBIDDEN, family, "partner"))
    return found


def _of_channels(family: Family, channels: Collection[str] | None) -> list[Reason]:
    """Refuse channels outside the family's; a version that names none would be open to all."""
    if family.constraints.get("channels") and channels is not None and not channels:
        return [_reason(FamilyProblem.CHANNELS_OPEN, family, "channels")]
    return _outside(family, "channels", FamilyProblem.CHANNELS, channels, "channels")


def _outside(
    family: Family, key: str, problem: FamilyProblem, values: Collection[str] | None, path: str
) -> list[Reason]:
    allowed = family.constraints.get(key)
    wrong = sorted(set(values or ()) - set(allowed)) if allowed else []
    return [_reason(problem, family, path, values=", ".join(wrong))] if wrong else []


def _of_people(family: Family, facts: FamilyFacts) -> list[Reason]:
    found = []
    low, high = family.constraints.get("age_min"), family.constraints.get("age_max")
    young = low is not None and (facts.age_min is None or facts.age_min < low)
    old = high is not None and (facts.age_max is None or facts.age_max > high)
    if facts.of_version and (young or old):
        words = ages_in_words(low, high)
        found.append(_reason(FamilyProblem.AGES, family, "eligibility", ages=words))
    if facts.customers and not set(facts.customers) <= family.customers:
        found.append(_reason(FamilyProblem.CUSTOMERS, family, "eligibility"))
    return found


def _reason(problem: FamilyProblem, family: Family, path: str, **params: object) -> Reason:
    return Reason(problem.value, problem.message.format(risk=family.label, **params), path)
