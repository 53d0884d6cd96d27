"""Who holds a right in a company: the people whom the product asks and tells."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from winvest.core import permissions, scoping
from winvest.core.domain.roles import Role
from winvest.core.models.access import Membership, User


def holders(
    roles: Collection[Role],
    company_id: UUID,
    risk_id: UUID | None = None,
    *,
    group: bool = True,
) -> dict[UUID, User]:
    """Return the active people who hold one of the roles in the company, by key.

    Without `group`, those of the whole group do not count.

    With `risk_id`, a membership limited to other risk families does not count (N-02). Service
    accounts read no messages. At most two statements, plus the tree of risks where some are limited.
    """
    rows = (
        Membership._base_manager.filter(
            Q(company=company_id) | Q(company=None) if group else Q(company=company_id),
            role__in=roles,
            user__is_active=True,
            user__is_service=False,
        )
        .select_related("user")
        .prefetch_related("limits")
        .order_by("user__name", "user__email")
    )
    with scoping.everything():
        held = [(row.user, {limit.risk_id for limit in row.limits.all()}) for row in rows]
        named = set().union(*(limits for _, limits in held))
        expanded = permissions.families().expand(named) if named and risk_id else {}
    return {
        user.pk: user
        for user, limits in held
        if risk_id is None or not limits or any(risk_id in expanded[one] for one in limits)
    }
