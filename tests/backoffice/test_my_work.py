"""« Mes tâches » of each role: what its rights ask of it, and nothing more (4-05, 4-09)."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounting.choices import MappingState
from catalog.choices import LifecycleStatus, RevenueModel, VersionState
from catalog.models import Risk, VersionApproval, VersionAuthor, WizardDraft
from documents.models import DocumentType
from tests.factories import (
    START,
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PartnerFactory,
    PlannedSaleFactory,
    ProductFactory,
    PublicationFactory,
    UserFactory,
    VersionFactory,
    WizardDraftFactory,
)
from tests.support.query_counts import check_query_count
from tests.support.tiles import lines, on_sale, published, shown, tiles
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, Notification
from winvest.core.services.notifications import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def test_my_work_asks_as_much_for_many_rows_as_for_few(company, browser_as, user_with):
    client = browser_as(user_with(Role.COMPANY_ADMIN, company))
    at = now()
    health = Risk.objects.get(code="SANTE", is_global=True)

    def add_rows(number):
        for _ in range(number):
            on_sale(company, "Vendu", at + timedelta(days=1), end_at=at + timedelta(days=2))
            waits = VersionFactory(
                product__company=company,
                product__risk=health,
                product__revenue_model=RevenueModel.MIXED,
                product__partner=PartnerFactory(company=company),
                state=VersionState.IN_REVIEW,
                submitted_at=START,
            )
            WizardDraftFactory(product_version=waits)

    def read():
        work = client.get(reverse("my-work")).content.decode()
        for name in tiles(work):
            if name != "calendrier":
                shown(client, name)

    check_query_count("admin my work", read, add_rows)


def test_whoever_only_reads_is_asked_nothing(company, browser_as, user_with):
    reader = browser_as(user_with(Role.SALES, company)).get(reverse("my-work")).text
    assert "Rien ne vous est demandé" in reader
    nobody = browser_as(UserFactory()).get(reverse("my-work")).text
    assert "Aucun rôle ne vous est encore attribué" in nobody


@pytest.mark.requirement("4-05", "4-09", "E.3-03")
def test_my_work_is_what_my_rights_ask_of_me(company, other_company, browser_as, user_with):
    manager = user_with(Role.CATALOG_MANAGER, company)
    waits = VersionFactory(
        product__company=company,
        product__name="Attendu",
        state=VersionState.IN_REVIEW,
        submitted_at=START,
        submitted_by=manager,
        submissions=1,
    )
    own = VersionFactory(
        product__company=company,
        product__name="Sien",
        state=VersionState.IN_REVIEW,
        submitted_at=START,
        submissions=1,
    )
    VersionFactory(
        product__company=other_company, product__name="Secret", state=VersionState.IN_REVIEW
    )
    admin = user_with(Role.COMPANY_ADMIN, company)
    VersionAuthor.objects.create(product_version=own, company=company, user=admin, round=1)
    client = browser_as(admin)
    assert list(lines(shown(client, "approbations"))) == ["Attendu v1"]
    approved = VersionApproval(
        product_version=waits,
        company=company,
        domain="product",
        decision="approved",
        content_hash="sha256:x",
        user=admin,
    )
    approved.save()
    assert list(lines(shown(client, "approbations"))) == []
    jurist = browser_as(user_with(Role.LEGAL, company))
    assert list(lines(shown(jurist, "approbations"))) == ["Attendu v1", "Sien v1"]
    assert tiles(jurist.get(reverse("my-work")).content.decode()) == [
        *("approbations", "manquants", "echeances", "calendrier"),
    ]
    # Who submitted a version approves another one, not his.
    author = browser_as(manager)
    assert list(lines(shown(author, "approbations"))) == ["Sien v1"]
    MappingFactory(product_version=waits, state=MappingState.TO_VALIDATE)
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    # An account to enter, then one to validate.
    accounts = lines(shown(accountant, "mappings"))
    assert list(accounts.values()) == ["À saisir", "À valider"]
    assert next(iter(accounts)) == "Sien v1"
    home = reverse("catalogue")

    def waiting(client):
        found = re.search(r'title="À faire">([^<]*)<', client.get(home).text)
        return found and found[1]

    # The menu counts the same tasks, anew once « Mes tâches » was opened.
    assert waiting(accountant) == "4"
    MappingFactory(product_version=own, nature="fee", state=MappingState.TO_VALIDATE)
    assert waiting(accountant) == "4"
    accountant.get(reverse("my-work"))
    assert waiting(accountant) == "5"
    assert waiting(client) is None  # he approved the one, and wrote the other
    # No more than the pages let him decide: IT answers for an API's prices, ADV where no jurist does.
    engineer = browser_as(user_with(Role.IT, company))
    adv = browser_as(user_with(Role.ADV, company))
    assert (waiting(engineer), waiting(adv)) == (None, None)
    ExternalMappingFactory(product=own.product, integration_status="api")
    Membership.objects.filter(role=Role.LEGAL).delete()
    for one in (engineer, adv):
        one.get(reverse("my-work"))
    assert (waiting(engineer), waiting(adv)) == ("1", "2")
    WizardDraftFactory(user=manager, product_version=own)
    assert list(lines(shown(author, "brouillons"))) == ["Sien"]
    # A draft of the team, after one's own, with its author; none of another company.
    waits.state = VersionState.DRAFT
    WizardDraftFactory(user=admin, product_version=waits)
    WizardDraftFactory(product_version=VersionFactory(product__company=other_company))
    page = shown(author, "brouillons")
    assert list(lines(page)) == ["Sien", "Attendu"]
    assert page.count(f"par {admin}") == 1
    assert f"par {admin}" in author.get(reverse("wizard")).text
    kept = WizardDraft.objects.get(user=manager).updated_at.astimezone(ZoneInfo(company.timezone))
    assert f"{kept:%H:%M}" in author.get(reverse("dashboard-figures", args=["brouillons"])).text


@pytest.mark.requirement("4-05", "D.3.2-04")
def test_what_is_approved_waits_for_its_release_then_its_sale_and_its_telling(
    company, other_company, browser_as, user_with
):
    told = {"state": VersionState.IN_REVIEW, "submitted_at": START, "submissions": 1}
    ready, half, own = (
        VersionFactory(product__company=owner, product__name=name, **told)
        for owner, name in ((company, "Prêt"), (company, "À moitié"), (other_company, "Secret"))
    )
    for version, domains in (
        (ready, ("product", "accounting", "compliance")),
        (half, ("product", "accounting")),
        (own, ("product", "accounting", "compliance")),
    ):
        for domain in domains:
            VersionApproval(
                product_version=version,
                company=version.company,
                domain=domain,
                decision="approved",
                content_hash="sha256:x",
                user=UserFactory(),
            ).save()
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = shown(manager, "mises-en-production")
    assert list(lines(page)) == ["Prêt v1"]
    assert reverse("admin:catalog_productversion_release", args=[ready.pk]) in page
    # A partner's API asks for IT's approval too.
    code = ExternalMappingFactory(product=ready.product, integration_status="api")
    assert list(lines(shown(manager, "mises-en-production"))) == []
    code.delete()
    # In production, it waits for whoever publishes, until somebody sells it.
    on_sale(company, "Vendu", now())
    ready.state, ready.released_at, ready.content_hash = VersionState.RELEASED, now(), "sha256:x"
    ready.effective_from = now() + timedelta(days=3)
    ready.save()
    assert list(lines(shown(manager, "mises-en-production"))) == []
    assert "mises-en-vente" not in tiles(manager.get(reverse("my-work")).text)
    adv = browser_as(user_with(Role.ADV, company))
    page = shown(adv, "mises-en-vente")
    assert list(lines(page)) == ["Prêt v1"]
    assert reverse("admin:catalog_productversion_checklist", args=[ready.pk]) in page
    # Marketing is asked to tell of it: a task of the menu, until it is taken up.
    user = user_with(Role.MARKETING, company)
    marketing = browser_as(user)
    work = marketing.get(reverse("my-work")).text
    assert tiles(work) == ["communications"]
    row = Notification.objects.create(
        user=user,
        company=company,
        kind="communication",
        action="notification.publish",
        title="Prêt : annoncer la vente",
        target="catalog_product",
        target_id=ready.product_id,
        key="1",
    )
    assert f'href="{reverse("my-work")}"' in work
    marketing.get(reverse("my-work"))
    assert 'title="À faire">1<' in marketing.get(reverse("catalogue")).text
    page = shown(marketing, "communications")
    assert list(lines(page)) == ["Prêt : annoncer la vente"]
    # Opened, it is still to be done; done, it is a task no more.
    assert marketing.get(address_of(row.pk)).status_code == 302
    assert list(lines(shown(marketing, "communications"))) == ["Prêt : annoncer la vente"]
    done = reverse("admin:core_notification_done", args=[row.pk])
    assert marketing.post(done, {"done": "1"}).status_code == 302
    assert list(lines(shown(marketing, "communications"))) == []
    assert marketing.get(reverse("dashboard-figures", args=["mises-en-vente"])).status_code == 404


@pytest.mark.requirement("E.3-03", "3.1-05")
def test_a_submitted_version_says_which_documents_it_lacks(
    company, other_company, browser_as, user_with
):
    health = Risk.objects.get(code="SANTE", is_global=True)
    sold = {"risk": health, "revenue_model": RevenueModel.MIXED}
    told = {"state": VersionState.IN_REVIEW, "submitted_at": START, "channels": ["web"]}

    def waiting(owner, name):
        partner = PartnerFactory(company=owner)
        product = ProductFactory(company=owner, name=name, partner=partner, **sold)
        return VersionFactory(product=product, **told)

    bare, complete = waiting(company, "Nu"), waiting(company, "Complet")
    waiting(other_company, "Secret")
    needed = DocumentType.objects.filter(
        requirements__family=health,
        requirements__is_active=True,
        requirements__stage="publication",
    ).distinct()
    for kind in needed:
        published(product_version=complete, type=kind, channels=["web"], pdfa="2B")
    draft = DocumentFactory(product_version=bare, type_id="CG", channels=["web"])
    client = browser_as(user_with(Role.LEGAL, company))
    page = shown(client, "manquants")
    assert list(lines(page)) == ["Nu v1"]
    # What is brought and could never be published is to be replaced.
    general = DocumentType.objects.get(code="CG").label
    assert f"; à remplacer par un PDF/A : {general}<" in unescape(page)
    DocumentFactory(product_version=bare, type=draft.type, channels=["web"], pdfa="2B")
    page = shown(client, "manquants")
    # What is brought already is no longer missing: it is to be published.
    (said,) = re.findall(r"manque ([^;]*) ; déposé, à publier : ([^<]*)<", unescape(page))
    assert (general in said[0], general in said[1]) == (False, True)
    assert all(kind.label in unescape(page) for kind in needed if kind.code == "DIPA")
    assert f"{bare.product_id}/?onglet=documents&amp;version=1" in page
    # What is deposited for another channel, or is over, does not serve.
    complete.documents.filter(type="DIPA").update(valid_until=now().date() - timedelta(days=2))
    assert list(lines(shown(client, "manquants"))) == ["Nu v1", "Complet v1"]
    # In production it waits for its planned sale, and its documents are asked for until then.
    bare.state, bare.released_at, bare.content_hash = VersionState.RELEASED, now(), "sha256:x"
    bare.save()
    assert list(lines(shown(client, "manquants"))) == ["Complet v1"]
    PlannedSaleFactory(product_version=bare)
    assert list(lines(shown(client, "manquants"))) == ["Nu v1", "Complet v1"]
    PublicationFactory(product_version=bare, channels=["web"])
    assert list(lines(shown(client, "manquants"))) == ["Complet v1"]
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    assert accountant.get(reverse("dashboard-figures", args=["manquants"])).status_code == 404


@pytest.mark.requirement("4-05", "3.1-06")
def test_a_product_that_its_sale_waits_for_is_to_be_activated(
    company, other_company, browser_as, user_with
):
    for owner, name in ((company, "Prêt"), (other_company, "Secret")):
        version = VersionFactory(
            product__company=owner,
            product__name=name,
            product__lifecycle_status=LifecycleStatus.TEST,
            state=VersionState.RELEASED,
            released_at=START,
            content_hash="sha256:x",
        )
        PlannedSaleFactory(product_version=version, seller=owner)
        if owner == company:
            ready = version.product
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = shown(manager, "mises-en-production")
    assert lines(page) == {"Prêt": "À activer"}
    move = reverse("admin:catalog_product_move", args=[ready.pk])
    assert f"{move}?next=/mes-taches/" in unquote(page)
    assert 'title="À faire">1<' in manager.get(reverse("catalogue")).text
    done = manager.post(f"{move}?next=/mes-taches/", {"to": "active", "reason": ""}, follow=True)
    assert done.redirect_chain == [(reverse("my-work"), 302)]
    assert "Le produit est « Actif »." in done.text
    assert lines(shown(manager, "mises-en-production")) == {}
