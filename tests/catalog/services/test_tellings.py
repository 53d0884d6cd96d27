"""Who is asked and told of a version's steps (Annexe D.3.1, D.3.2; R-04 to R-06)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from catalog.services.approvals import decide
from catalog.services.copies import duplicate_version
from catalog.services.reminders import remind
from catalog.services.versions import release_version, submit_version
from tests.factories import ExternalMappingFactory
from tests.support.offers import make_whole
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, Notification
from winvest.core.transaction import transaction as audited

pytestmark = pytest.mark.usefixtures("everything")
TEAM = {
    *(Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ACCOUNTING, Role.ADV, Role.LEGAL, Role.IT),
    *(Role.MARKETING, Role.SALES, Role.AUDITOR),
}


def told(kind):
    """Return who was told, by role, of this kind, and forget it."""
    rows = Notification.objects.filter(kind=kind)
    members = Membership.objects.filter(user__in=rows.values("user"))
    roles = set(members.values_list("role", flat=True))
    rows.delete()
    return roles


@pytest.mark.requirement("D.3.1-05", "D.3.1-06", "D.3.1-07", "D.3.2-02", "4-05")
def test_approvals_are_asked_of_the_accountable_and_told_to_the_others(company, user_with):
    team = {role: user_with(role, company) for role in TEAM}
    author = user_with(Role.CATALOG_MANAGER, company)
    draft = duplicate_version(actor=author, version=make_whole(company, sku="AP-1"))
    ExternalMappingFactory(product=draft.product, integration_status="api")
    version = submit_version(actor=author, version=draft)
    assert not Notification.objects.filter(user=author).exists()
    asked = {Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ACCOUNTING, Role.LEGAL, Role.IT}
    assert told("approval_asked") == asked

    decide(actor=team[Role.ACCOUNTING], version=version, domain="accounting", decision="approved")
    # A mapping: Produit consulted, ADV and IT informed; Marketing reads no version before it is out.
    informed = {Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ADV, Role.LEGAL, Role.IT}
    assert told("approval_given") == informed

    refusal = {"decision": "refused", "comment": "Prix trop bas"}
    decide(actor=team[Role.CATALOG_MANAGER], version=version, **refusal)
    row = Notification.objects.get(kind="approval_refused", user=author)
    assert (row.title, "Prix trop bas" in row.text) == (
        *("AP-1 v2 : approbation Produit refusée", True),
    )
    assert Role.ACCOUNTING in told("approval_refused")

    version.refresh_from_db()
    version = submit_version(actor=author, version=version)
    assert told("approval_asked") == asked - {Role.ACCOUNTING}  # what stands is not asked again
    decide(actor=team[Role.COMPANY_ADMIN], version=version, decision="approved")
    release_version(actor=author, version=version)
    assert told("version_released") == TEAM - {Role.MARKETING, Role.SALES, Role.AUDITOR}


@pytest.mark.requirement("4-05")
def test_a_late_publication_and_a_voided_approval_are_told_once(company, user_with, api):
    """O-11: 24 hours from the later of the validation and the planned date."""
    team = {role: user_with(role, company) for role in TEAM}
    author = user_with(Role.CATALOG_MANAGER, company)
    start = datetime(2026, 12, 1, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False) as clock:
        version = duplicate_version(
            actor=author, version=make_whole(company, sku="AP-1"), effective_from=start
        )
        version = submit_version(actor=author, version=version)
        address = f"/api/catalog/versions/{version.pk}/required-approvals"

        def state():
            answer = api(author).get(address).json()
            return answer["publication_due_at"], answer["late"]

        decide(actor=team[Role.CATALOG_MANAGER], version=version, decision="approved")
        with audited(team[Role.COMPANY_ADMIN]):
            version.plans.filter(code="BASIC").update(name="Autre")
        before = list(Notification.objects.values_list("pk", flat=True))
        assert (remind().late, remind().late) == (0, 0)
        # The product's alone was voided; who has edited is an author.
        (again,) = Notification.objects.exclude(pk__in=before)
        assert (again.user, again.action) == (team[Role.CATALOG_MANAGER], "approve.product")
        for role, domain in (
            (Role.CATALOG_MANAGER, "product"),
            (Role.ACCOUNTING, "accounting"),
            (Role.LEGAL, "compliance"),
        ):
            decide(actor=team[role], version=version, domain=domain, decision="approved")
        assert state() == ("2026-12-02T00:00:00Z", False)
        release_version(actor=author, version=version)
        for at, number in ((start + timedelta(hours=23), 0), (start + timedelta(hours=24), 1)):
            clock.move_to(at)
            assert remind().late == number
        assert state() == ("2026-12-02T00:00:00Z", True)
        assert remind().late == 0
        assert told("publication_late") == {Role.ADV}
