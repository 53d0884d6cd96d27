"""Bundles by every door: their components and price by API and SQL, and the quote (1-10, 14-03)."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from catalog.models import BundleComponent, ProductPlan
from catalog.parts import clone_into, content_hash, content_of
from catalog.services.versions import submit_version
from tests.factories import (
    START,
    BundleComponentFactory,
    NegotiatedPriceFactory,
    PlanFactory,
    ProductFactory,
    PromotionFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.forms import form_of
from tests.support.offers import make_released
from tests.support.pages import spaced
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict

pytestmark = [
    pytest.mark.usefixtures("everything", "db"),
    pytest.mark.requirement("1-10", "14-03"),
]
API = "/api/catalog"
JSON = "application/json"


@pytest.fixture
def box(company):
    return make_released(company=company, sku="BOX", plans={"A": "20.00"}).product


@pytest.fixture
def book(company):
    prices = [{"payload": {"amount": Decimal("15.00")}, "tax_code": "FR55", "tax_rate": "5.5"}]
    version = make_released(company=company, sku="LIVRE", plans={"B": "0"}, prices=prices)
    return version.product


@pytest.fixture
def draft(company):
    return VersionFactory(product=ProductFactory(company=company, sku="PACK", name="Pack"))


@pytest.fixture
def pack(draft):
    return PlanFactory(
        product_version=draft, code="DUO", name="Duo", bundle_kind="fixed", bundle_value=30
    )


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def errors(answer):
    return {(error["path"], error["code"]) for error in answer.json()["errors"]}


def fill(pack, *held):
    for rank, (product, code) in enumerate(held):
        BundleComponentFactory(plan=pack, product=product, plan_code=code, position=rank)


def release(version):
    version.state, version.released_at, version.content_hash = "released", START, "sha256:x"
    version.save()
    PublicationFactory(product_version=version)


def test_made_by_the_api(manager, draft, box, book):
    plans = f"{API}/versions/{draft.pk}/plans"
    plan = {
        "code": "DUO",
        "name": "Duo",
        "recurrence": "monthly",
        "bundle_kind": "percent",
        "bundle_value": "10",
    }
    made = manager.post(plans, plan, content_type=JSON)
    assert made.status_code == 201, made.json()
    assert (made.json()["bundle_kind"], made.json()["bundle_value"]) == ("percent", "10")
    components = f"{API}/versions/{draft.pk}/bundle-components"
    body = {"plan_id": made.json()["id"], "product_id": str(box.pk), "plan_code": "A"}
    answer = manager.post(components, body | {"quantity": 2}, content_type=JSON)
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["sku"], answer.json()["quantity"]) == ("BOX", 2)
    again = manager.post(components, body, content_type=JSON)
    assert errors(again) == {("", "constraint.bundle_component_once")}
    other = body | {"product_id": str(book.pk), "plan_code": "B"}
    assert manager.post(components, other, content_type=JSON).status_code == 201
    listed = manager.get(components).json()["results"]
    assert {row["sku"] for row in listed} == {"BOX", "LIVRE"}
    address = f"{API}/bundle-components/{answer.json()['id']}"
    changed = manager.patch(address, {"quantity": 3}, content_type=JSON)
    assert changed.json()["quantity"] == 3
    assert manager.delete(address).status_code == 204


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"quantity": 0}, "quantity", "min_value"),
        ({"quantity": 1001}, "quantity", "max_value"),
        ({"quantity": "2"}, "quantity", "invalid"),
        ({"quantity": 1.5}, "quantity", "invalid"),
        ({"quantity": -1}, "quantity", "min_value"),
        ({"product_id": str(uuid4())}, "product_id", "unknown"),
        ({"product_id": "BOX"}, "product_id", "invalid"),
        ({"plan_id": str(uuid4())}, "plan_id", "unknown"),
        ({"plan_code": "RIEN"}, "plan_code", "plan.unknown"),
        ({"sku": "BOX"}, "sku", "unknown_field"),
    ],
)
def test_what_the_api_refuses(manager, draft, pack, box, change, path, code):
    body = {"plan_id": str(pack.pk), "product_id": str(box.pk), "plan_code": "A"}
    address = f"{API}/versions/{draft.pk}/bundle-components"
    answer = manager.post(address, body | change, content_type=JSON)
    assert answer.status_code == 422, answer.json()
    assert (path, code) in errors(answer)
    assert not BundleComponent.objects.exists()


def test_neither_itself_nor_a_bundle_nor_another_company_s(
    manager, other_company, draft, pack, box
):
    theirs = make_released(company=other_company, sku="MTV-1", plans={"A": "1"}).product
    nested = PlanFactory(
        product_version__product=ProductFactory(company=box.company),
        code="A",
        bundle_kind="fixed",
        bundle_value=1,
    ).product_version.product
    plain = PlanFactory(product_version=draft, code="SEUL")
    address = f"{API}/versions/{draft.pk}/bundle-components"
    for product, plan, expected in (
        (theirs, pack, ("product_id", "unknown")),
        (nested, pack, ("product_id", "bundle.nested")),
        (draft.product, pack, ("product_id", "bundle.nested")),
        (box, plain, ("plan_id", "bundle.not_one")),
    ):
        body = {"plan_id": str(plan.pk), "product_id": str(product.pk), "plan_code": "A"}
        assert expected in errors(manager.post(address, body, content_type=JSON))
    price = {"plan_id": str(pack.pk), "type": "fixed", "payload": {"amount": 1}}
    answer = manager.post(f"{API}/versions/{draft.pk}/pricing-rules", price, content_type=JSON)
    assert errors(answer) == {("plan_id", "bundle.own_price")}


def test_a_component_that_the_bundle_could_not_add_up(manager, draft, pack, box, company):
    """Refused where it is chosen, and at the submission where it became so since."""
    net = [{"payload": {"amount": 15}, "tax_included": False}]
    other = make_released(company=company, sku="HT", plans={"H": "0"}, prices=net).product
    address = f"{API}/versions/{draft.pk}/bundle-components"
    for product, plan_code, expected in (
        (other, "H", ("product_id", "bundle.mixed")),
        (box, "", ("plan_code", "plan.required")),
    ):
        body = {"plan_id": str(pack.pk), "product_id": str(product.pk), "plan_code": plan_code}
        assert errors(manager.post(address, body, content_type=JSON)) == {expected}
    body = {"plan_id": str(pack.pk), "product_id": str(box.pk), "plan_code": "A"}
    assert manager.post(address, body, content_type=JSON).status_code == 201
    net_of_tax = {"bundle_tax_included": False}
    plan = f"{API}/plans/{pack.pk}"
    assert manager.patch(plan, net_of_tax, content_type=JSON).status_code == 200
    refused = manager.post(f"{API}/versions/{draft.pk}/submit", {}, content_type=JSON)
    assert (refused.status_code, errors(refused)) == (409, {("product", "bundle.mixed")})


def test_not_published_while_a_component_has_no_price(api, user_with, company, pack, box, book):
    fill(pack, (box, "A"), (book, "B"))
    version = pack.product_version
    release(version)
    address = f"{API}/versions/{version.pk}/problems"
    adv = api(user_with(Role.ADV, company))

    def told(**asked):
        query = {"company_id": str(company.pk), "channels": "web"} | asked
        found = adv.get(address, query).json()["problems"]
        return [one["message"] for one in found if one["code"] == "pricing.bundle"]

    assert told() == []
    prices = book.versions.get()
    type(prices).objects.filter(pk=prices.pk).update(effective_to=now())
    frozen = type(box).objects.filter(pk=box.pk)
    frozen.update(lifecycle_status="frozen")
    first, second = told()
    assert "Le bundle « DUO » n'aurait pas de prix" in first
    assert ("Composant BOX" in first, "Composant LIVRE" in second) == (True, True)
    due = now() + timedelta(days=3)
    body = {"to": "active", "at": due.isoformat(), "reason": "Reprise"}
    moved = api(user_with(Role.CATALOG_MANAGER, company)).post(
        f"{API}/products/{box.pk}/transition", body, content_type=JSON
    )
    assert moved.status_code == 201, moved.json()
    (left,) = told(at=(due + timedelta(days=1)).isoformat())
    assert "Composant LIVRE" in left


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"bundle_kind": "gift"}, "bundle_kind", "invalid_choice"),
        ({"bundle_value": -1}, "bundle_value", "min_value"),
        ({"bundle_value": None}, "", "constraint.product_plan_bundle"),
        ({"bundle_kind": "percent", "bundle_value": 101}, "", "constraint.product_plan_bundle"),
        ({"bundle_kind": ""}, "", "constraint.product_plan_bundle"),
        ({"options": [{"code": "O", "name": "O", "amount": 1}]}, "bundle_kind", "bundle.extras"),
    ],
)
def test_what_the_price_of_a_bundle_may_not_be(manager, pack, change, path, code):
    answer = manager.patch(f"{API}/plans/{pack.pk}", change, content_type=JSON)
    assert (path, code) in errors(answer)


def test_content_of_the_version_frozen_hashed_and_copied(user_with, company, draft, pack, box):
    with pytest.raises(Conflict) as caught:
        submit_version(actor=user_with(Role.CATALOG_MANAGER, company), version=draft)
    assert "bundle.empty" in {reason.code for reason in caught.value.reasons}
    empty = content_hash(draft)
    fill(pack, (box, "A"))
    assert content_hash(draft) != empty
    [plan] = content_of(draft)["plans"]["plans"]
    assert plan["bundle"] == {
        "kind": "fixed",
        "value": 30,
        "tax_included": True,
        "components": [{"sku": "BOX", "plan": "A", "quantity": 1}],
    }
    copy = VersionFactory(product=draft.product, version=2)
    clone_into(draft, copy)
    assert content_hash(copy) == content_hash(draft)
    release(draft)
    held = BundleComponent.objects.filter(product_version=draft)
    for write in (
        lambda: held.update(quantity=2),
        held.delete,
        lambda: BundleComponentFactory(plan=pack, product=ProductFactory(company=company)),
        lambda: ProductPlan.objects.filter(pk=pack.pk).update(bundle_value=29),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


@pytest.mark.parametrize("columns", [{"quantity": 0}, {"quantity": 1001}, {}], ids=str)
def test_sql_refuses_alike(pack, box, columns):
    fill(pack, (box, "A"))
    with pytest.raises(IntegrityError), transaction.atomic():
        BundleComponentFactory(plan=pack, product=box, plan_code="A", **columns)


def test_sql_refuses_another_company_s_product(pack, other_company):
    with pytest.raises(IntegrityError), transaction.atomic():
        _hold(pack, ProductFactory(company=other_company))


def _hold(pack, product):
    BundleComponentFactory(plan=pack, product=product)
    connection.check_constraints()


class TestQuote:
    @pytest.fixture
    def ask(self, api, user_with, company):
        client = api(user_with(Role.SALES, company))

        def call(**body):
            asked = {"sku": "PACK", "plan": "DUO", "company_id": str(company.pk), "channel": "web"}
            address = f"{API}/pricing/quote?explain=true"
            return client.post(address, asked | body, content_type=JSON)

        return call

    @pytest.fixture
    def sold(self, pack, box, book):
        fill(pack, (box, "A"), (book, "B"))
        release(pack.product_version)

    def test_each_component_bears_its_share_and_its_vat(self, ask, sold):
        answer = ask()
        assert answer.status_code == 200, answer.json()
        shown = [
            (
                line["code"],
                line["kind"],
                line["amount_incl_tax"],
                line["tax_rate"],
                line["tax_amount"],
            )
            for line in answer.json()["lines"]
        ]
        assert shown == [
            ("BOX/A", "component", "17.14", "20.00", "2.86"),
            ("LIVRE/B", "component", "12.86", "5.50", "0.67"),
        ]
        assert answer.json()["totals"]["recurring"]["incl_tax"] == "30.00"
        rules = [step["rule"] for step in answer.json()["steps"]]
        assert rules == [
            *["fixed", "line", "component"] * 2,
            *("bundle", "share", "share", "vat", "vat"),
        ]

    def test_with_a_promotion_and_a_negotiated_price(self, ask, sold, company, draft):
        client = uuid4()
        NegotiatedPriceFactory(
            product=draft.product,
            plan_code="DUO",
            client_ref=client,
            payload={"amount": Decimal("28.00")},
        )
        answer = ask(client_ref=str(client)).json()
        assert answer["totals"]["recurring"]["incl_tax"] == "28.00"
        assert "negotiated" in [step["rule"] for step in answer["steps"]]
        PromotionFactory(company=company, value=50)
        answer = ask().json()
        assert answer["totals"]["recurring"]["incl_tax"] == "15.00"
        assert [line["tax_amount"] for line in answer["lines"]] == ["1.43", "0.34", "0.00"]

    def test_a_component_without_a_price_is_a_reason(self, ask, sold, box, book):
        type(box).objects.filter(pk=box.pk).update(lifecycle_status="frozen")
        version = book.versions.get()
        type(version).objects.filter(pk=version.pk).update(effective_to=now())
        answer = ask(plan="DUO")
        assert answer.status_code == 409
        assert errors(answer) == {
            ("components.0", "product.not_active"),
            ("components.1", "version.none"),
        }
        assert "Composant BOX" in answer.json()["errors"][0]["message"]

    def test_an_empty_bundle_and_two_bases_have_no_price(self, ask, company, draft, pack, box):
        release(pack.product_version)
        assert errors(ask()) == {("plan", "bundle.empty")}

    def test_holds_until_a_component_ends(self, ask, sold, box):
        end = now() + timedelta(hours=3)
        version = box.versions.get()
        type(version).objects.filter(pk=version.pk).update(effective_to=end)
        assert ask().json()["valid_until"][:19] == end.isoformat()[:19]

    def test_the_statements_of_a_bundle_are_constant(self, ask, sold, django_assert_num_queries):
        ask()
        with django_assert_num_queries(0):
            ask()


def test_made_by_the_pages_of_its_version(browser_as, user_with, company, draft, pack, box):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    page = reverse("admin:catalog_productversion_change", args=[draft.pk])
    form = form_of(browser.get(page))
    assert form["plans-0-bundle_kind"] == "fixed"
    sent = form | {
        "bundle_components-TOTAL_FORMS": "1",
        "bundle_components-0-plan": pack.pk,
        "bundle_components-0-product": box.pk,
        "bundle_components-0-plan_code": "A",
        "bundle_components-0-quantity": "2",
        "bundle_components-0-position": "0",
    }
    answer = browser.post(page, sent)
    assert answer.status_code == 302, answer.context["errors"]
    held = BundleComponent.objects.get()
    assert (held.product_id, held.quantity, held.company_id) == (box.pk, 2, company.pk)
    release(draft)
    shown = spaced(browser.get(page).content.decode())
    assert "BOX — " in shown
    assert "30,00 €" in shown
