"""Who is asked and told of a version's steps (Annexe D.3.1, D.3.2; R-04 to R-06)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from catalog.domain.lifecycle import LifecycleStatus
from catalog.services.approvals import decide
from catalog.services.copies import duplicate_version
from catalog.services.lifecycle import ExitPlan, cancel_move, move_product
from catalog.services.reminders import remind
from catalog.services.sweep import apply_due_moves
from catalog.services.versions import release_version, submit_version
from tests.factories import ExternalMappingFactory, ProductFactory, PublicationFactory
from tests.support.calls import errors, send
from tests.support.offers import make_released, make_whole
from tests.support.publishable import make_publishable
from winvest.core.clock import now
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
    # D.3.2-01: who approves says so there; ADV and Marketing are consulted beside.
    assert told("opinion_asked") == {Role.ADV, Role.MARKETING}
    assert not told("version_submitted")

    decide(actor=team[Role.ACCOUNTING], version=version, domain="accounting", decision="approved")
    # A mapping: Produit consulted, ADV, IT and Marketing informed.
    informed = {Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ADV, Role.LEGAL, Role.IT}
    assert told("approval_given") == informed | {Role.MARKETING}

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
    assert told("version_released") == TEAM - {Role.SALES, Role.AUDITOR}


@pytest.mark.requirement(
    *("D.3.1-01", "D.3.1-02", "D.3.1-03", "D.3.1-04", "D.3.2-01", "D.3.2-03"),
)
def test_opinions_are_asked_before_a_step_and_the_informed_are_told(company, people, user_with):
    """A new product: all its writing is submitted at once; a change: a proposal."""
    author = user_with(Role.CATALOG_MANAGER, company)
    first = duplicate_version(actor=author, version=make_whole(company, sku="AP-1"))
    first = submit_version(actor=author, version=first)
    row = Notification.objects.get(kind="opinion_asked", user=people[Role.MARKETING])
    assert (row.title, row.target_id) == ("AP-1 v2 : votre avis est demandé", first.pk)
    assert f"Donnez votre avis à {author}." in row.text
    # No partner's API: IT approves nothing, and is consulted on the needs.
    assert told("opinion_asked") == {Role.ADV, Role.MARKETING, Role.IT}
    assert not told("version_submitted")
    for role, domain in (
        (Role.CATALOG_MANAGER, "product"),
        (Role.ACCOUNTING, "accounting"),
        (Role.LEGAL, "compliance"),
    ):
        decide(actor=people[role], version=first, domain=domain, decision="approved")
    release_version(actor=author, version=first)

    change = submit_version(actor=author, version=duplicate_version(actor=author, version=first))
    assert told("opinion_asked") == {Role.ADV, Role.MARKETING}
    assert told("version_submitted") == {Role.IT}
    assert change.version == 3


@pytest.mark.requirement("D.3.1-08", "D.3.2-04", "3.4-01")
def test_a_sale_is_told_as_it_begins_and_ends_and_its_communication_asked(company, people, api):
    version = make_publishable(make_released(company=company, sku="AP-1", plans={"A": "10"}))
    version.publications.update(channels=["web"])
    adv, seeing = people[Role.ADV], TEAM - {Role.SALES, Role.AUDITOR}
    body = {"company_id": str(company.pk), "channels": ["telesales"]}
    address = f"/api/catalog/versions/{version.pk}/publications"
    client = api(adv)
    status, made = send(client, "post", address, body | {"start_at": now().isoformat()})
    assert status == 201, made
    assert told("publication_begun") == seeing - {Role.ADV}
    asked = Notification.objects.get(kind="communication", user=people[Role.MARKETING])
    assert asked.title == f"{version} : communication à faire"
    assert told("communication") == seeing

    end = f"/api/catalog/publications/{made['id']}/unpublish"
    assert send(client, "post", end, {"reason": " "})[0] == 422
    assert send(api(people[Role.CATALOG_MANAGER]), "post", end, {"reason": "x"})[0] == 403
    late = {"reason": "Fin", "at": "2020-01-01T00:00:00Z"}
    assert errors(send(client, "post", end, late)[1]) == {("at", "publication.end")}
    assert not told("publication_ended")
    reason = "Le partenaire suspend son offre ; " + "motif " * 40  # more than a hundred signs
    status, ended = send(client, "post", end, {"reason": reason})
    assert (status, ended["end_at"] is None) == (200, False), ended
    row = Notification.objects.filter(kind="publication_ended").first()
    assert row.title == f"{version} : fin de publication"
    assert row.text.endswith(f"Télévente. Motif : {reason.strip()}")
    assert told("publication_ended") == seeing - {Role.ADV}
    kept = version.publications.get(pk=made["id"]).history.first()
    assert (kept.history_change_reason, kept.history_user) == (reason.strip(), adv)
    status, refused = send(client, "post", end, {"reason": "Fin"})
    assert (status, refused["code"]) == (409, "publication.not_running")


@pytest.mark.requirement("4-05")
@pytest.mark.requirement("7-05")
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


@pytest.fixture
def people(company, other_company, user_with):
    """Return who works for the owner, by role, and make somebody who sells for another company."""
    team = {role: user_with(role, company) for role in TEAM}
    user_with(Role.SALES, other_company)
    return team


@pytest.mark.requirement("4-09", "4-10", "D.3.5-02", "D.3.5-03")
def test_a_freeze_and_a_retirement_are_told_to_all_and_to_whoever_sells(
    company, other_company, people
):
    version = make_released(company=company, sku="AP-1", plans={"A": "10"}, name="Box")
    PublicationFactory(product_version=version, company=other_company)
    product, manager = version.product, people[Role.CATALOG_MANAGER]
    other = make_released(company=company, sku="AP-2", plans={"A": "10"}).product
    freeze = {"actor": manager, "product": product, "to": LifecycleStatus.FROZEN}
    move_product(**freeze, reason="Grille fausse")
    assert not Notification.objects.filter(user=manager).exists()
    rows = Notification.objects.filter(kind="product_frozen")
    assert set(rows.values_list("company__code", flat=True)) == {"AP", other_company.code}
    assert {(row.title, row.text) for row in rows} == {
        ("AP-1 : vente gelée", "Box. Motif : Grille fausse")
    }
    assert told("product_frozen") == TEAM - {Role.CATALOG_MANAGER, Role.AUDITOR}

    move_product(
        actor=manager,
        product=product,
        to=LifecycleStatus.RETIRED,
        reason="Fin de gamme",
        exit_plan=ExitPlan(replacement=other, note="Support jusqu'en 2028."),
    )
    texts = set(Notification.objects.values_list("text", flat=True))
    assert texts == {
        "Box. Motif : Fin de gamme\nContrats en cours maintenus, renouvellements refusés. "
        "Remplacé par AP-2. Support jusqu'en 2028. Le Marketing répond de l'information des "
        "clients, avec l'ADV."
    }
    asked = Notification.objects.filter(kind="communication").values_list("title", flat=True)
    assert set(asked) == {"AP-1 : informer les clients du retrait"}
    assert told("communication") == {Role.MARKETING, Role.ADV, Role.LEGAL}
    assert Notification.objects.filter(company=other_company).count() == 1
    assert told("product_retired") == TEAM - {Role.CATALOG_MANAGER, Role.AUDITOR}
    # Neither a start of tests nor a thaw is news of this kind.
    move_product(
        actor=manager,
        product=ProductFactory(company=company, lifecycle_status="draft"),
        to=LifecycleStatus.TEST,
    )
    assert not Notification.objects.exists()


@pytest.mark.requirement("4-09", "1-15", "D.3.5-01")
def test_a_planned_move_is_told_cancelled_made_by_the_sweeper_and_failed(company, people):
    product = make_released(company=company, sku="AP-1", plans={"A": "10"}).product
    manager = people[Role.CATALOG_MANAGER]
    start = datetime(2026, 11, 25, 12, tzinfo=UTC)
    plan = {"actor": manager, "product": product, "reason": "Refonte"}
    ended = {"to": LifecycleStatus.RETIRED, "exit_plan": ExitPlan(note="Support jusqu'en 2028.")}
    with time_machine.travel(start, tick=False) as clock:
        day = datetime(2026, 11, 30, 23, tzinfo=UTC)
        move = move_product(**plan, to=LifecycleStatus.FROZEN, at=day)
        row = Notification.objects.filter(kind="lifecycle_planned").first()
        assert row.title == "AP-1 : passage à « Gelé » prévu"
        assert "le 01/12/2026 à 00:00. Motif : Refonte" in row.text
        seeing = TEAM - {Role.CATALOG_MANAGER, Role.SALES, Role.AUDITOR}
        assert told("lifecycle_planned") == seeing
        cancel_move(actor=manager, move=move)
        assert Notification.objects.first().title == "AP-1 : passage à « Gelé » annulé"
        assert told("lifecycle_planned") == seeing

        move_product(**plan, to=LifecycleStatus.FROZEN, at=day)
        Notification.objects.all().delete()
        move_product(**plan, **ended, at=day + timedelta(days=2))
        # D.3.5-01: Compta, ADV and Marketing are consulted before the retirement, IT informed.
        consulted = {Role.ACCOUNTING, Role.ADV, Role.LEGAL, Role.MARKETING}
        row = Notification.objects.filter(kind="opinion_asked").first()
        assert row.title == "AP-1 : passage à « Retiré » prévu, votre avis est demandé"
        assert told("opinion_asked") == consulted
        assert told("lifecycle_planned") == {Role.COMPANY_ADMIN, Role.IT}
        move_product(**plan, **ended)  # by hand, before both
        Notification.objects.all().delete()
        clock.move_to(day + timedelta(days=3))
        apply_due_moves()
        failed = Notification.objects.all()
        assert {(one.user, one.kind) for one in failed} == {(manager, "lifecycle_planned")}
        assert sorted(one.title for one in failed) == [
            "AP-1 : passage à « Gelé » en échec",
            "AP-1 : passage à « Retiré » en échec",
        ]
        other = make_released(company=company, sku="AP-2", plans={"A": "10"}).product
        at = day + timedelta(days=4)
        move_product(**plan | {"product": other}, to=LifecycleStatus.FROZEN, at=at)
        clock.move_to(at)
        apply_due_moves()
        assert told("product_frozen") == TEAM - {Role.AUDITOR}  # whoever planned it too


@pytest.mark.requirement("4-05")
def test_a_publication_to_come_is_told_once_for_each_date(company, people):
    version = make_released(company=company, sku="AP-1", plans={"A": "10"})
    start = datetime(2026, 12, 1, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False) as clock:
        version.publications.all().update(end_at=now())
        publication = PublicationFactory(product_version=version, channels=["web"], start_at=start)
        seeing = TEAM - {Role.SALES, Role.AUDITOR}
        assert remind().planned == len(seeing)
        assert Notification.objects.first().text.endswith(", le 01/12/2026 à 01:00 : Web.")
        assert remind().planned == 0
        clock.shift(60)
        publication.start_at = start + timedelta(days=1)
        publication.save()
        assert remind().planned == len(seeing)
        assert told("publication_planned") == seeing
        clock.move_to(start + timedelta(days=2))
        assert remind().planned == 0
