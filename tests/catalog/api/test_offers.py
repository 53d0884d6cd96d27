"""Hidden, internal, public: who sees a publication, and where (C.3)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from catalog.choices import Channel
from catalog.models import Publication
from tests.factories import (
    BrandFactory,
    CompanyFactory,
    PartnerActivationFactory,
    PartnerFactory,
    SalesBanFactory,
)
from tests.support.calls import PRODUCTS, listed
from tests.support.offers import make_released
from tests.support.problems import check_problem
from tests.support.query_counts import check_query_count
from winvest.core.api import public
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
OFFERS = "/api/catalog/public/offers"
QUOTE = "/api/catalog/pricing/quote"
SEEN_BY_SELLERS = (Role.SALES, Role.MARKETING)


def published(company, sku, *, visibility="public", channels=tuple(Channel.values), **product):
    """Make a product on sale, and change how it is published."""
    version = make_released(company=company, sku=sku, plans={"A": "9.90"}, **product)
    Publication.objects.filter(product_version=version).update(
        visibility=visibility, channels=list(channels)
    )
    return version


def offers(query="", client=None):
    return (client or Client()).get(OFFERS + query).json()["results"]


def skus(query="", client=None):
    return {offer["sku"] for offer in offers(query, client)}


@pytest.mark.requirement("C.3-01", "C.3-02", "C.3-03")
def test_a_publication_is_seen_by_nobody_by_the_crm_or_by_everybody(api, user_with, company):
    for visibility in ("hidden", "internal", "public"):
        published(company, f"AP-{visibility.upper()}", visibility=visibility)
    people = {role: api(user_with(role, company)) for role in Role if role != Role.GROUP_ADMIN}
    for role, client in people.items():
        crm = {"AP-INTERNAL", "AP-PUBLIC"}
        wanted = crm if role in SEEN_BY_SELLERS else crm | {"AP-HIDDEN"}
        assert {product["sku"] for product in listed(client, "")} == wanted, role
        # A token opens nothing more: a portal that has one shows no more than another.
        assert skus(client=client) == {"AP-PUBLIC"}
    assert skus() == {"AP-PUBLIC"}
    # What turns internal leaves the portals at once, and stays in the CRM.
    Publication.objects.filter(visibility="public").update(visibility="internal")
    assert skus() == set()
    assert "AP-PUBLIC" in {product["sku"] for product in listed(people[Role.SALES], "")}


@pytest.mark.requirement("C.3-03")
def test_what_is_public_is_seen_and_sold_on_its_channels_alone(api, user_with, company):
    seller = api(user_with(Role.SALES, company))
    channels = {"AP-TOUS": {"web", "field", "telesales"}, "AP-TERRAIN": {"field"}}
    for sku, open_on in channels.items():
        published(company, sku, channels=open_on)
    for channel in Channel.values:
        on_it = {sku for sku, open_on in channels.items() if channel in open_on}
        assert {one["sku"] for one in listed(seller, f"?channel={channel}")} == on_it
        for sku in channels:
            body = {"sku": sku, "plan": "A", "channel": channel, "quantity": 1}
            body["company_id"] = str(company.pk)
            answer = seller.post(QUOTE, body, content_type="application/json")
            assert answer.status_code == (200 if sku in on_it else 409), (sku, channel)
            if sku not in on_it:
                assert "publication.none" in {one["code"] for one in answer.json()["errors"]}
    assert skus() == {"AP-TOUS"}


@pytest.mark.requirement("C.3-03")
def test_portals_show_what_can_be_sold_now(company, other_company):
    at, day = now(), timedelta(days=1)
    partner = PartnerFactory(company=company)
    closed = PartnerFactory(company=company)
    PartnerActivationFactory(partner=closed, company=company, status="inactive")
    stopped = PartnerFactory(company=company, status="inactive")

    published(company, "AP-PARTENAIRE", partner=partner)
    published(company, "AP-FERME", partner=closed)
    published(company, "AP-ARRETE", partner=stopped)
    published(company, "AP-GELE", lifecycle_status="frozen")
    SalesBanFactory(product=published(company, "AP-INTERDIT").product, channel="web")
    SalesBanFactory(product=published(company, "AP-INTERDIT-2").product, channel=None)
    SalesBanFactory(product=published(company, "AP-PERMIS").product, channel="field")
    moved = {
        "AP-DEMAIN": {"start_at": at + day},
        "AP-HIER": {"end_at": at - day},
        "AP-ENCORE": {"end_at": at + day},
        "AP-ABSENT": {"availability": "unavailable"},
        "AP-RARE": {"availability": "limited"},
    }
    for sku, change in moved.items():
        version = published(company, sku)
        Publication.objects.filter(product_version=version).update(**change)
    published(other_company, "MTV-A")

    own = {"AP-PARTENAIRE", "AP-PERMIS", "AP-ENCORE", "AP-RARE"}
    assert skus() == own | {"MTV-A"}
    assert skus("?company=AP") == own
    assert skus("?company=MTV") == {"MTV-A"}
    SalesBanFactory(company=other_company, product=None, channel="web")
    assert skus("?company=MTV") == set()
    with time_machine.travel(at + 2 * day, tick=False):
        assert skus("?company=AP") == own - {"AP-ENCORE"} | {"AP-DEMAIN"}


@pytest.mark.requirement("C.3-03", "2.1-publication-02")
def test_an_offer_shows_its_price_or_asks_for_a_quote(company):
    brand = BrandFactory(company=company, name="Action Prévoyance")
    shown = published(company, "AP-PRIX", name="Offre", brand=brand)
    hidden = published(company, "AP-DEVIS")
    Publication.objects.filter(product_version=hidden).update(price_visible=False)
    found = {offer["sku"]: offer for offer in offers()}
    (plan,) = found["AP-PRIX"].pop("plans")
    publication = shown.publications.get()
    assert found["AP-PRIX"] == {
        "id": str(publication.pk),
        "company_code": "AP",
        "company_name": company.brand_name,
        "sku": "AP-PRIX",
        "name": "Offre",
        "short_name": shown.product.short_name,
        "brand_name": "Action Prévoyance",
        "risk_code": shown.product.risk.code,
        "risk_label": shown.product.risk.label,
        "version": 1,
        "availability": "available",
        "price_visible": True,
        "start_at": "2024-12-31T23:00:00Z",
        "end_at": None,
    }
    price = plan.pop("prices")
    assert plan == {"code": "A", "name": "A", "recurrence": "monthly"}
    assert [(one["payload"], one["tax_rate"], one["tax_included"]) for one in price] == [
        ({"amount": 9.9}, "20.00", True)
    ]
    (plan,) = found["AP-DEVIS"]["plans"]
    assert (found["AP-DEVIS"]["price_visible"], plan["prices"]) == (False, [])


def test_what_is_asked_wrongly_is_refused(company):
    check_problem(Client().get(f"{OFFERS}?company=RIEN"), 404, "not_found")
    for query in ("?societe=AP", "?company=", "?page_size=0"):
        assert Client().get(OFFERS + query).status_code == 422, query
    assert Client().post(OFFERS, {}, content_type="application/json").status_code == 405
    assert Client(headers={"authorization": "Bearer wv_faux"}).get(OFFERS).status_code == 200
    assert Client().get(PRODUCTS).status_code == 401


@time_machine.travel(now(), tick=False)
def test_too_many_readings_of_one_address(db, monkeypatch):
    monkeypatch.setattr(public, "READS_PER_MINUTE", 2)
    # An address of its own: the other worker's tests read from the usual one.
    answers = [Client(REMOTE_ADDR="198.51.100.7").get(OFFERS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    check_problem(answers[2], 429, "throttled")


def test_pages_follow_each_other_and_ask_as_much(company):
    def add(rows):
        for _ in range(rows):
            published(CompanyFactory(), f"X-{Publication.objects.count()}")

    check_query_count("api public/offers", lambda: Client().get(OFFERS), add)
    first = Client().get(f"{OFFERS}?page_size=15").json()
    second = Client().get(first["next"]).json()
    pages = [{offer["sku"] for offer in page["results"]} for page in (first, second)]
    assert [len(page) for page in pages] == [15, 5]
    assert not pages[0] & pages[1]
