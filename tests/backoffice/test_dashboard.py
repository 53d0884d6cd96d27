"""The dashboard of each role: what waits, what lacks, what changes (§6, H.3.1)."""

import json
import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse

from accounting.choices import MappingState, Nature
from catalog.choices import LifecycleStatus, RevenueModel, VersionState, Visibility
from catalog.domain.lifecycle import LifecycleStatus as Status
from catalog.models import Product, Risk, VersionApproval, VersionAuthor, WizardDraft
from catalog.services.lifecycle import move_product
from documents.choices import DocumentState
from documents.models import DocumentType
from integrations.choices import EventStatus
from tests.factories import (
    START,
    DocumentFactory,
    ExternalMappingFactory,
    FavoriteFactory,
    MappingFactory,
    PartnerFactory,
    ProductFactory,
    PublicationFactory,
    SchemeFactory,
    UserFactory,
    VersionFactory,
    WebhookEventFactory,
    WizardDraftFactory,
)
from tests.support.query_counts import check_query_count
from winvest.backoffice.tasks import count
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, Notification
from winvest.core.services.notifications import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def published(**document):
    return DocumentFactory(state=DocumentState.PUBLISHED, published_at=START, **document)


def on_sale(company, name, start, product=(), **sale):
    version = VersionFactory(
        product__company=company,
        product__name=name,
        **{f"product__{key}": value for key, value in dict(product).items()},
        state=VersionState.RELEASED,
        released_at=START,
        content_hash="sha256:test",
    )
    PublicationFactory(product_version=version, start_at=start, **sale)


def shown(client, name):
    answer = client.get(reverse("dashboard-figures", args=[name]))
    assert answer.status_code == 200, name
    return answer.content.decode()


def chart(page):
    """Return the values of each series by label of the bar, as the drawing gets them."""
    drawn = json.loads(unescape(re.search(r'data-chart="([^"]+)"', page)[1]))
    return {
        one["label"]: dict(zip(drawn["labels"], one["values"], strict=True))
        for one in drawn["series"]
    }


def lines(page):
    """Return what stands on the right of each line, by its label."""
    found = re.findall(
        r'tile-label">\s*(?:<a href="[^"]*">)?([^<]+).*?badge[^>]*>([^<]*)<', page, re.DOTALL
    )
    return {unescape(label).strip(): unescape(value) for label, value in found}


def tiles(page):
    return re.findall(r'id="tile-([a-z]+)"', page)


@pytest.mark.requirement("6-05", "H.3.1-01", "E.1-01")
def test_products_are_counted_by_status_and_company(company, other_company, browser_as, user_with):
    for status in ("active", "active", "frozen", "retired"):
        ProductFactory(company=company, lifecycle_status=status)
    ProductFactory(company=other_company)
    page = shown(browser_as(user_with(Role.CATALOG_MANAGER, company)), "produits")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM product WHERE company_id = %s AND lifecycle_status = 'active'",
            [company.pk],
        )
        assert f"<strong>{cursor.fetchone()[0]}</strong> produits actifs" in page
    assert {status: counted[company.brand_name] for status, counted in chart(page).items()} == {
        "Brouillon": 0,
        "En test": 0,
        "Actif": 2,
        "Gelé": 1,
        "Retiré": 1,
    }
    assert other_company.brand_name not in page
    group = chart(shown(browser_as(user_with(Role.GROUP_ADMIN)), "produits"))
    assert group["Actif"][other_company.brand_name] == 1


@pytest.mark.requirement("H.3.1-01", "H.3.1-02")
def test_coverage_is_counted_anew_by_the_worker(company, browser_as, user_with):
    health = Risk.objects.get(code="SANTE", is_global=True)
    client = browser_as(user_with(Role.ADV, company))
    partner = PartnerFactory(company=company)
    mixed = {"risk": health, "revenue_model": RevenueModel.MIXED, "partner": partner}
    complete, partial, bare = (
        VersionFactory(product=ProductFactory(company=company, **mixed)) for _ in range(3)
    )
    VersionFactory(product__company=company, product__lifecycle_status=LifecycleStatus.RETIRED)
    needed = DocumentType.objects.filter(
        requirements__family=health,
        requirements__is_active=True,
        requirements__stage="publication",
    ).distinct()
    yesterday = now().date() - timedelta(days=1)
    for kind in needed:
        for version in (complete, partial):
            published(product_version=version, type=kind)
        # What is over, or not published yet, serves no more.
        published(product_version=bare, type=kind, valid_until=yesterday)
    partial.documents.filter(type="DIPA").update(channels=["web"])
    for nature in (Nature.REVENUE, Nature.COMMISSION):
        MappingFactory(product_version=complete, nature=nature)
    MappingFactory(product_version=partial)
    MappingFactory(
        product_version=partial, nature=Nature.COMMISSION, state=MappingState.TO_VALIDATE
    )
    MappingFactory(product_version=bare)

    page = shown(client, "documents")
    assert "<strong>33 %</strong>" in page
    name = company.brand_name
    assert chart(page) == {"Complets": {name: 1}, "À compléter": {name: 2}}
    dipa = DocumentType.objects.get(code="DIPA")
    assert lines(page)[dipa.label] == "2"
    accounts = chart(shown(client, "comptes"))
    assert accounts == {"Validés": {name: 1}, "À valider": {name: 1}, "Sans compte": {name: 1}}

    # Kept between two counts.
    partial.documents.filter(type="DIPA").update(channels=["web", "telesales", "field", "partner"])
    assert "<strong>33 %</strong>" in shown(client, "documents")
    count()
    assert "<strong>66 %</strong>" in shown(client, "documents")


