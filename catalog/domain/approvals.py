"""Which approvals a content asks for, and what each of them is worth (`design/domain.md` §1, §2).

An approval is given to a content, by its hash: any edit voids it, a return to that content finds
it again. A release asks for the product's; a publication asks for all.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from winvest.core.errors import Problem


class ApprovalDomain(StrEnum):
    """What an approval is about (R-06)."""

    PRODUCT = "product"
    ACCOUNTING = "accounting"
    COMPLIANCE = "compliance"
    INTEGRATION = "integration"


DOMAIN_LABELS = {
    ApprovalDomain.PRODUCT: "Produit",
    ApprovalDomain.ACCOUNTING: "Compta",
    ApprovalDomain.COMPLIANCE: "Conformité",
    ApprovalDomain.INTEGRATION: "Intégration",
}
APPROVED = "approved"
# How long a validated version may wait to be published (§4, O-11).
PUBLISH_WITHIN = timedelta(hours=24)


class Standing(StrEnum):
    """What an approval is worth for the content as it is."""

    APPROVED = "approved"
    REFUSED = "refused"
    VOID = "void"
    MISSING = "missing"


STANDING_LABELS = {
    Standing.APPROVED: "Approuvée",
    Standing.REFUSED: "Refusée",
    Standing.VOID: "Caduque : le contenu a changé",
    Standing.MISSING: "En attente",
}


class ApprovalsProblem(Problem):
    """An approval that a publication waits for, by domain (`domain.md` §2)."""

    PRODUCT = "approvals.product", "Approbation Produit {what}."
    ACCOUNTING = "approvals.accounting", "Approbation Compta {what}."
    COMPLIANCE = "approvals.compliance", "Approbation Conformité (Juriste, à défaut ADV) {what}."
    INTEGRATION = "approvals.integration", "Approbation Intégration (IT) {what}."


_WHAT = {
    Standing.MISSING: "attendue pour ce contenu",
    Standing.VOID: "caduque : le contenu a changé depuis",
    Standing.REFUSED: "refusée pour ce contenu",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One decision of one reviewer on one content."""

    domain: str
    decision: str
    content_hash: str
    user_id: UUID
    user: str
    at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalState:
    """What a required approval is worth, and the word on which that rests (None: nobody's)."""

    domain: ApprovalDomain
    standing: Standing
    said: Said | None = None


class Nobody(StrEnum):
    """Why an approval is asked of nobody."""

    NO_HOLDER = "no_holder"
    WROTE = "wrote"
    ASKS = "asks"


def why_nobody(
    held: Collection[UUID], *, authors: Collection[UUID], asking: UUID | None
) -> Nobody | None:
    """Return why none of those who hold an approval may give it; None where somebody may (R-02).

    The last who may is who submits (`ASKS`), or all of them wrote, or nobody holds it.
    """
    free = set(held) - set(authors)
    if free - {asking}:
        return None
    if free:
        return Nobody.ASKS
    return Nobody.WROTE if held else Nobody.NO_HOLDER


def required_domains(*, priced_by_api: bool) -> tuple[ApprovalDomain, ...]:
    """Return the domains asked for a publication: IT's only where a partner's API prices (R-06)."""
    return tuple(
        domain for domain in ApprovalDomain if priced_by_api or domain != ApprovalDomain.INTEGRATION
    )


def approval_states(
    required: Iterable[ApprovalDomain], said: Sequence[Said], digest: str
) -> list[ApprovalState]:
    """Return what each required approval is worth for the content of hash `digest`.

    `said` holds what was said of this content, in any version of the product, and of other
    contents of this version, from the oldest to the newest: the last word counts.
    """
    return [
        _state(domain, [one for one in said if one.domain == domain], digest) for domain in required
    ]


def missing_approvals(
    required: Iterable[ApprovalDomain], said: Sequence[Said], digest: str
) -> list[ApprovalState]:
    """Return the required approvals that the content lacks: missing, refused or void."""
    states = approval_states(required, said, digest)
    return [one for one in states if one.standing != Standing.APPROVED]


def lacking(states: Iterable[ApprovalState]) -> list[tuple[ApprovalDomain, str]]:
    """Return each approval that is lacking, and in which way, in words."""
    return [
        (one.domain, _WHAT[one.standing]) for one in states if one.standing != Standing.APPROVED
    ]


def publication_due(states: Sequence[ApprovalState], effective_from: datetime) -> datetime | None:
    """Return when the version is to be published at the latest; None while an approval lacks.

    24 hours from the later of its validation and its planned date (O-11).
    """
    if any(one.standing != Standing.APPROVED for one in states):
        return None
    given = [one.said.at for one in states if one.said is not None]
    return max(*given, effective_from) + PUBLISH_WITHIN


def _state(domain: ApprovalDomain, said: Sequence[Said], digest: str) -> ApprovalState:
    of_content = [one for one in said if one.content_hash == digest]
    if of_content:
        last = of_content[-1]
        approved = last.decision == APPROVED
        return ApprovalState(domain, Standing.APPROVED if approved else Standing.REFUSED, last)
    if said and said[-1].decision == APPROVED:
        return ApprovalState(domain, Standing.VOID, said[-1])
    return ApprovalState(domain, Standing.MISSING, said[-1] if said else None)
