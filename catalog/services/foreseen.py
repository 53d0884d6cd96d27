"""Whom the approvals of a version would be asked of, were it submitted now (§1, R-02, R-05, R-06)."""

from dataclasses import dataclass, field
from uuid import UUID

from catalog.domain.approvals import ApprovalDomain, Nobody, Standing, why_nobody
from catalog.models import ProductVersion
from catalog.selectors.approvals import people_asked
from catalog.services.approval_states import approval_states, authors_of
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import User
from winvest.core.permissions import RIGHTS
from winvest.core.selectors.holders import holders

# Who gives a role that gives the approval: Compta and IT are the group's (§1).
GIVERS = {
    ApprovalDomain.ACCOUNTING: frozenset({Role.GROUP_ADMIN}),
    ApprovalDomain.INTEGRATION: frozenset({Role.GROUP_ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An approval that a version lacks: whom it is asked of, or why of nobody and who mends that.

    `holders` are those who would give it but for `nobody`. `submitters` may submit in the place of
    who asks, `givers` may open the right to somebody else.
    """

    domain: ApprovalDomain
    people: list[User]
    nobody: Nobody | None = None
    holders: list[User] = field(default_factory=list)
    submitters: list[User] = field(default_factory=list)
    givers: list[User] = field(default_factory=list)


def foreseen_approvals(version: ProductVersion, *, asking: UUID) -> list[Foreseen]:
    """Return each approval that a draft lacks, as its submission by `asking` would ask for it."""
    authors = authors_of(version, submissions=version.submissions + 1)
    return [
        foresee(one.domain, version, authors=authors, asking=asking)
        for one in approval_states(version)
        if one.standing != Standing.APPROVED
    ]


def foresee(
    domain: ApprovalDomain, version: ProductVersion, *, authors: set[UUID], asking: UUID | None
) -> Foreseen:
    """Return whom an approval is asked of, knowing who wrote the content and who submits it."""
    barred = authors if asking is None else authors | {asking}
    people = people_asked(domain, version, barred)
    if people:
        return Foreseen(domain, list(people.values()))
    held = people_asked(domain, version, ())
    nobody = why_nobody(held.keys(), authors=authors, asking=asking)
    others = holders(RIGHTS[Action.VERSION_SUBMIT], version.company_id, version.family_risk())
    givers = holders(GIVERS.get(domain, RIGHTS[Action.ACCESS_MANAGE]), version.company_id)
    return Foreseen(
        domain,
        [],
        nobody,
        list(held.values()),
        # Who wrote it knows it best.
        sorted(
            (user for key, user in others.items() if key != asking),
            key=lambda user: user.pk not in authors,
        ),
        list(givers.values()),
    )
