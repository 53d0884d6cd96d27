"""Changing a partner's IBAN takes two people (`design/domain.md` §11, `partner.iban`)."""

from partners.choices import IbanChangeState
from partners.domain.bank import bic_of, checked_bic, checked_iban, masked_iban
from partners.models import Partner, PartnerIbanChange
from winvest.core import permissions
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, Forbidden, Problem
from winvest.core.models.access import User
from winvest.core.services.secrets import reveal, seal
from winvest.core.transaction import transaction


class IbanProblem(Problem):
    """Why a change of IBAN is refused."""

    PENDING = "partner.iban_pending", "Un changement d'IBAN attend déjà d'être confirmé."
    SAME_PERSON = "partner.iban_same_person", "Un IBAN se confirme par une autre personne."
    DECIDED = "partner.iban_decided", "Ce changement d'IBAN a déjà été décidé."


def propose_iban(*, actor: User, partner: Partner, iban: str, bic: str = "") -> PartnerIbanChange:
    """Propose an IBAN for the partner: nothing changes until another person confirms it.

    Without a BIC, the bank's own is taken where it is known. Raises `Forbidden`, `Invalid` for a
    wrong IBAN or BIC, `Conflict` while another change is pending.
    """
    permissions.require(actor, Action.PARTNER_IBAN, partner.company_id)
    compact = checked_iban(iban)
    change = PartnerIbanChange(
        partner=partner,
        company_id=partner.company_id,
        iban_masked=masked_iban(compact),
        bic=checked_bic(bic) if bic else bic_of(compact),
        proposed_by=actor,
    )
    with transaction(actor, partner.company_id):
        Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
        if PartnerIbanChange.objects.filter(
            partner=partner, state=IbanChangeState.PENDING
        ).exists():
            raise Conflict(IbanProblem.PENDING)
        seal(change, "iban", compact)
        change.full_clean()
        change.save(force_insert=True)
    return change


def confirm_iban(*, actor: User, change: PartnerIbanChange) -> None:
    """Put a proposed IBAN into force; its own proposer is refused."""
    permissions.require(actor, Action.PARTNER_IBAN, change.company_id)
    with transaction(actor, change.company_id):
        locked = _pending(change)
        if locked.proposed_by_id == actor.pk:
            raise Forbidden(IbanProblem.SAME_PERSON)
        partner = Partner.objects.select_for_update(of=("self",)).get(pk=locked.partner_id)
        seal(partner, "iban", reveal(locked, "iban"))
        partner.iban_masked = locked.iban_masked
        partner.bic = locked.bic or partner.bic
        partner.full_clean()
        partner.save()
        _decide(locked, actor, IbanChangeState.APPLIED)


def refuse_iban(*, actor: User, change: PartnerIbanChange, reason: str = "") -> None:
    """Drop a proposed IBAN; its proposer may take it back."""
    permissions.require(actor, Action.PARTNER_IBAN, change.company_id)
    with transaction(actor, change.company_id):
        _decide(_pending(change), actor, IbanChangeState.REFUSED, reason)


def _pending(change: PartnerIbanChange) -> PartnerIbanChange:
    locked: PartnerIbanChange = PartnerIbanChange.objects.select_for_update(of=("self",)).get(
        pk=change.pk
    )
    if locked.state != IbanChangeState.PENDING:
        raise Conflict(IbanProblem.DECIDED)
    return locked


def _decide(
    change: PartnerIbanChange, actor: User, state: IbanChangeState, reason: str = ""
) -> None:
    change.state, change.decided_by, change.decided_at = state, actor, now()
    change.reason = reason[:300]
    # The partner keeps its own copy; what was refused is kept nowhere.
    change.iban = None
    change.save()