@pytest.mark.requirement("6-10", "E.3-03")
def test_what_waits_and_what_expires_is_told_to_who_may_see_it(
    company, other_company, browser_as, user_with
):
    today = now().date()
    for days, title in ((3, "Notice"), (-2, "Fiche"), (90, "Guide")):
        published(
            product_version__product__company=company,
            title=title,
            valid_until=today + timedelta(days=days),
        )
    published(product_version__product__company=other_company, title="Secret", valid_until=today)
    waits = VersionFactory(product__company=company, state=VersionState.IN_REVIEW)
    VersionFactory(product__company=other_company, state=VersionState.IN_REVIEW)
    MappingFactory(product_version=waits, state=MappingState.TO_VALIDATE)
    client = browser_as(user_with(Role.ACCOUNTING, company))
    expiring = lines(shown(client, "echeances"))
    assert list(expiring) == ["Fiche", "Notice"]
    assert expiring["Fiche"].startswith("Expiré le")
    assert expiring["Notice"].startswith("Expire le")
    assert lines(shown(client, "attente")) == {
        "Versions en validation": "1",
        "Comptes à valider": "1",
        "Documents à renouveler": "2",
    }
    jurist = lines(shown(browser_as(user_with(Role.LEGAL, company)), "attente"))
    assert "Versions en validation" in jurist
    seller = browser_as(user_with(Role.SALES, company))
    assert "Rien n&#x27;attend" in shown(seller, "attente")


@pytest.mark.requirement("E.1-01", "3.8-01")
def test_a_seller_sees_what_is_on_sale_and_nothing_else(company, browser_as, user_with):
    at = now()
    on_sale(company, "Vendu", at - timedelta(days=2))
    on_sale(company, "Avenir", at + timedelta(days=2))
    on_sale(company, "Caché", at - timedelta(days=3), visibility=Visibility.HIDDEN)
    on_sale(company, "Ancien", at - timedelta(days=200))
    seller = browser_as(user_with(Role.SALES, company))
    assert tiles(seller.get(reverse("dashboard")).content.decode()) == [
        *("attente", "familles", "favoris", "ventes", "fins", "geles")
    ]
    sales = shown(seller, "ventes")
    assert list(lines(sales)) == ["Vendu"]
    assert "<strong>1</strong> nouveauté cette semaine" in sales
    for name in ("produits", "documents", "comptes", "echeances", "semaine", "rien"):
        answer = seller.get(reverse("dashboard-figures", args=[name]))
        assert answer.status_code == 404, name
    manager = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert list(lines(shown(manager, "ventes"))) == ["Avenir", "Vendu", "Caché"]
    for name in ("familles", "fins", "geles"):
        assert manager.get(reverse("dashboard-figures", args=[name])).status_code == 404, name


@pytest.mark.requirement("H.3.1-01", "6-05")
@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.GROUP_ADMIN, ["attente", "produits", "documents", "comptes"]),
        (Role.CATALOG_MANAGER, ["attente", "produits", "documents", "echeances"]),
        (Role.ACCOUNTING, ["attente", "comptes"]),
        (Role.LEGAL, ["attente", "documents", "echeances"]),
        (Role.MARKETING, ["attente", "ventes"]),
        (Role.AUDITOR, ["attente", "semaine"]),
        (Role.IT, ["attente", "semaine"]),
    ],
)
def test_what_a_role_answers_for_comes_first(company, browser_as, user_with, role, first):
    companies = [] if role is Role.GROUP_ADMIN else [company]
    page = browser_as(user_with(role, *companies)).get(reverse("dashboard")).text
    assert tiles(page)[: len(first)] == first


@pytest.mark.requirement("H.3.1-01")
def test_it_is_told_of_the_events_that_failed(company, other_company, browser_as, user_with):
    for owner in (company, other_company):
        WebhookEventFactory(
            endpoint__company=owner,
            endpoint__partner__company=owner,
            status=EventStatus.FAILED,
            last_error="Contrat inconnu",
        )
    it = browser_as(user_with(Role.IT, company))
    assert lines(shown(it, "attente"))["Événements reçus en échec"] == "1"
    jurist = browser_as(user_with(Role.LEGAL, company))
    assert "Événements reçus" not in shown(jurist, "attente")


