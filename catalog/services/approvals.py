"""Approving the content of a version: by someone else than its authors (four eyes, §1)."""

from catalog.choices import ApprovalDomain, Decision, VersionState
from catalog.domain.approvals import ApprovalsProblem
from catalog.models import ProductVersion, VersionApproval
from catalog.selectors.approvals import ACTIONS, said_of
from catalog.services.approval_states import (
    OPEN_STATES,
    authors_of,
    digest_of,
    is_asked,
    required_of,
)
from catalog.services.reopening import reopen_draft
from catalog.services.tellings import tell_decision
from winvest.core import permissions
from winvest.core.errors import Conflict, Forbidden, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction


class ApprovalProblem(Problem):
    """Why nothing is decided, or released."""

    NOT_IN_REVIEW = (
        "approval.not_in_review",
        "Seule une version en validation ou mise en production s'approuve.",
    )
    DONE = (
        "approval.done",
        "Cette version a toutes ses approbations : il n'y a plus rien à approuver.",
    )
    OWN = "approval.own", "Qui a écrit ce contenu ne l'approuve pas : une autre personne le fait."
    REQUESTER = (
        "approval.requester",
        "Qui a soumis cette version ne l'approuve pas : une autre personne le fait. Vous pouvez la "
        "refuser, ce qui la rend au brouillon.",
    )
    NOT_ASKED = (
        "approval.not_asked",
        "L'approbation Intégration n'est demandée que d'un produit tarifé par API.",
    )
    JURIST = (
        "approval.jurist",
        "La conformité est approuvée par un juriste : l'ADV le remplace où la société n'en a pas, ou où "
        "tous ont écrit ce contenu.",
    )
    CHANGED = (
        "approval.content_changed",
        "Le contenu a changé depuis que vous l'avez lu : relisez-le avant de décider.",
    )
    MISSING = (
        ApprovalsProblem.PRODUCT.value,
        "Le contenu actuel n'est pas approuvé (Produit) par une autre personne que son auteur.",
    )


def decide(
    *,
    actor: User,
    version: ProductVersion,
    domain: str = ApprovalDomain.PRODUCT,
    decision: str,
    comment: str = "",
    seen: str = "",
) -> VersionApproval:
    """Approve or refuse the content of a version: right `approve.*` of the domain.

    Given to the content as it is now, by its hash; `Conflict` when that is no longer `seen`, the
    hash of what the actor has read, where he says it. `Forbidden` for one of its authors, for the
    approval of who submitted it (R-02: he may take it back), and for ADV where the company has a
    jurist (R-05). A refusal says why (`ValidationError`) and sends a version in review back to its
    author's drafts; a released one stays, and what it lacks keeps it from being published.
    """
    permissions.require_on(actor, ACTIONS[ApprovalDomain(domain)], version)
    with transaction(actor, version.company_id):
        locked = lock_row(version)
        if locked.state not in OPEN_STATES:
            raise Conflict(ApprovalProblem.NOT_IN_REVIEW)
        _check_reviewer(actor, locked, domain, decision)
        if domain not in required_of(locked):
            raise Conflict(ApprovalProblem.NOT_ASKED)
        digest = digest_of(locked)
        if seen and seen != digest:
            raise Conflict(ApprovalProblem.CHANGED)
        approval = VersionApproval(
            product_version=locked,
            company_id=locked.company_id,
            domain=domain,
            decision=decision,
            comment=comment.strip(),
            content_hash=digest,
            user=actor,
        )
        approval.full_clean()
        approval.save(force_insert=True)
        if decision == Decision.REFUSED and locked.state == VersionState.IN_REVIEW:
            locked.state = VersionState.DRAFT
            locked.save()
            reopen_draft(locked)
        tell_decision(actor=actor, version=locked, approval=approval)
    return approval


def _check_reviewer(actor: User, version: ProductVersion, domain: str, decision: str) -> None:
    """Refuse the authors, the approval of the requester, and ADV in a jurist's place."""
    if actor.pk in authors_of(version):
        raise Forbidden(ApprovalProblem.OWN)
    if decision == Decision.APPROVED and actor.pk == version.submitted_by_id:
        raise Forbidden(ApprovalProblem.REQUESTER)
    if not is_asked(actor, domain, version):
        raise Forbidden(ApprovalProblem.JURIST)


def require_approval(version: ProductVersion, digest: str) -> None:
    """Refuse to release a content that the product's reviewer has not approved.

    The other approvals hold back its publication (`design/domain.md` §2).
    """
    said = [
        one
        for one in said_of(version, digest)
        if one.domain == ApprovalDomain.PRODUCT and one.content_hash == digest
    ]
    if not said or said[-1].decision != Decision.APPROVED:
        raise Conflict(ApprovalProblem.MISSING)
