"""What reviewers said of a content, and whom each approval is asked of (`domain.md` §1, §11)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from catalog.choices import ApprovalDomain, Decision, IntegrationStatus, VersionState
from catalog.domain.approvals import Said
from catalog.models import ExternalMapping, ProductVersion, VersionApproval
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import User
from winvest.core.permissions import RIGHTS
from winvest.core.selectors.holders import holders

ACTIONS = {
    ApprovalDomain.PRODUCT: Action.APPROVE_PRODUCT,
    ApprovalDomain.ACCOUNTING: Action.APPROVE_ACCOUNTING,
    ApprovalDomain.COMPLIANCE: Action.APPROVE_COMPLIANCE,
    ApprovalDomain.INTEGRATION: Action.APPROVE_INTEGRATION,
}


def said_of(version: ProductVersion, digest: str) -> list[Said]:
    """Return what was said of this content in any version of the product, and of this version.

    From the oldest to the newest. The same content has the same hash: a return to an earlier
    version keeps its approvals.
    """
    rows = VersionApproval._base_manager.filter(
        Q(content_hash=digest, product_version__product=version.product_id)
        | Q(product_version=version.pk)
    )
    return [
        Said(
            domain=row.domain,
            decision=row.decision,
            content_hash=row.content_hash,
            user_id=row.user_id,
            user=str(row.user),
            at=row.created_at,
            comment=row.comment,
        )
        for row in rows.select_related("user").order_by("created_at", "pk")
    ]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a version is a draft again: who sent it back, when, with which words."""

    user: str
    at: datetime
    comment: str


def refusals_of(versions: Collection[UUID]) -> dict[UUID, Refusal]:
    """Return the refusal of each version that was sent back and not submitted anew, by its key."""
    rows = sent_back().filter(product_version__in=versions).select_related("user")
    return {
        row.product_version_id: Refusal(str(row.user), row.created_at, row.comment)
        for row in rows.order_by("created_at", "pk")
    }


def sent_back() -> QuerySet[VersionApproval]:
    """Return the refusals that made their version a draft again, until it is submitted anew."""
    return VersionApproval._base_manager.filter(
        product_version__state=VersionState.DRAFT,
        decision=Decision.REFUSED,
        created_at__gte=F("product_version__submitted_at"),
    )


def priced_by_api(product_id: UUID) -> bool:
    """Whether a partner's API prices the product: IT answers for it (C.2, R-06)."""
    return ExternalMapping._base_manager.filter(
        product_id=product_id, integration_status=IntegrationStatus.API
    ).exists()


def people_asked(
    domain: str, version: ProductVersion, barred: Collection[UUID]
) -> dict[UUID, User]:
    """Return who may give this approval, by key: none of the `barred`, who wrote or asks for it.

    Compliance is the jurists', and ADV's where the company has none for this family, or where all
    of them are barred (R-05): a jurist who deposits a document does not approve it.
    """

    def others(roles: Collection[Role]) -> dict[UUID, User]:
        found = holders(roles, version.company_id, version.family_risk())
        return {key: user for key, user in found.items() if key not in barred}

    if domain != ApprovalDomain.COMPLIANCE:
        return others(RIGHTS[ACTIONS[ApprovalDomain(domain)]])
    return others({Role.LEGAL}) or others({Role.ADV})
