"""Negotiated prices by every door, and what the quote makes of them (1-12)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from catalog.models import IndexValue, NegotiatedPrice
from integrations.services.quote import Contract, QuoteRequest, quote_price
from tests.factories import START, NegotiatedPriceFactory, PlanFactory, ProductFactory
from tests.support.offers import make_released
from tests.support.pages import spaced
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.usefixtures("everything", "db"), pytest.mark.requirement("1-12")]
URL = "/api/catalog/negotiated-prices"
QUOTE = "/api/catalog/pricing/quote"
JSON = "application/json"
CLIENT, CONTRACT = UUID(int=7), UUID(int=8)
GRID = [{"min": 0, "max": 10, "amount": 5}, {"min": 11, "max": None, "amount": 4}]


@pytest.fixture
def sold(company):
    return make_released(company=company, sku="P-1", plans={"A": "29.90"}).product


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def body(sold):
    return {
        "product_id": str(sold.pk),
        "plan_code": "A",
        "client_ref": str(CLIENT),
        "type": "fixed",
        "payload": {"amount": 19.90},
        "start_at": (now() + timedelta(days=3)).isoformat().replace("+00:00", "Z"),
    }


def errors(answer):
    return {(error["path"], error["code"]) for error in answer.json()["errors"]}


def test_made_read_changed_and_deleted_by_the_api(manager, sold, body):
    answer = manager.post(URL, body | {"note": "Grand compte"}, content_type=JSON)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["payload"], made["client_ref"]) == ({"amount": 19.9}, str(CLIENT))
    address = f"{URL}/{made['id']}"
    change = {"type": "tiered", "tier_mode": "slab", "payload": GRID}
    changed = manager.patch(
        address, change, content_type=JSON, headers={"if-match": answer["ETag"]}
    )
    assert (changed.status_code, changed.json()["payload"]) == (200, GRID)
    query = {"client_ref": str(CLIENT), "product": str(sold.pk)}
    assert [row["id"] for row in manager.get(URL, query).json()["results"]] == [made["id"]]
    assert manager.get(URL, {"client_ref": str(uuid4())}).json()["results"] == []
    assert AuditEntry.objects.filter(record_id=made["id"], action="insert").count() == 1
    assert manager.delete(address).status_code == 204


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"client_ref": None}, "", "constraint.negotiated_price_for_whom"),
        ({"contract_ref": str(CONTRACT)}, "", "constraint.negotiated_price_for_whom"),
        ({"client_ref": "C-1"}, "client_ref", "invalid"),
        ({"plan_code": "RIEN"}, "plan_code", "plan.unknown"),
        ({"type": "gift"}, "type", "invalid_choice"),
        ({"payload": {"amount": -1}}, "payload", "schema.minimum"),
        ({"payload": {"amount": "10"}}, "payload", "schema.type"),
        ({"payload": {"amount": 10**30}}, "payload", "schema.exclusiveMaximum"),
        ({"payload": {"price": 1}}, "payload", "schema.additionalProperties"),
        ({"payload": [1]}, "payload", "schema.type"),
        ({"tier_mode": "slab"}, "tier_mode", "invalid"),
        ({"type": "tiered", "payload": GRID}, "tier_mode", "invalid"),
        (
            {"type": "tiered", "tier_mode": "slab", "payload": GRID[1:]},
            "payload",
            "tiers.start",
        ),
        (
            {"type": "indexed", "payload": {"index": "cpi", "formula": "index +"}},
            "payload",
            "formula.syntax",
        ),
        ({"start_at": "2027-01-01T00:00:00"}, "start_at", "offset"),
        ({"end_at": "2026-01-01T00:00:00Z"}, "end_at", "period"),
        ({"tax_included": False}, "tax_included", "negotiated.terms"),
        ({"plan_code": ""}, "plan_code", "plan.required"),
        ({"tax_code": "FR20"}, "tax_code", "unknown_field"),
    ],
)
def test_what_the_api_refuses(manager, body, change, path, code):
    answer = manager.post(URL, body | change, content_type=JSON)
    assert answer.status_code == 422, answer.json()
    assert (path, code) in errors(answer)
    assert not NegotiatedPrice.objects.exists()


def test_a_bundle_s_own_price_is_an_amount(manager, company, body):
    plan = PlanFactory(
        product_version__product__company=company, code="A", bundle_kind="fixed", bundle_value=30
    )
    asked = body | {"product_id": str(plan.product_version.product_id)}
    usage = {"type": "usage", "payload": {"unit": "kWh", "unit_price": 1}}
    refused = manager.post(URL, asked | usage, content_type=JSON)
    assert (refused.status_code, errors(refused)) == (422, {("type", "bundle.negotiated")})
    assert manager.post(URL, asked, content_type=JSON).status_code == 201


def test_two_prices_of_a_client_or_a_contract_never_run_together(manager, sold, body):
    shared = {"product": sold, "plan_code": "A"}
    NegotiatedPriceFactory(client_ref=CLIENT, end_at=now(), **shared)
    NegotiatedPriceFactory(client_ref=None, contract_ref=CONTRACT, **shared)
    assert manager.post(URL, body, content_type=JSON).status_code == 201
    answer = manager.post(URL, body, content_type=JSON)
    assert errors(answer) == {("", "constraint.negotiated_price_one_client")}
    sent = body | {"client_ref": None, "contract_ref": str(CONTRACT)}
    answer = manager.post(URL, sent, content_type=JSON)
    assert errors(answer) == {("", "constraint.negotiated_price_one_contract")}


def test_another_company_s_product_and_price_do_not_exist(manager, other_company, body):
    theirs = ProductFactory(company=other_company)
    price = NegotiatedPriceFactory(product=theirs)
    sent = body | {"product_id": str(theirs.pk)}
    assert manager.post(URL, sent, content_type=JSON).status_code == 404
    assert manager.get(f"{URL}/{price.pk}").status_code == 404
    assert manager.get(URL).json()["results"] == []


def test_what_began_is_ended_only(manager, sold):
    price = NegotiatedPriceFactory(product=sold, plan_code="A")
    address = f"{URL}/{price.pk}"
    answer = manager.patch(address, {"payload": {"amount": 1}}, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "negotiated.started")
    assert manager.delete(address).json()["code"] == "negotiated.kept"
    ended = {"end_at": "2099-01-01T00:00:00Z", "note": "Fin"}
    assert manager.patch(address, ended, content_type=JSON).status_code == 200
    for sql in ("UPDATE negotiated_price SET payload = '{}'", "DELETE FROM negotiated_price"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE id = %s", [price.pk])


@pytest.mark.parametrize(
    "columns",
    [
        {"client_ref": None},
        {"contract_ref": CONTRACT},
        {"payload": {"amount": -1}},
        {"payload": {"montant": 1}},
        {"tier_mode": "slab"},
        {"type": "tiered"},
        {"end_at": START},
        {"client_ref": CLIENT},
    ],
    ids=str,
)
def test_sql_refuses_alike(sold, columns):
    NegotiatedPriceFactory(product=sold, client_ref=CLIENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        NegotiatedPriceFactory(product=sold, **columns)


class TestQuote:
    @pytest.fixture
    def seller(self, user_with, company):
        return user_with(Role.SALES, company)

    @pytest.fixture
    def ask(self, api, seller, company, sold):
        client = api(seller)

        def call(**body):
            asked = {"sku": "P-1", "plan": "A", "company_id": str(company.pk), "channel": "web"}
            return client.post(f"{QUOTE}?explain=true", asked | body, content_type=JSON)

        return call

    def test_a_client_s_own_price_during_its_period(self, ask, sold):
        NegotiatedPriceFactory(
            product=sold,
            plan_code="A",
            client_ref=CLIENT,
            start_at=datetime(2026, 6, 1, tzinfo=UTC),
            end_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
        for at, total in (
            ("2026-05-31T23:59:59Z", "29.90"),
            ("2026-06-01T00:00:00Z", "19.90"),
            ("2026-09-01T00:00:00Z", "29.90"),
        ):
            answer = ask(client_ref=str(CLIENT), at=at).json()
            assert answer["totals"]["recurring"]["incl_tax"] == total, at
        during = {"at": "2026-08-31T20:00:00Z"}
        answer = ask(client_ref=str(CLIENT), **during).json()
        assert answer["steps"][0]["rule"] == "negotiated"
        assert answer["lines"][0]["tax_amount"] == "3.32"
        assert ask(**during).json()["totals"]["recurring"]["incl_tax"] == "29.90"
        other = ask(client_ref=str(uuid4()), **during).json()
        assert other["totals"]["recurring"]["incl_tax"] == "29.90"

    def test_the_price_holds_until_the_negotiated_one_ends(self, ask, sold):
        end = now() + timedelta(hours=2)
        NegotiatedPriceFactory(product=sold, plan_code="A", client_ref=CLIENT, end_at=end)
        answer = ask(client_ref=str(CLIENT)).json()
        assert answer["valid_until"][:19] == end.isoformat()[:19]

    def test_a_contract_comes_before_its_client(self, seller, company, sold):
        shared = {"product": sold, "plan_code": "A"}
        NegotiatedPriceFactory(client_ref=CLIENT, **shared)
        NegotiatedPriceFactory(
            client_ref=None,
            contract_ref=CONTRACT,
            type="tiered",
            tier_mode="slab",
            payload=GRID,
            **shared,
        )
        asked = {
            "company_id": company.pk,
            "sku": "P-1",
            "plan": "A",
            "channel": "web",
            "quantity": Decimal(20),
            "at": now(),
        }
        for refs, total in (
            ({}, "598.00"),
            ({"client_ref": CLIENT}, "398.00"),
            ({"contract": Contract(ref=CONTRACT)}, "80.00"),
            ({"client_ref": CLIENT, "contract": Contract(ref=CONTRACT)}, "80.00"),
        ):
            quote = quote_price(actor=seller, asked=QuoteRequest(**asked, **refs))
            assert str(quote.price.total().incl) == total

    def test_another_base_than_the_plan_s_is_refused(self, ask, sold):
        NegotiatedPriceFactory(product=sold, plan_code="A", client_ref=CLIENT, tax_included=False)
        answer = ask(client_ref=str(CLIENT))
        assert (answer.status_code, errors(answer)) == (409, {("plan", "negotiated.terms")})

    def test_an_indexed_price_reads_its_own_index(self, ask, sold):
        IndexValue.objects.create(index="cpi", valid_on="2026-01-01", value=Decimal("110"))
        NegotiatedPriceFactory(
            product=sold,
            plan_code="A",
            client_ref=CLIENT,
            type="indexed",
            payload={"index": "cpi", "formula": "20 * index / 100"},
        )
        answer = ask(client_ref=str(CLIENT)).json()
        assert answer["totals"]["recurring"]["incl_tax"] == "22.00"
        assert "index(cpi, 2026-01-01) = 110" in answer["steps"][0]["input"]


def test_negotiated_found_and_followed_in_the_back_office(browser_as, user_with, company, sold):
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = reverse("admin:catalog_negotiatedprice_add")
    shared = {"product": sold.pk, "plan_code": "A", "client_ref": str(CLIENT), "contract_ref": ""}
    start = {"start_at_0": "01/12/2030", "start_at_1": "00:00:00", "tax_included": "on"}
    form = shared | start | {"type": "tiered", "tier_mode": "slab", "note": "Grand compte"}
    tiers = {
        "tiers-0-min": "0",
        "tiers-0-max": "10",
        "tiers-0-amount": "5",
        "tiers-1-min": "11",
        "tiers-1-amount": "4",
    }
    refused = browser.post(page, form | {"contract_ref": str(CONTRACT), **tiers})
    assert "client ou d&#x27;un contrat" in refused.content.decode()
    answer = browser.post(page, form | tiers)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    price = NegotiatedPrice.objects.get()
    assert [tier["amount"] for tier in price.payload] == [5, 4]
    assert price.company_id == company.pk
    listed = browser.get(reverse("admin:catalog_negotiatedprice_changelist"), {"q": "P-1"})
    assert "Client 0000" in listed.content.decode()
    history = browser.get(reverse("admin:catalog_negotiatedprice_history", args=[price.pk]))
    assert "Grand compte" in history.content.decode()
    begun = NegotiatedPriceFactory(product=sold, plan_code="A")
    change = reverse("admin:catalog_negotiatedprice_change", args=[begun.pk])
    shown = browser.get(change)
    assert "19,90 € TTC" in spaced(shown.content.decode())
    assert "fixed_amount" not in shown.context["adminform"].form.fields
    assert browser.post(change, {"fixed_amount": "1", "note": "x"}).status_code == 403
