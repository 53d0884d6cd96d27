"""Two people change an IBAN (`design/domain.md` §11); only its masked form is ever shown."""

import json

import pytest
from django.db import IntegrityError

from partners.choices import IbanChangeState
from partners.models import Partner, PartnerIbanChange
from partners.services.iban import confirm_iban, propose_iban, refuse_iban
from tests.factories import IbanChangeFactory, PartnerFactory
from tests.support.demo import undone
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Invalid
from winvest.core.models import AuditEntry
from winvest.core.services.secrets import reveal

pytestmark = pytest.mark.usefixtures("everything")
IBAN = "FR7630006000011234567890189"
OTHER = "DE89370400440532013000"


@pytest.fixture
def partner(company):
    return PartnerFactory(company=company, bic="BNPAFRPP")


@pytest.fixture
def people(user_with, company):
    return [user_with(Role.ACCOUNTING, company) for _ in range(2)]


@pytest.mark.requirement("2.1-partner-03", "A.2.1-partner-05", "3.8-12")
def test_another_person_confirms_what_one_proposed(partner, people):
    first, second = people
    change = propose_iban(actor=first, partner=partner, iban=IBAN)
    partner.refresh_from_db()
    assert (partner.iban, partner.iban_masked, partner.bic) == (None, None, "BNPAFRPP")
    with pytest.raises(Forbidden):
        confirm_iban(actor=first, change=change)
    with pytest.raises(Conflict):
        propose_iban(actor=second, partner=partner, iban=OTHER)
    confirm_iban(actor=second, change=change)

    partner.refresh_from_db()
    assert reveal(partner, "iban") == IBAN
    assert (partner.iban_masked, partner.bic) == ("FR76 •••• 0189", "AGRIFRPPXXX")
    change.refresh_from_db()
    assert (change.state, change.decided_by, change.iban) == ("applied", second, None)
    for decide in (confirm_iban, refuse_iban):
        with pytest.raises(Conflict):
            decide(actor=second, change=change)
    log = json.dumps([[line.before, line.after] for line in AuditEntry.objects.all()])
    assert IBAN[4:-4] not in log
    assert "iban" not in partner.history.values()[0]


def test_a_proposal_may_be_taken_back_then_made_again(partner, people):
    first, _ = people
    change = propose_iban(actor=first, partner=partner, iban=IBAN, bic="BNPAFRPPXXX")
    refuse_iban(actor=first, change=change, reason="Faute de frappe")
    change.refresh_from_db()
    assert (change.state, change.reason, change.iban) == ("refused", "Faute de frappe", None)
    propose_iban(actor=first, partner=partner, iban=OTHER)
    assert Partner.objects.get(pk=partner.pk).iban_masked is None


def test_wrong_bank_details_propose_nothing(partner, people):
    for given in ({"iban": IBAN[:-1]}, {"iban": IBAN, "bic": "XX"}):
        with pytest.raises(Invalid):
            propose_iban(actor=people[0], partner=partner, **given)
    assert not PartnerIbanChange.objects.exists()


def test_only_who_may_change_ibans_may(partner, user_with, company, people):
    change = propose_iban(actor=people[0], partner=partner, iban=IBAN)
    manager = user_with(Role.CATALOG_MANAGER, company)
    for call in (
        lambda: propose_iban(actor=manager, partner=partner, iban=IBAN),
        lambda: confirm_iban(actor=manager, change=change),
        lambda: refuse_iban(actor=manager, change=change),
    ):
        with pytest.raises(Forbidden):
            call()


def test_the_database_asks_for_two_people_too(partner, people):
    first, _ = people
    for fields in (
        {"state": IbanChangeState.APPLIED, "decided_by": first},
        {"state": IbanChangeState.APPLIED},
        {"decided_by": first},
    ):
        with pytest.raises(IntegrityError), undone():
            IbanChangeFactory(partner=partner, proposed_by=first, **fields)
    IbanChangeFactory(partner=partner, proposed_by=first)
    with pytest.raises(IntegrityError), undone():
        IbanChangeFactory(partner=partner, proposed_by=first)
