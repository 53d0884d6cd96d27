"""`as_of` and `known_at` on the reads of the API (domain.md §1)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from catalog.services.copies import duplicate_version
from catalog.services.versions import release_version, submit_version, withdraw_version
from tests.factories import PublicationFactory
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
        withdraw_version(actor=admin, version=third)
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
        assert {float(price["tax_rate"]) for price in parts["pricing-rules"]} == {rate}, asked
        assert parts["publications"] == version["publications"]
        assert (len(parts["cq-rules"]), parts["documents"]) == (1, [])
        schemes = read(f"versions/{version['id']}/commission-schemes", *asked)[1]["results"]
        assert len(schemes) == 1


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
