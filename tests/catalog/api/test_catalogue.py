"""Reading the catalogue: who sees what, filters, search, pages, numbers of statements."""

import functools
from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import uuid4

import pytest

from catalog.choices import Channel, LifecycleStatus, Visibility
from catalog.models import Publication
from partners.choices import PartnerStatus
from tests.factories import (
    BrandFactory,
    CompanyFactory,
    MembershipFactory,
    PartnerActivationFactory,
    PartnerFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.offers import make_released
from tests.support.query_counts import check_query_count
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.django_db
PRODUCTS = "/api/catalog/products"
CANARY = "CANARI"


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def seller(api, user_with, company):
    return api(user_with(Role.SALES, company))


def skus(client, query=""):
    answer = client.get(PRODUCTS + query)
    assert answer.status_code == 200, answer.content
    assert CANARY not in answer.content.decode()
    return [product["sku"] for product in answer.json()["results"]]


def publish(company, sku, **change):
    version = make_released(company=company, sku=sku, plans={"A": "10.00"}, name=sku)
    Publication._base_manager.filter(product_version=version).update(**change)
    return version


@pytest.mark.requirement("1-02", "G.2-03")
class TestWhoSeesWhat:
    def test_view_all_sees_every_status_of_its_companies(self, manager, company, other_company):
        for status in LifecycleStatus:
            ProductFactory(company=company, sku=f"P-{status}", lifecycle_status=status)
            ProductFactory(company=other_company, sku=f"{CANARY}-{status}", lifecycle_status=status)
        assert len(skus(manager)) == 5

    @pytest.mark.requirement("C.1-01", "C.1-03", "C.3-01")
    def test_view_sees_what_is_on_sale_now(self, seller, company, other_company):
        publish(company, "EN-VENTE")
        publish(other_company, CANARY)
        publish(company, "CACHE", visibility=Visibility.HIDDEN)
        publish(company, "FINI", end_at=now() - timedelta(hours=1))
        publish(company, "FUTUR", start_at=now() + timedelta(hours=1))
        frozen = publish(company, "GELE").product
        frozen.lifecycle_status = LifecycleStatus.FROZEN
        frozen.save()
        expired = publish(company, "VERSION-FINIE")
        expired.effective_to = now() - timedelta(hours=1)
        expired.save()
        ProductFactory(company=company, sku="SANS-VERSION")
        PublicationFactory(product_version=VersionFactory(product__company=company))
        assert skus(seller) == ["EN-VENTE"]

    def test_rights_are_those_of_each_company(self, api, user_with, company, other_company):
        user = user_with(Role.SALES, company)
        MembershipFactory(user=user, company=other_company, role=Role.LEGAL)
        ProductFactory(company=company, sku="BROUILLON-AP")
        ProductFactory(company=other_company, sku="BROUILLON-MTV")
        assert skus(api(user)) == ["BROUILLON-MTV"]

    def test_a_product_published_to_the_company(self, manager, seller, company, other_company):
        version = publish(other_company, "PARTAGE")
        assert skus(manager) == skus(seller) == []
        PublicationFactory(product_version=version, company=company)
        assert skus(manager) == skus(seller) == ["PARTAGE"]
        detail = seller.get(f"{PRODUCTS}/{version.product_id}").json()
        assert [plan["code"] for plan in detail["versions"][0]["plans"]] == ["A"]
        assert [p["company_id"] for p in detail["versions"][0]["publications"]] == [str(company.pk)]

    def test_the_group_administrator_sees_everything(self, api, user_with, company, other_company):
        ProductFactory(company=company, sku="A")
        ProductFactory(company=other_company, sku="B")
        assert sorted(skus(api(user_with(Role.GROUP_ADMIN)))) == ["A", "B"]

    def test_without_any_role(self, api, user_with, company):
        user = user_with(Role.SALES, company)
        user.memberships.model._base_manager.filter(user=user).delete()
        assert api(user).get(PRODUCTS).status_code == 403


class TestDetail:
    @pytest.mark.requirement("2.1-product-01", "2.1-product-02", "2.1-product-05")
    def test_a_product_with_its_versions(self, manager, company):
        version = make_released(company=company, sku="AP-1", plans={"A": "9.90"}, name="Offre")
        answer = manager.get(f"{PRODUCTS}/{version.product_id}")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["sku"], body["company_code"], body["revenue_model"]) == (
            "AP-1",
            "AP",
            "revenue",
        )
        (read,) = body["versions"]
        assert read["effective_from"] == "2024-12-31T23:00:00Z"
        # A.3.3: a number in payloads, digit for digit.
        assert b'"payload": {"amount": 9.90}' in answer.content
        assert read["pricing_rules"][0]["plan_id"] == read["plans"][0]["id"]
        assert set(read["publications"][0]["channels"]) == set(Channel.values)

    def test_the_seller_reads_what_runs_now(self, seller, company):
        version = publish(company, "A")
        VersionFactory(product=version.product, version=2, effective_from=now())
        body = seller.get(f"{PRODUCTS}/{version.product_id}").json()
        assert [read["version"] for read in body["versions"]] == [1]

    def test_what_is_not_seen_is_404(self, manager, seller, company, other_company):
        foreign = ProductFactory(company=other_company)
        draft = ProductFactory(company=company)
        for client, key in ((manager, foreign.pk), (manager, uuid4()), (seller, draft.pk)):
            answer = client.get(f"{PRODUCTS}/{key}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_its_statements(self, manager, company):
        product = publish(company, "A").product
        numbers = iter(range(2, 100))

        def add(count):
            for _ in range(count):
                version = VersionFactory(product=product, version=next(numbers))
                PublicationFactory(product_version=version)

        check_query_count("api products/{id}", lambda: manager.get(f"{PRODUCTS}/{product.pk}"), add)


class TestFilters:
    def test_each(self, manager, company):
        risk, partner = RiskFactory(company=company), PartnerFactory(company=company)
        ProductFactory(company=company, sku="A", risk=risk)
        ProductFactory(company=company, sku="B", partner=partner)
        ProductFactory(company=company, sku="C", lifecycle_status=LifecycleStatus.TEST)
        publish(company, "D", channels=[Channel.WEB])
        assert skus(manager, f"?risk={risk.pk}") == ["A"]
        assert skus(manager, f"?partner={partner.pk}") == ["B"]
        assert skus(manager, "?status=test") == ["C"]
        assert skus(manager, "?channel=web") == ["D"]
        assert skus(manager, "?channel=field") == []
        assert skus(manager, f"?risk={risk.pk}&status=test") == []
        assert skus(manager, f"?risk={uuid4()}") == []

    def test_the_company(self, api, user_with, company, other_company):
        client = api(user_with(Role.LEGAL, company, other_company))
        ProductFactory(company=company, sku="A")
        version = publish(other_company, "B")
        assert skus(client, f"?company={other_company.pk}") == ["B"]
        PublicationFactory(product_version=version, company=company)
        assert sorted(skus(client, f"?company={company.pk}")) == ["A", "B"]

    def test_another_company_is_unknown(self, manager, other_company):
        for key in (other_company.pk, uuid4()):
            answer = manager.get(f"{PRODUCTS}?company={key}")
            assert (answer.status_code, answer.json()["errors"][0]["path"]) == (404, "company")

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("?inconnu=1", "unknown_field"),
            ("?company=AP", "invalid"),
            ("?status=vivant", "invalid_choice"),
            ("?status=draft&status=test", "repeated"),
            ("?search=" + "x" * 101, "max_length"),
            ("?search=%00", "null_characters_not_allowed"),
            ("?page_size=0", "min_value"),
            ("?page_size=201", "max_value"),
            ("?page_size=dix", "invalid"),
        ],
    )
    def test_what_is_refused(self, manager, query, code):
        answer = manager.get(PRODUCTS + query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code


class TestPages:
    def walk(self, client, url):
        seen, pages = [], 0
        while url:
            body = client.get(url).json()
            seen += [row["sku"] for row in body["results"]]
            url, pages = body["next"], pages + 1
        return seen, pages

    def test_forwards_and_back(self, manager, company):
        # The same name for all: the sort key alone does not tell them apart.
        for number in range(7):
            ProductFactory(company=company, sku=f"P{number}", name="Pareil")
        seen, pages = self.walk(manager, PRODUCTS + "?page_size=2")
        assert (sorted(seen), pages) == ([f"P{n}" for n in range(7)], 4)
        second = manager.get(manager.get(PRODUCTS + "?page_size=2").json()["next"]).json()
        first = manager.get(second["previous"]).json()
        assert [row["sku"] for row in first["results"]] == seen[:2]
        assert first["previous"] is None

    @pytest.mark.parametrize(
        "content",
        [
            "x",
            "[]",
            "{}",
            "1",
            '[true, "a"]',
            '[1, "a", "b"]',
            '[true, "a", "pas-un-uuid"]',
            '[true, "\\u0000", "b"]',
            "[true, null, null]",
            '[true, ["a"], 1]',
            '[true, "a", 99999999999999999999999999999999999999999999]',
            "[" * 5000,
        ],
    )
    def test_a_cursor_that_is_not_ours(self, manager, company, content):
        cursor = urlsafe_b64encode(content.encode()).decode()[:500]
        answer = manager.get(PRODUCTS, {"cursor": cursor})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "cursor.invalid"

    @pytest.mark.parametrize("cursor", ["x", "é", "%", "===="])
    def test_a_cursor_that_is_not_even_base64(self, manager, cursor):
        assert manager.get(PRODUCTS, {"cursor": cursor}).status_code == 422

    def test_its_statements(self, manager, company):
        partner = PartnerFactory(company=company)
        brand = BrandFactory(company=company)

        def add(count):
            for _ in range(count):
                ProductFactory(company=company, partner=partner, brand=brand)

        check_query_count("api products", lambda: manager.get(PRODUCTS), add)


class TestReferences:
    @pytest.mark.requirement("2.1-company-01", "2.1-company-03")
    def test_companies(self, manager, company, other_company):
        (read,) = manager.get("/api/catalog/companies").json()["results"]
        assert (read["code"], read["siren"], read["currency"]) == ("AP", company.siren, "EUR")

    def test_partners(self, manager, company, other_company):
        mine = PartnerFactory(company=company, name="A")
        lent = PartnerFactory(company=other_company, name="B")
        PartnerFactory(company=other_company, name=CANARY)
        PartnerActivationFactory(partner=lent, company=company, status=PartnerStatus.ACTIVE)
        answer = manager.get("/api/catalog/partners")
        assert [row["id"] for row in answer.json()["results"]] == [str(mine.pk), str(lent.pk)]

    def test_risks(self, manager, company, other_company):
        mine = RiskFactory(company=company)
        RiskFactory(company=other_company, label=CANARY)
        common = RiskFactory(company=None, is_global=True)
        answer = manager.get("/api/catalog/risks?page_size=200")
        assert CANARY not in answer.content.decode()
        found = {row["id"] for row in answer.json()["results"]}
        assert {str(mine.pk), str(common.pk)} <= found

    @pytest.mark.parametrize("name", ["companies", "partners", "risks"])
    def test_strict(self, manager, name):
        assert manager.get(f"/api/catalog/{name}?rien=1").status_code == 422

    def test_statements(self, api, user_with):
        client = api(user_with(Role.GROUP_ADMIN))

        def add(count):
            for _ in range(count):
                PartnerActivationFactory(partner=PartnerFactory(company=CompanyFactory()))
                RiskFactory()

        for name in ("companies", "partners", "risks"):
            call = functools.partial(client.get, f"/api/catalog/{name}")
            check_query_count(f"api {name}", call, add)
