"""Where the approvals of a version stand: which are asked, of whom, and what was said."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.choices import VersionState
from catalog.domain import approvals
from catalog.domain.approvals import ApprovalState, Standing
from catalog.models import ProductVersion, Publication, VersionAuthor
from catalog.parts import content_hash
from catalog.selectors.approvals import ACTIONS, people_asked, priced_by_api, said_of
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.models.access import User

# A version that is out may still lack what its publication waits for.
OPEN_STATES = (VersionState.IN_REVIEW, VersionState.RELEASED)


def digest_of(version: ProductVersion) -> str:
    """Return the hash of the content as it is: the frozen one once released."""
    return version.content_hash or content_hash(version)


def required_of(version: ProductVersion) -> tuple[approvals.ApprovalDomain, ...]:
    """Return the domains whose approval a publication of the version waits for."""
    return approvals.required_domains(priced_by_api=priced_by_api(version.product_id))


def approval_states(version: ProductVersion) -> list[ApprovalState]:
    """Return each approval that a publication of the version asks for, and what it is worth now.

    `approvals.lacking` tells those that hold it back.
    """
    digest = digest_of(version)
    return approvals.approval_states(required_of(version), said_of(version, digest), digest)


@dataclass(frozen=True, slots=True)
class PublicationClock:
    """When the version is to be published at the latest, and whether that hour is past (O-11)."""

    due_at: datetime | None
    published: bool

    @property
    def late(self) -> bool:
        """Whether it should be published by now and is not."""
        return self.due_at is not None and not self.published and self.due_at <= now()


def publication_clock(version: ProductVersion, states: list[ApprovalState]) -> PublicationClock:
    """Return the clock of a version in review or released; it does not run for any other."""
    runs = version.state in OPEN_STATES
    return PublicationClock(
        due_at=approvals.publication_due(states, version.effective_from) if runs else None,
        published=Publication._base_manager.filter(product_version=version).exists(),
    )


def authors_of(version: ProductVersion, *, submissions: int | None = None) -> set[UUID]:
    """Return who changed the content since the submission before the present one.

    A version submitted again as it was keeps the authors of the time before. `submissions` asks as
    if it had been submitted so many times.
    """
    rows = VersionAuthor._base_manager.filter(product_version=version)
    present = version.submissions if submissions is None else submissions
    before = rows.filter(round__lt=max(present, 1)).order_by("-round")
    since = before.values_list("round", flat=True).first() or 0
    return set(rows.filter(round__gte=since).values_list("user_id", flat=True))


def not_asked(version: ProductVersion) -> set[UUID]:
    """Return who approves nothing of the version: its authors, and who asks for it (§2, R-02)."""
    asking = version.submitted_by_id
    return authors_of(version) | (set() if asking is None else {asking})


def decidable(actor: User, version: ProductVersion) -> list[approvals.ApprovalDomain]:
    """Return the domains on which the actor may say something of this version, authors included.

    On a released version, those that a publication still lacks.
    """
    if version.state not in OPEN_STATES:
        return []
    access = permissions.access_of(actor)
    mine = [
        domain.value
        for domain, action in ACTIONS.items()
        if access.allowed_on(action, version, version.company_id)
    ]
    if not mine:
        return []
    if version.state == VersionState.RELEASED:
        asked = [
            one.domain for one in approval_states(version) if one.standing != Standing.APPROVED
        ]
    else:
        asked = list(required_of(version))
    return [one for one in asked if one.value in mine and is_asked(actor, one, version)]


def is_asked(actor: User, domain: str, version: ProductVersion) -> bool:
    """Whether the approval is the actor's to give: ADV's only where no jurist may (R-05)."""
    if domain != approvals.ApprovalDomain.COMPLIANCE:
        return True
    return actor.pk in people_asked(domain, version, not_asked(version))
