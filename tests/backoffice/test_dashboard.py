"""The dashboard of each role: what waits, what lacks, what changes (§6, H.3.1)."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.choices import ExportKind, ExportProfile, MappingState, Nature, OperationState
from accounting.services.exports import request_export
from catalog.choices import LifecycleStatus, RevenueModel, VersionState, Visibility
from catalog.domain.lifecycle import LifecycleStatus as Status
from catalog.models import Product, Publication, Risk
from catalog.services.lifecycle import move_product
from documents.models import DocumentType
from integrations.choices import EventStatus
from tests.factories import (
    FavoriteFactory,
    MappingFactory,
    PartnerFactory,
    ProductFactory,
    SchemeFactory,
    VersionFactory,
    WebhookEventFactory,
)
from tests.support.forms import form_of
from tests.support.ledger import book, make_operation
from tests.support.query_counts import check_query_count
from tests.support.tiles import chart, lines, on_sale, published, shown, tiles
from winvest.backoffice.tasks import count
from winvest.core.choices import JobState
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


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
        (Role.GROUP_ADMIN, ["attente", "produits", "documents", "comptabiliser", "comptes"]),
        (Role.CATALOG_MANAGER, ["attente", "produits", "documents", "echeances"]),
        (Role.ACCOUNTING, ["attente", "comptabiliser", "comptes"]),
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


@pytest.mark.requirement("H.3.1-01", "F.6-03")
@time_machine.travel(datetime(2026, 11, 28, 9, tzinfo=UTC), tick=False)
def test_compta_sees_what_is_to_be_booked_and_exported(
    company, other_company, browser_as, user_with
):
    accountant = user_with(Role.ACCOUNTING, company)
    client = browser_as(accountant)
    assert "Tout est comptabilisé" in unescape(shown(client, "comptabiliser"))
    for owner, day in ((company, date(2026, 10, 31)), (other_company, date(2026, 10, 2))):
        book(owner, day=day, debit=Decimal(10), account="411000")
    for _ in range(2):
        make_operation(company, state=OperationState.PARKED, entry_count=0)
    page = shown(client, "comptabiliser")
    assert lines(page) == {
        "Opérations en attente": "2",
        "Écritures du mois : octobre 2026": "À exporter",
        "TVA du mois : octobre 2026": "À exporter",
    }
    assert other_company.brand_name not in page
    # Each line leads to its work, filled in.
    parked, asked, _ = (unescape(one) for one in re.findall('href="([^"]*)"', page))
    assert client.get(parked).text.count("En attente") >= 2
    form = form_of(client.get(asked))
    assert (form["company"], form["period"], form["kind"]) == (
        *(str(company.pk), "2026-10", "accounting"),
    )
    # A file that is made is no longer asked for; one that failed still is.
    for kind, state in (("accounting", JobState.DONE), ("vat", JobState.FAILED)):
        run = request_export(
            actor=accountant,
            company_id=company.pk,
            kind=ExportKind(kind),
            period="2026-10",
            profile=ExportProfile.STANDARD,
            format="csv",
        )
        Job.objects.filter(pk=run.job_id).update(state=state)
    assert list(lines(shown(client, "comptabiliser"))) == [
        *("Opérations en attente", "TVA du mois : octobre 2026"),
    ]
    jurist = browser_as(user_with(Role.LEGAL, company))
    assert jurist.get(reverse("dashboard-figures", args=["comptabiliser"])).status_code == 404


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


@pytest.mark.requirement("E.1-01", "6-05", "3.5-04")
def test_what_is_on_sale_is_counted_anew_after_a_move(company, browser_as, user_with):
    day = timedelta(days=1)
    for name in ("Un", "Deux", "Trois"):
        on_sale(company, name, now() - 40 * day)
    seller = browser_as(user_with(Role.SALES, company))
    admin = browser_as(user_with(Role.COMPANY_ADMIN, company))

    def number():
        found = re.search(r"<strong>(\d+)</strong> produits? en vente", shown(seller, "familles"))
        return int(found[1]) if found else 0

    assert number() == 3
    # Kept while nothing moves.
    Product.objects.filter(name="Trois").update(name="Trois bis")
    with CaptureQueriesContext(connection) as asked:
        assert number() == 3
    assert not any("GROUP BY" in one["sql"] for one in asked)
    first = Product.objects.get(name="Un")
    freeze = reverse("admin:catalog_product_freeze", args=[first.pk])
    assert admin.post(freeze, {"reason": "Panne"}).status_code == 302
    assert number() == 2
    assert lines(shown(seller, "geles")) == {"Un": "Ne plus proposer"}
    sale = Publication.objects.get(product__name="Deux")
    end = reverse("admin:catalog_publication_end", args=[sale.pk])
    assert admin.post(end, {"reason": "Fin"}).status_code == 302
    assert number() == 1
    on_sale(company, "Quatre", now() - day)
    assert number() == 2


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
