"""Opening a company: the one row that belongs to no company before it exists (1-02)."""

from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.models import Company, User
from winvest.core.services.access import sync_groups
from winvest.core.transaction import transaction


def create_company(*, actor: User, company: Company) -> Company:
    """Check and insert a company, with its groups of rights: it works at once.

    The right is the group's. Raises `Forbidden`, or Django's `ValidationError`.
    """
    permissions.require(actor, Action.COMPANY_EDIT, None)
    with transaction(actor):
        company.full_clean()
        company.save(force_insert=True)
        sync_groups(company)
    return company
