"""`as_of` and `known_at` on the reads of the API (domain.md §1)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from catalog.models import Publication
from catalog.services.copies import duplicate_version
from catalog.services.versions import release_version, submit_version, withdraw_version
from tests.factories import NegotiatedPriceFactory, PromotionFactory, PublicationFactory
from tests.support.calls import count_of
from tests.support.offers import approve, make_released, make_whole
from winvest.core.domain.roles import Role
from winvest.core.models import VatRate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"
JULY = datetime(2025, 7, 1, 10, tzinfo=UTC)


def at(days):
    return JULY + timedelta(days=days)


def said(moment):
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def story(company, user_with):
    """Return the versions of a product: 1 from day 1, 2 from day 40, 3 planned and withdrawn.

    The VAT rate of energy changes on 1 August; the new one is entered on 20 July.
    """
    admin = user_with(Role.GROUP_ADMIN)
    VatRate.objects.filter(code="FRENERGIE").update(created_at=at(0))
    VatRate.objects.filter(code="FRENERGIE", valid_to=None).update(created_at=at(19))
    with time_machine.travel(at(0), tick=False):
        first = make_whole(company, sku="AP-BOX-001")
        first.pricing_rules.update(tax_code="FRENERGIE", tax_rate=Decimal("5.5"))
        first.plans.filter(code="CONFORT").update(valid_to=at(10))
        approve(submit_version(actor=admin, version=first))
        first = release_version(actor=admin, version=first, effective_from=at(1))
        PublicationFactory(product_version=first, start_at=at(2), channels=["web"])
    with time_machine.travel(at(20), tick=False):
        second, third = (duplicate_version(actor=admin, version=first) for _ in range(2))
        for version, day in ((second, 40), (third, 60)):
            version.effective_from = at(day)
            version.save()
            submit_version(actor=admin, version=version)
        approve(second)
        release_version(actor=admin, version=second)
        third = release_version(actor=admin, version=third)
    with time_machine.travel(at(30), tick=False):
        withdraw_version(actor=admin, version=third, reason="Reporté")
    with time_machine.travel(at(100), tick=False):
        yield first, second, third


@pytest.fixture
def read(story, api, user_with, company):
    """Return a function that reads a path of the API at a moment."""
    client = api(user_with(Role.CATALOG_MANAGER, company))

    def call(path, as_of=None, known_at=None):
        query = {"as_of": as_of, "known_at": known_at}
        asked = {name: said(at(day)) for name, day in query.items() if day is not None}
        answer = client.get(f"{API}/{path}", asked)
        return answer.status_code, answer.json()

    return call


# As of a day, as known on another: the version, its end, its plans and the VAT rate.
TABLE = [
    (5, None, 1, 40, ["BASIC", "CONFORT"], 5.5),
    (15, None, 1, 40, ["BASIC"], 5.5),
    (35, None, 1, 40, ["BASIC"], 20),
    (35, 10, 1, None, ["BASIC"], 5.5),
    (35, 25, 1, 40, ["BASIC"], 20),
    (70, 25, 3, None, ["BASIC"], 20),
    (70, 35, 2, None, ["BASIC"], 20),
    (None, 12, 1, None, ["BASIC"], 5.5),
]


@pytest.mark.requirement("1-14", "5-02")
def test_a_product_at_a_moment(read, story):
    product = story[0].product_id
    for as_of, known_at, number, until, plans, rate in TABLE:
        asked = (as_of, known_at)
        status, body = read(f"products/{product}", *asked)
        assert status == 200, (asked, body)
        (version,) = body["versions"]
        assert (version["version"], version["state"]) == (number, "released"), asked
        assert version["effective_to"] == (None if until is None else said(at(until))), asked
        assert [plan["code"] for plan in version["plans"]] == plans, asked
        assert {float(price["tax_rate"]) for price in version["pricing_rules"]} == {rate}, asked
        (row,) = read(f"products/{product}/versions", *asked)[1]["results"]
        assert (row["version"], row["effective_to"]) == (number, version["effective_to"])
        assert read(f"versions/{version['id']}", *asked)[1] == version
        parts = {
            name: read(f"versions/{version['id']}/{name}", *asked)[1]["results"]
            for name in ("plans", "pricing-rules", "publications", "cq-rules", "documents")
        }
        assert parts["plans"] == version["plans"]
        offered = {plan["id"] for plan in version["plans"]}
        for prices in (version["pricing_rules"], parts["pricing-rules"]):
            assert {price["plan_id"] for price in prices} == offered, asked
        assert {float(price["tax_rate"]) for price in parts["pricing-rules"]} == {rate}, asked
        assert parts["publications"] == version["publications"]
        assert (len(parts["cq-rules"]), parts["documents"]) == (1, [])
        parts["commission-schemes"] = read(f"versions/{version['id']}/commission-schemes", *asked)[
            1
        ]["results"]
        assert len(parts["commission-schemes"]) == 1
        for name, rows in parts.items():
            for one in rows:
                status, body = read(f"{name}/{one['id']}", *asked)
                body.pop("warnings", None)
                assert (status, body) == (200, one), (name, asked)


@pytest.mark.requirement("1-14")
def test_a_moment_without_an_answer_is_an_error(read, story):
    first = story[0]
    paths = (
        f"products/{first.product_id}",
        f"products/{first.product_id}/versions",
        f"versions/{first.pk}",
        *(f"versions/{first.pk}/{name}" for name in ("plans", "pricing-rules", "documents")),
    )
    for as_of, known_at, code, path in (
        (0, None, "version.before_first", "as_of"),
        (5, -1, "version.none", "as_of"),
        (5, 101, "known_at.future", "known_at"),
    ):
        for address in paths:
            status, body = read(address, as_of, known_at)
            assert (status, body["code"], body["errors"][0]["path"]) == (422, code, path), address


def test_a_version_is_read_at_its_own_time_only(read, story, api, user_with, company):
    _, second, third = story
    for version, as_of, known_at in ((second, 5, None), (third, 70, None), (second, 70, 10)):
        status, body = read(f"versions/{version.pk}", as_of, known_at)
        assert (status, body["code"]) == (422, "version.not_in_force")
    client = api(user_with(Role.CATALOG_MANAGER, company))
    address = f"{API}/versions/{second.pk}/accounting-mappings"
    accountant = api(user_with(Role.ACCOUNTING, company))
    statuses = [accountant.get(address, {"as_of": said(at(day))}).status_code for day in (50, 5)]
    assert statuses == [200, 422]
    first = story[0]
    plan = first.plans.get(code="CONFORT").pk
    publication = first.publications.get().pk
    for path, as_of, known_at, code in (
        (f"plans/{plan}", 15, None, "part.not_running"),
        (f"plans/{plan}", 45, None, "version.not_in_force"),
        (f"publications/{publication}", 1.5, 100, "part.not_running"),
        (f"plans/{plan}", 5, 101, "known_at.future"),
    ):
        status, body = read(path, as_of, known_at)
        assert (status, body["code"]) == (422, code), (path, as_of)
    bad = client.get(f"{API}/versions/{second.pk}", {"as_of": "2025-07-01T00:00:00"})
    assert bad.json()["errors"][0]["code"] == "offset"
    assert client.get(f"{API}/versions/{second.pk}", {"at": "x"}).status_code == 422


@pytest.mark.requirement("3.8-13")
def test_sellers_and_strangers_learn_nothing_more(story, api, user_with, company, other_company):
    first = story[0]
    address = f"{API}/products/{first.product_id}"
    stranger = api(user_with(Role.COMPANY_ADMIN, other_company))
    assert stranger.get(address, {"as_of": said(at(5))}).status_code == 404
    live = make_released(company=company, sku="AP-2", plans={"BASE": "9.90"})
    seller = api(user_with(Role.SALES, company))
    address = f"{API}/products/{live.product_id}"
    body = seller.get(address, {"as_of": said(at(5))}).json()
    assert body["versions"][0]["plans"][0]["code"] == "BASE"


# Filters of the list, as of a day, as known on another: whether the product is there.
LISTED = [
    ({}, None, -1, False),
    ({}, None, 1, True),
    ({"published": "true"}, 30, 30, True),
    ({"published": "true"}, 30, 0, False),
    ({"published": "false"}, 30, 0, True),
    ({"channel": "web"}, None, 30, True),
    ({"channel": "web"}, None, 1, False),
    ({"channel": "web"}, 30, 25, True),
    # Version 1 is not known to end on day 40 before version 2 is released, on day 20.
    ({"channel": "web"}, 45, 15, True),
    ({"channel": "web"}, 45, 25, False),
    ({"pricing": "fixed"}, 45, 10, True),
    ({"pricing": "fixed"}, 45, 25, True),
    ({"pricing": "usage"}, 45, 25, False),
]


@pytest.mark.requirement("1-14")
def test_the_list_of_products_as_it_was_known(read, story, api, user_with, company):
    client, product = api(user_with(Role.CATALOG_MANAGER, company)), str(story[0].product_id)
    Publication.objects.update(created_at=at(2))
    for filters, as_of, known_at, there in LISTED:
        asked = filters | {"known_at": said(at(known_at))}
        asked |= {"as_of": said(at(as_of))} if as_of is not None else {}
        answer = client.get(f"{API}/products", asked)
        assert answer.status_code == 200, answer.json()
        found = product in [row["id"] for row in answer.json()["results"]]
        assert found is there, asked
        for name, value in (filters or {"status": "active"}).items():
            others = {key: text for key, text in asked.items() if key != name}
            assert count_of(client, name, value, others) == there, (name, asked)
    for name in ("products", "products/facets", "promotions", "negotiated-prices"):
        status, body = read(name, known_at=101)
        assert (status, body["code"]) == (422, "known_at.future"), name


@pytest.mark.requirement("1-14")
def test_promotions_and_negotiated_prices_as_they_were_known(api, user_with, company):
    client = api(user_with(Role.CATALOG_MANAGER, company))
    start = datetime(2100, 1, 1, tzinfo=UTC)  # what began for PostgreSQL is not erased
    plan = make_whole(company, sku="AP-BOX-002").plans.first()
    with time_machine.travel(at(0), tick=False):
        promotion = PromotionFactory(company=company, name="Noël", start_at=start)
        gone = PromotionFactory(company=company, name="Effacée", start_at=start)
        price = NegotiatedPriceFactory(
            product=plan.product_version.product, note="Avant", start_at=start
        )
    with time_machine.travel(at(10), tick=False):
        promotion.name, price.note = "Fêtes", "Après"
        for row in (promotion, price):
            row.save()
        gone.delete()
    for day, names, notes in (
        (-1, set(), []),
        (5, {"Noël", "Effacée"}, ["Avant"]),
        (15, {"Fêtes"}, ["Après"]),
        (None, {"Fêtes"}, ["Après"]),
    ):
        asked = {} if day is None else {"known_at": said(at(day))}
        promotions = client.get(f"{API}/promotions", asked).json()["results"]
        assert {row["name"] for row in promotions} == names, day
        prices = client.get(f"{API}/negotiated-prices", asked).json()["results"]
        assert [row["note"] for row in prices] == notes, day
        for path, rows in (("promotions", promotions), ("negotiated-prices", prices)):
            for row in rows:
                one = client.get(f"{API}/{path}/{row['id']}", asked).json()
                assert {name: one[name] for name in row} == row, (path, day)
        if day == -1:
            for path, row in (("promotions", promotion), ("negotiated-prices", price)):
                assert client.get(f"{API}/{path}/{row.pk}", asked).status_code == 404
    asked = {"as_of": said(start - timedelta(days=1))}
    assert client.get(f"{API}/promotions/{promotion.pk}", asked).status_code == 404
    asked = {"known_at": said(datetime(2150, 1, 1, tzinfo=UTC))}
    refused = client.get(f"{API}/promotions/{promotion.pk}", asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "known_at.future")