@pytest.mark.requirement("E.1-01", "6-05", "3.5-04")
def test_a_seller_sees_his_families_what_ends_and_what_stopped(
    company, other_company, browser_as, user_with
):
    at, day = now(), timedelta(days=1)
    health = Risk.objects.get(code="SANTE", is_global=True)
    for name in ("Un", "Deux"):
        on_sale(company, name, at - 40 * day, product={"risk": health})
    on_sale(company, "Fini bientôt", at - 40 * day, end_at=at + 5 * day)
    on_sale(company, "Fini tard", at - 40 * day, end_at=at + 50 * day)
    on_sale(company, "Gelé bientôt", at - 40 * day)
    on_sale(company, "Gelé", at - 40 * day)
    on_sale(company, "Gelé caché", at - 40 * day, visibility=Visibility.HIDDEN)
    on_sale(other_company, "Ailleurs", at - 40 * day, end_at=at + 5 * day)
    VersionFactory(product__company=company, product__name="Brouillon")
    Product.objects.filter(name__in=["Gelé", "Gelé caché"]).update(lifecycle_status="frozen")
    planned = Product.objects.get(name="Gelé bientôt")
    admin = user_with(Role.COMPANY_ADMIN, company)
    due = at + 3 * day
    move_product(actor=admin, product=planned, to=Status.FROZEN, at=due, reason="Refonte")
    person = user_with(Role.SALES, company)
    for name in ("Deux", "Gelé"):
        FavoriteFactory(user=person, product=Product.objects.get(name=name))
    seller = browser_as(person)
    assert lines(shown(seller, "favoris")) == {"Deux": "Actif"}
    page = shown(seller, "familles")
    assert "<strong>5</strong> produits en vente" in page
    assert lines(page)[health.label] == "2"
    (link,) = re.findall(rf'href="(/catalogue/\?risk={health.pk})"', page)
    assert "Deux" in seller.get(link).content.decode()
    page = shown(seller, "fins")
    assert list(lines(page)) == ["Gelé bientôt", "Fini bientôt"]
    assert "sera « Gelé »" in page
    assert lines(shown(seller, "geles")) == {"Gelé": "Ne plus proposer"}


@pytest.mark.requirement("6-05", "3.8-01")
def test_the_week_counts_what_the_rights_open(company, other_company, browser_as, user_with):
    version = VersionFactory(product__company=company)
    SchemeFactory(product_version=version)
    VersionFactory(product__company=other_company)
    manager = chart(shown(browser_as(user_with(Role.CATALOG_MANAGER, company)), "semaine"))
    today = max(manager["Produits"], key=manager["Produits"].get)
    assert manager["Produits"][today] == 1
    assert manager["Versions et prix"][today] == 1
    assert manager["Commissions"][today] == 1
    jurist = chart(shown(browser_as(user_with(Role.LEGAL, company)), "semaine"))
    assert jurist["Produits"][today] == 1
    assert "Commissions" not in jurist


def test_the_dashboard_asks_as_much_for_many_rows_as_for_few(company, browser_as, user_with):
    client = browser_as(user_with(Role.COMPANY_ADMIN, company))
    at = now()

    def add_rows(number):
        for _ in range(number):
            on_sale(company, "Vendu", at - timedelta(days=2))
            published(product_version__product__company=company, valid_until=at.date())
            waits = VersionFactory(product__company=company, state=VersionState.IN_REVIEW)
            MappingFactory(product_version=waits, state=MappingState.TO_VALIDATE)

    def read():
        for name in tiles(client.get(reverse("dashboard")).content.decode()):
            shown(client, name)

    check_query_count("admin dashboard", read, add_rows)


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
        published(product_version=complete, type=kind, channels=["web"])
    DocumentFactory(product_version=bare, type_id="CG", channels=["web"])
    client = browser_as(user_with(Role.LEGAL, company))
    page = shown(client, "manquants")
    assert list(lines(page)) == ["Nu v1"]
    # What is brought already is no longer missing: it is to be published.
    (said,) = re.findall(r"manque ([^;]*) ; déposé, à publier : ([^<]*)<", unescape(page))
    general = DocumentType.objects.get(code="CG").label
    assert (general in said[0], general in said[1]) == (False, True)
    assert all(kind.label in unescape(page) for kind in needed if kind.code == "DIPA")
    assert f"{bare.product_id}/?onglet=documents&amp;version=1" in page
    # What is deposited for another channel, or is over, does not serve.
    complete.documents.filter(type="DIPA").update(valid_until=now().date() - timedelta(days=2))
    assert list(lines(shown(client, "manquants"))) == ["Nu v1", "Complet v1"]
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    assert accountant.get(reverse("dashboard-figures", args=["manquants"])).status_code == 404
