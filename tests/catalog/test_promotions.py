"""Promotions by every door: API, back-office, SQL, and what the quote makes of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from catalog.models import Promotion
from tests.factories import START, ProductFactory, PromotionFactory, RiskFactory
from tests.support.offers import make_released
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Membership, MembershipRisk

pytestmark = pytest.mark.usefixtures("everything", "db")
URL = "/api/catalog/promotions"
QUOTE = "/api/catalog/pricing/quote"
JSON = "application/json"


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def body(company):
    return {
        "company_id": str(company.pk),
        "code": "NOEL",
        "name": "Remise de Noël",
        "kind": "percent",
        "value": 10,
        "start_at": (now() + timedelta(days=3)).isoformat().replace("+00:00", "Z"),
    }


def errors(answer):
    return {(error["path"], error["code"]) for error in answer.json()["errors"]}


def test_planned_read_changed_and_deleted_by_the_api(manager, company, body):
    product = make_released(company=company, sku="P-1", plans={"A": "10"}).product
    body |= {
        "on_code": True,
        "cumulative": True,
        "priority": 2,
        "product_id": str(product.pk),
        "plan_code": "A",
        "channels": ["web"],
        "end_at": "2099-01-01T00:00:00+01:00",
    }
    answer = manager.post(URL, body, content_type=JSON)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    kept = {name: made[name] for name in body if name not in ("start_at", "end_at", "value")}
    assert kept == {name: body[name] for name in kept}
    assert (made["value"], made["end_at"]) == ("10", "2098-12-31T23:00:00Z")

    address = f"{URL}/{made['id']}"
    changed = manager.patch(
        address, {"value": "12.5"}, content_type=JSON, headers={"if-match": answer["ETag"]}
    )
    assert (changed.status_code, changed.json()["value"]) == (200, "12.5")
    stale = manager.patch(
        address, {"value": "13"}, content_type=JSON, headers={"if-match": answer["ETag"]}
    )
    assert stale.status_code == 412
    page = manager.get(URL, {"company": str(company.pk), "product": str(product.pk)}).json()
    assert [row["id"] for row in page["results"]] == [made["id"]]
    assert manager.get(URL, {"at": "2020-01-01T00:00:00Z"}).json()["results"] == []
    assert AuditEntry.objects.filter(record_id=made["id"], action="update").count() == 1
    assert manager.delete(address).status_code == 204
    assert manager.get(address).status_code == 404


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"code": "Noël"}, "code", "code"),
        ({"code": "NO\u200bEL"}, "code", "code"),
        ({"code": ""}, "code", "blank"),
        ({"name": "x" * 121}, "name", "max_length"),
        ({"kind": "gift"}, "kind", "invalid_choice"),
        ({"value": 0}, "", "constraint.promotion_value"),
        ({"value": 101}, "", "constraint.promotion_value"),
        ({"value": -1}, "value", "min_value"),
        ({"value": "NaN"}, "value", "invalid"),
        ({"value": "1e30"}, "value", "invalid"),
        ({"value": 10**30}, "value", "max_digits"),
        ({"value": "1.00001"}, "value", "max_decimal_places"),
        ({"priority": 0}, "priority", "min_value"),
        ({"priority": 1.5}, "priority", "invalid"),
        ({"on_code": "yes"}, "on_code", "invalid"),
        ({"channels": ["moon"]}, "channels.0", "invalid_choice"),
        ({"channels": ["web", "web"]}, "channels", "schema.uniqueItems"),
        ({"plan_code": "A"}, "", "constraint.promotion_plan_has_product"),
        ({"product_id": str(uuid4())}, "product_id", "unknown"),
        ({"start_at": "2027-01-01T00:00:00"}, "start_at", "offset"),
        ({"start_at": "2027-01-01"}, "start_at", "invalid"),
        ({"end_at": "2026-01-01T00:00:00Z"}, "end_at", "period"),
        ({"max_uses": 1}, "max_uses", "unknown_field"),
    ],
)
def test_what_the_api_refuses(manager, body, change, path, code):
    answer = manager.post(URL, body | change, content_type=JSON)
    assert answer.status_code == 422, answer.json()
    assert (path, code) in errors(answer)
    assert not Promotion.objects.exists()


def test_two_promotions_of_a_code_never_run_together(manager, company, other_company, body):
    PromotionFactory(company=other_company, code="NOEL")
    PromotionFactory(company=company, code="noel", start_at=START, end_at=now())
    assert manager.post(URL, body, content_type=JSON).status_code == 201
    answer = manager.post(URL, body | {"code": "Noel"}, content_type=JSON)
    assert errors(answer) == {("", "constraint.promotion_code_no_overlap")}


def test_another_company_s_product_and_promotion_do_not_exist(
    manager, company, other_company, body
):
    theirs = make_released(company=other_company, sku="MTV-1", plans={"A": "10"}).product
    answer = manager.post(URL, body | {"product_id": str(theirs.pk)}, content_type=JSON)
    assert errors(answer) == {("product_id", "unknown")}
    sent = body | {"company_id": str(other_company.pk)}
    assert manager.post(URL, sent, content_type=JSON).status_code == 404
    promotion = PromotionFactory(company=other_company)
    assert manager.get(f"{URL}/{promotion.pk}").status_code == 404
    own = ProductFactory(company=company)
    answer = manager.post(
        URL, body | {"product_id": str(own.pk), "plan_code": "RIEN"}, content_type=JSON
    )
    assert errors(answer) == {("plan_code", "plan.unknown")}


def test_a_role_limited_to_a_family_plans_in_it_only(api, user_with, company, body):
    user = user_with(Role.CATALOG_MANAGER, company)
    risk = RiskFactory(company=company)
    MembershipRisk.objects.create(membership=Membership.objects.get(user=user), risk_id=risk.pk)
    inside, outside = ProductFactory(company=company, risk=risk), ProductFactory(company=company)
    client = api(user)
    for product, status in ((inside, 201), (outside, 403), (None, 403)):
        sent = body | {"product_id": product and str(product.pk)}
        assert client.post(URL, sent, content_type=JSON).status_code == status, product


def test_what_began_is_renamed_and_ended_only(manager, browser_as, user_with, company):
    promotion = PromotionFactory(company=company, code="ETE")
    address = f"{URL}/{promotion.pk}"
    answer = manager.patch(address, {"value": 20}, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "promotion.started")
    assert manager.delete(address).json()["code"] == "promotion.kept"
    ended = {"name": "Été", "end_at": "2099-01-01T00:00:00Z"}
    assert manager.patch(address, ended, content_type=JSON).json()["name"] == "Été"

    page = reverse("admin:catalog_promotion_change", args=[promotion.pk])
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    assert "value" not in browser.get(page).context["adminform"].form.fields
    assert browser.post(page, {"name": "Été", "value": "20"}).status_code == 403
    delete = reverse("admin:catalog_promotion_delete", args=[promotion.pk])
    assert "se termine" in str(browser.post(delete, {"post": "yes"}, follow=True).content)

    for sql in ("UPDATE promotion SET value = 20", "DELETE FROM promotion"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE id = %s", [promotion.pk])


@pytest.mark.parametrize(
    "columns",
    [
        {"value": -1},
        {"value": 0},
        {"value": 101},
        {"priority": 0},
        {"kind": "gift"},
        {"channels": ["moon"]},
        {"plan_code": "A"},
        {"end_at": START},
        {"code": "deja"},
    ],
    ids=str,
)
def test_sql_refuses_alike(company, columns):
    PromotionFactory(company=company, code="DEJA")
    with pytest.raises(IntegrityError), transaction.atomic():
        PromotionFactory(company=company, **columns)


def test_sql_refuses_another_company_s_product(company, other_company):
    product = ProductFactory(company=other_company)
    with pytest.raises(IntegrityError), transaction.atomic():
        _write_now(company, product)


def _write_now(company, product):
    PromotionFactory(company=company, product=product)
    connection.check_constraints()


def test_planned_found_and_followed_in_the_back_office(browser_as, user_with, company):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    form = {
        "company": company.pk,
        "code": "NOEL",
        "name": "Remise de Noël",
        "kind": "amount",
        "value": "5.00",
        "priority": "1",
        "plan_code": "",
        "product": "",
        "channels": ["web"],
        "start_at_0": "01/12/2030",
        "start_at_1": "00:00:00",
        "end_at_0": "26/12/2030",
        "end_at_1": "00:00:00",
    }
    page = reverse("admin:catalog_promotion_add")
    answer = browser.post(page, form | {"value": "-5"})
    assert "positive" in answer.content.decode()
    answer = browser.post(page, form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    promotion = Promotion.objects.get()
    assert (promotion.value, promotion.channels) == (Decimal(5), ["web"])
    assert promotion.start_at == datetime(2030, 11, 30, 23, tzinfo=UTC)
    listed = browser.get(reverse("admin:catalog_promotion_changelist"), {"q": "noel"})
    shown = listed.content.decode()
    assert "Remise de Noël" in shown
    assert "À venir" in shown
    history = browser.get(reverse("admin:catalog_promotion_history", args=[promotion.pk]))
    assert "Web" in history.content.decode()


@pytest.mark.requirement("1-11", "14-05")
class TestQuote:
    @pytest.fixture
    def sold(self, company):
        return make_released(company=company, sku="P-1", plans={"A": "29.90"}).product

    @pytest.fixture
    def ask(self, api, user_with, company, sold):
        client = api(user_with(Role.SALES, company))

        def call(**body):
            asked = {"sku": "P-1", "plan": "A", "company_id": str(company.pk), "channel": "web"}
            return client.post(f"{QUOTE}?explain=true", asked | body, content_type=JSON)

        return call

    def test_runs_between_its_two_dates(self, ask, company):
        start, end = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
        PromotionFactory(company=company, code="ETE", name="Été", start_at=start, end_at=end)
        for at, total in (
            ("2026-05-31T23:59:59Z", "29.90"),
            ("2026-06-01T00:00:00Z", "26.91"),
            ("2026-08-31T23:59:59Z", "26.91"),
            ("2026-09-01T00:00:00Z", "29.90"),
        ):
            answer = ask(at=at).json()
            assert answer["totals"]["recurring"]["incl_tax"] == total, at
        answer = ask(at="2026-06-30T10:00:00Z").json()
        assert [(line["code"], line["kind"]) for line in answer["lines"]] == [
            ("A", "base"),
            ("ETE", "promotion"),
        ]
        assert answer["lines"][0]["tax_amount"] == "4.49"
        assert "ETE « Été » = 29.90 * 10 %" in [step["input"] for step in answer["steps"]]

    def test_the_price_holds_until_its_promotion_ends(self, ask, company):
        end = now() + timedelta(hours=2)
        PromotionFactory(company=company, end_at=end)
        assert ask().json()["valid_until"][:19] == end.isoformat()[:19]

    def test_the_cheaper_of_the_best_one_and_of_all_the_cumulative_ones(self, ask, company, sold):
        shared = {"company": company, "cumulative": True}
        PromotionFactory(code="B", value=10, priority=1, **shared)
        PromotionFactory(code="D", value=15, priority=2, product=sold, **shared)
        PromotionFactory(company=company, code="A", value=20)
        PromotionFactory(
            company=company, code="VIP", value=50, on_code=True, plan_code="A", product=sold
        )
        PromotionFactory(company=company, code="AILLEURS", value=90, channels=["field"])
        PromotionFactory(
            company=company, code="AUTRE", value=90, product=ProductFactory(company=company)
        )

        def taken(**body):
            lines = ask(**body).json()["lines"]
            return [(x["code"], x["amount_incl_tax"]) for x in lines if x["kind"] == "promotion"]

        assert taken() == [("B", "-2.99"), ("D", "-4.04")]
        assert taken(promo_code="vip") == [("VIP", "-14.95")]
        assert taken(channel="field") == [("AILLEURS", "-26.91")]

    def test_a_code_that_opens_nothing_is_refused_with_its_reason(self, ask, company, sold):
        shared = {"company": company, "on_code": True}
        PromotionFactory(code="VIEUX", end_at=START + timedelta(days=1), **shared)
        PromotionFactory(code="FUTUR", start_at=now() + timedelta(days=1), **shared)
        PromotionFactory(code="TERRAIN", channels=["field"], **shared)
        PromotionFactory(code="AUTRE", product=ProductFactory(company=company), **shared)
        for code, reason in (
            ("RIEN", "promotion.unknown"),
            ("vieux", "promotion.ended"),
            ("FUTUR", "promotion.not_started"),
            ("TERRAIN", "promotion.channel"),
            ("AUTRE", "promotion.product"),
        ):
            answer = ask(promo_code=code)
            assert answer.status_code == 409, code
            assert errors(answer) == {("promo_code", reason)}
        answer = ask(promo_code="RIEN", plan="OR")
        assert {code for _, code in errors(answer)} == {"promotion.unknown", "plan.unknown"}

    def test_another_company_s_promotion_changes_nothing(self, ask, company, other_company):
        PromotionFactory(company=other_company, code="CHEZ-EUX")
        assert ask().json()["totals"]["recurring"]["incl_tax"] == "29.90"
        assert errors(ask(promo_code="CHEZ-EUX")) == {("promo_code", "promotion.unknown")}

    def test_the_statements_do_not_grow(self, ask, company, django_assert_num_queries):
        for _ in range(5):
            PromotionFactory(company=company, cumulative=True, value=1)
        ask()
        with django_assert_num_queries(0):
            ask()
