"""What stops when nothing opens a partner's API any more (Annexe C.2)."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from partners.models import PartnerCredential
from winvest.core.clock import now
from winvest.core.errors import Problem, Reason

# After every end that is set.
AT_LAST = datetime.max.replace(tzinfo=UTC)

# How many products on sale, of those in scope, need a partner's API; registered by the catalogue,
# which the partners do not know.
Count = Callable[[UUID], int]
_counts: list[Count] = []


class NeedNotice(Problem):
    """What is said of a partner whose API nothing opens, or nothing else."""

    CLOSED = (
        "partner.api_closed",
        "Aucun accès en service n'ouvre l'API de ce partenaire, dont {needs}.",
    )
    LAST = (
        "credential.last",
        "Aucun autre accès n'ouvre l'API de ce partenaire, dont {needs}.",
    )


def register_need(count: Count) -> None:
    """Take a count of what needs a partner's API."""
    _counts.append(count)


def closed_api(partner_id: UUID) -> list[Reason]:
    """Return the warning that products on sale need the partner's API, which nothing opens now."""
    if PartnerCredential.opens(partner_id, now(), live=True):
        return []
    return _told(NeedNotice.CLOSED, partner_id)


def needed_credential(credential: PartnerCredential) -> list[Reason]:
    """Return the warning that nothing else opens an API that products on sale need (C.2-03).

    Another credential whose end is set already does not go on.
    """
    if PartnerCredential.opens(credential.partner_id, AT_LAST, live=True, but=credential.pk):
        return []
    return _told(NeedNotice.LAST, credential.partner_id)


def _told(notice: NeedNotice, partner_id: UUID) -> list[Reason]:
    count = sum(one(partner_id) for one in _counts)
    if not count:
        return []
    needs = (
        "dépend 1 produit en vente" if count == 1 else f"dépendent {count} produits en vente"
    ) + " (« Intégré API »)"
    return [Reason(notice.value, notice.message.format(needs=needs))]
