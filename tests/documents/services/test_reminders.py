"""What time does to documents, and who is told (B.4, D.3.1-05, 4-10)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import ProductVersion, Risk
from catalog.services.lifecycle import ExitPlan, move_product
from documents.choices import DocumentState
from documents.models import DocumentType, ProductDocument
from documents.services.publish import archive_document
from documents.services.reminders import sweep_documents
from documents.services.upload import delete_document
from documents.tasks import sweep
from tests.factories import DocumentFactory, ProductFactory, PublicationFactory, VersionFactory
from tests.support.offers import make_released
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict
from winvest.core.models import Membership, Notification

pytestmark = pytest.mark.usefixtures("everything")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LAST = date(2026, 12, 31)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people(company, other_company, user_with):
    user_with(Role.ADV, other_company)
    return {role: user_with(role, company) for role in Role if role != Role.GROUP_ADMIN}


KEEPERS = {Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ADV, Role.LEGAL}


def told(kind):
    rows = Notification.objects.filter(kind=kind)
    members = Membership.objects.filter(user__in=rows.values("user"))
    return set(members.values_list("role", flat=True))


def counts():
    swept = sweep_documents()
    return swept.expired, swept.expiring, swept.archived, swept.lacking


def published(version, code="CG", **more):
    return DocumentFactory(
        product_version=version,
        type=DocumentType.objects.get(code=code),
        state=DocumentState.PUBLISHED,
        published_at=NOW,
        **more,
    )


@pytest.mark.requirement("B.4-06", "E.3-03")
@pytest.mark.requirement("C.5-02")
def test_a_document_is_told_thirty_days_before_its_end_then_expires(company, people, clock):
    version = make_released(company=company, sku="AP-1", plans={"A": "10"})
    row = published(version, title="Conditions", valid_until=LAST)
    published(version, code="FAQ", title="Sans fin")
    past = make_released(company=company, sku="AP-2", plans={"A": "10"})
    ProductVersion.objects.filter(pk=past.pk).update(effective_to=NOW)
    replaced = published(past, valid_until=LAST)
    assert counts() == (0, 0, 0, 0)
    # The 30 last days begin on 2 December, at midnight in Paris.
    clock.move_to(datetime(2026, 12, 1, 22, 59, tzinfo=UTC))
    assert counts() == (0, 0, 0, 0)
    clock.move_to(datetime(2026, 12, 1, 23, tzinfo=UTC))
    assert counts() == (0, 1, 0, 0)
    said = Notification.objects.first()
    assert (said.title, said.target_id) == ("AP-1 v1 : CG bientôt expiré", row.pk)
    assert "« Conditions » est valide jusqu'au 31/12/2026 inclus." in said.text
    assert told("document_expiring") == KEEPERS
    assert Notification.objects.count() == len(KEEPERS)
    assert counts() == (0, 0, 0, 0)

    clock.move_to(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    assert counts() == (0, 0, 0, 0)
    clock.move_to(datetime(2027, 1, 4, tzinfo=UTC))  # three days without a run
    sweep()
    for one in (row, replaced):
        one.refresh_from_db()
        assert one.state == DocumentState.EXPIRED
    assert not Notification.objects.filter(target_id=replaced.pk).exists()
    assert row.history.first().state == DocumentState.EXPIRED
    assert Notification.objects.filter(title="AP-1 v1 : CG expiré").count() == len(KEEPERS)
    assert counts() == (0, 0, 0, 0)


@pytest.mark.requirement("B.4-06", "D.3.1-05")
def test_what_a_submitted_version_lacks_is_told_for_each_lack(company, people):
    family = Risk.objects.get(code="SANTE", is_global=True)
    product = ProductFactory(company=company, sku="AP-1", name="Santé", risk=family)
    version = VersionFactory(product=product, channels=["web"])
    dipa = DocumentFactory(
        product_version=version, type=DocumentType.objects.get(code="DIPA"), channels=["field"]
    )
    assert counts()[3] == 0  # nobody has sent it yet
    ProductVersion.objects.filter(pk=version.pk).update(state="in_review", submitted_at=NOW)
    assert counts()[3] == 1
    row = Notification.objects.first()
    assert row.title == "AP-1 v1 : documents manquants"
    assert row.text == (
        "Santé ne peut pas encore être publié. Il manque le document « Conditions générales » "
        "(tous les canaux). Il manque le document « Document d'information sur le produit "
        "d'assurance » (tous les canaux)."
    )
    assert told("document_missing") == KEEPERS
    sweep_documents()
    assert Notification.objects.count() == len(KEEPERS)
    ProductDocument.objects.filter(pk=dipa.pk).update(channels=["web", "field"])
    sweep_documents()
    assert Notification.objects.filter(title__endswith=": document manquant").count() == len(
        KEEPERS
    )
    published(version)
    assert counts()[3] == 0
    ProductDocument.objects.filter(pk=dipa.pk).delete()
    assert counts()[3] == 1
    released = {"state": "released", "released_at": NOW, "content_hash": "sha256:1"}
    ProductVersion.objects.filter(pk=version.pk).update(**released)
    assert counts()[3] == 1
    day = NOW + timedelta(days=1)
    PublicationFactory(product_version=version, channels=["web"], start_at=day)
    assert counts()[3] == 0  # the publication's own checks tell


@pytest.mark.requirement("4-10", "D.3.5-04")
@pytest.mark.parametrize("renewed", [False, True])
def test_a_retired_product_leaves_no_document_in_force_unless_contracts_renew(
    company, people, renewed
):
    version = make_released(company=company, sku="AP-1", plans={"A": "10"})
    rows = [published(version), DocumentFactory(product_version=version, title="Brouillon")]
    other = published(make_released(company=company, sku="AP-2", plans={"A": "10"}))
    assert counts() == (0, 0, 0, 0)
    move_product(
        actor=people[Role.CATALOG_MANAGER],
        product=version.product,
        to=LifecycleStatus.RETIRED,
        reason="Fin",
        exit_plan=ExitPlan(renewals_allowed=renewed, note="Support."),
    )
    for row in (*rows, other):
        row.refresh_from_db()
    kept = DocumentState.PUBLISHED if renewed else DocumentState.ARCHIVED
    assert [row.state for row in (*rows, other)] == [
        *(kept, DocumentState.DRAFT, DocumentState.PUBLISHED),
    ]
    said = Notification.objects.filter(kind="documents_archived")
    assert {one.title for one in said} == (set() if renewed else {"AP-1 : documents archivés"})
    assert counts() == (0, 0, 0, 0)
    # What somebody publishes of it afterwards is archived by the next run.
    ProductDocument.objects.filter(pk=rows[1].pk).update(
        state=DocumentState.PUBLISHED, published_at=NOW
    )
    assert counts() == (0, 0, 0 if renewed else 1, 0)


@pytest.mark.requirement("4-10", "D.3.5-04", "B.4-04")
def test_documents_kept_for_renewals_are_asked_about_each_year_until_archived(
    company, people, clock
):
    version = make_released(company=company, sku="AP-1", plans={"A": "10"}, name="Santé")
    row = published(version)
    move_product(
        actor=people[Role.CATALOG_MANAGER],
        product=version.product,
        to=LifecycleStatus.RETIRED,
        reason="Fin",
        exit_plan=ExitPlan(renewals_allowed=True, note="Support."),
    )

    def asked(at):
        clock.move_to(at)
        sweep_documents()
        sweep_documents()
        return Notification.objects.filter(kind="documents_kept").count()

    last = datetime(2027, 11, 24, 22, 59, tzinfo=UTC)
    assert asked(last) == 0
    # A year after the retirement, at midnight in Paris; then once for each year.
    assert asked(last + timedelta(minutes=1)) == 2
    assert told("documents_kept") == {Role.ADV, Role.LEGAL}
    said = Notification.objects.filter(kind="documents_kept").first()
    assert said.title == "AP-1 : documents d'un produit retiré encore diffusés"
    assert "Santé est retiré depuis le 25/11/2026" in said.text
    assert asked(datetime(2028, 11, 24, 12, tzinfo=UTC)) == 2
    assert asked(datetime(2028, 11, 26, 12, tzinfo=UTC)) == 4
    archive_document(actor=people[Role.ADV], document=row)
    assert asked(datetime(2029, 12, 1, tzinfo=UTC)) == 4
    with pytest.raises(Conflict, match="archivez"):
        delete_document(actor=people[Role.ADV], document=row)
