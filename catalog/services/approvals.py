"""Approving the content of a version: by someone else than its authors (four eyes, §1)."""

from uuid import UUID

from catalog.choices import ApprovalDomain, Decision, VersionState
from catalog.models import ProductVersion, VersionApproval, VersionAuthor
from catalog.parts import content_hash
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Forbidden, Problem
from winvest.core.models.access import User
from winvest.core.services.rows import lock_row
from winvest.core.transaction import transaction

ACTIONS = {ApprovalDomain.PRODUCT: Action.APPROVE_PRODUCT}


class ApprovalProblem(Problem):
    """Why nothing is decided, or released."""

    NOT_IN_REVIEW = "approval.not_in_review", "Seule une version en validation s'approuve."
    OWN = "approval.own", "Qui a écrit ce contenu ne l'approuve pas : une autre personne le fait."
    MISSING = (
        "approvals.product",
        "Le contenu actuel n'est pas approuvé (Produit) par une autre personne que son auteur.",
    )


def decide(
    *,
    actor: User,
    version: ProductVersion,
    domain: str = ApprovalDomain.PRODUCT,
    decision: str,
    comment: str = "",
) -> VersionApproval:
    """Approve or refuse the content of a version in review: right `approve.product`.

    Given to the content as it is now, by its hash. `Forbidden` for one of its authors. A refusal
    says why (`ValidationError`), and sends the version back to draft.
    """
    permissions.require_on(actor, ACTIONS[ApprovalDomain(domain)], version)
    with transaction(actor, version.company_id):
        locked = lock_row(version)
        if locked.state != VersionState.IN_REVIEW:
            raise Conflict(ApprovalProblem.NOT_IN_REVIEW)
        if actor.pk in authors_of(locked):
            raise Forbidden(ApprovalProblem.OWN)
        approval = VersionApproval(
            product_version=locked,
            company_id=locked.company_id,
            domain=domain,
            decision=decision,
            comment=comment.strip(),
            content_hash=content_hash(locked),
            user=actor,
        )
        approval.full_clean()
        approval.save(force_insert=True)
        if decision == Decision.REFUSED:
            locked.state = VersionState.DRAFT
            locked.save()
    return approval


def authors_of(version: ProductVersion) -> set[UUID]:
    """Return who changed the content since the submission before the present one.

    A version submitted again as it was keeps the authors of the time before.
    """
    rows = VersionAuthor.objects.filter(product_version=version)
    before = rows.filter(round__lt=max(version.submissions, 1)).order_by("-round")
    since = before.values_list("round", flat=True).first() or 0
    return set(rows.filter(round__gte=since).values_list("user_id", flat=True))


def standing_approval(version: ProductVersion, digest: str) -> VersionApproval | None:
    """Return the last word on this content, said of any version of the product; None without.

    The same content has the same hash: a return to an earlier version keeps its approvals.
    """
    said = VersionApproval.objects.filter(
        product_version__product=version.product_id,
        domain=ApprovalDomain.PRODUCT,
        content_hash=digest,
    )
    last: VersionApproval | None = (
        said.select_related("user").order_by("-created_at", "-pk").first()
    )
    return last


def require_approval(version: ProductVersion, digest: str) -> None:
    """Refuse a content that is not approved."""
    said = standing_approval(version, digest)
    if said is None or said.decision != Decision.APPROVED:
        raise Conflict(ApprovalProblem.MISSING)
