"""Filters of the products, and what each reader sees."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import PricingRule, ProductVersion
from catalog.selectors import products
from tests.factories import (
    PartnerFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.calls import PRODUCTS, VERSIONS, listed, send
from tests.support.offers import make_released
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("2.2-04", "2.1-publication-02")
class TestReading:
    def test_filters(self, manager, company):
        parent = RiskFactory(company=company)
        child = RiskFactory(company=company, parent=parent)
        sold = make_released(company=company, sku="VENDU", plans={"A": "1"}, risk=child)
        other = VersionFactory(product=ProductFactory(company=company, sku="USAGE"))
        PricingRule.objects.create(
            product_version=other,
            company=company,
            type="usage",
            payload={"unit": "kWh", "unit_price": 1},
        )
        for query, found in (
            ("?published=true", ["VENDU"]),
            ("?published=false", ["USAGE"]),
            ("?pricing=fixed", ["VENDU"]),
            ("?pricing=usage", ["USAGE"]),
            ("?pricing=tiered", []),
            ("?integrated=true", []),
            ("?integrated=false", ["USAGE", "VENDU"]),
            (f"?risk={parent.pk}", ["VENDU"]),
        ):
            assert sorted(row["sku"] for row in listed(manager, query)) == found, query
        assert manager.get(PRODUCTS + "?published=oui").status_code == 422
        assert sold.product.risk_id == child.pk

    def test_prices_are_hidden_where_they_are_not_visible(self, api, user_with, company):
        extras = {"options": [{"code": "O", "name": "O", "amount": 1}]}
        version = make_released(company=company, sku="DEVIS", plans={"A": "9.90"}, extras=extras)
        seller, admin = (api(user_with(role, company)) for role in (Role.SALES, Role.COMPANY_ADMIN))
        page, prices = f"{PRODUCTS}/{version.product_id}", f"{VERSIONS}/{version.pk}/pricing-rules"

        def shown(client):
            (read,) = client.get(page).json()["versions"]
            listed = client.get(prices).json()["results"]
            assert (read["pricing_rules"] == []) == (listed == [])
            plans = client.get(f"{VERSIONS}/{version.pk}/plans").json()["results"]
            assert plans == read["plans"]
            return bool(listed), bool(plans[0]["options"])

        assert shown(seller) == shown(admin) == (True, True)
        version.publications.update(price_visible=False, channels=["web"])
        PublicationFactory(product_version=version, channels=["field"], visibility="hidden")
        assert shown(seller) == (False, False)
        assert shown(admin) == (True, True)

    @pytest.mark.requirement("2.2-04", "3.8-13")
    @pytest.mark.parametrize("rare", [products.RARE, 0], ids=["rare", "common"])
    def test_what_is_not_shown_answers_no_filter(
        self, api, user_with, company, other_company, monkeypatch, rare
    ):
        monkeypatch.setattr(products, "RARE", rare)  # a form is read in two ways
        sold = make_released(company=company, sku="VENDU", plans={"A": "1"})
        draft = VersionFactory(product=sold.product, version=2, effective_from=datetime.now(UTC))
        usage = {"type": "usage", "payload": {"unit": "kWh", "unit_price": 1}}
        PricingRule.objects.create(product_version=draft, company=company, **usage)
        at = datetime.now(UTC)
        start = at + timedelta(days=9)
        later = VersionFactory(product=sold.product, version=3, effective_from=start)
        indexed = {"type": "indexed", "payload": {"index": "cpi", "formula": "index"}}
        PricingRule.objects.create(product_version=later, company=company, **indexed)
        PublicationFactory(product_version=sold, company=other_company)
        readers = {
            name: api(user_with(role, owner))
            for name, role, owner in (
                ("owner", Role.COMPANY_ADMIN, company),
                ("seller", Role.SALES, company),
                ("lent", Role.COMPANY_ADMIN, other_company),
                ("lent seller", Role.SALES, other_company),
                ("group", Role.GROUP_ADMIN, None),
            )
        }
        everything, nothing = dict.fromkeys(readers, True), dict.fromkeys(readers, False)
        in_full = nothing | {"owner": True, "group": True}

        def found(form):
            return {
                name: bool(listed(client, f"?pricing={form}")) for name, client in readers.items()
            }

        assert found("fixed") == everything
        assert found("usage") == in_full
        sold.publications.update(price_visible=False)
        sold.publications.update(channels=["web"])
        PublicationFactory(product_version=sold, channels=["field"], visibility="hidden")
        assert found("fixed") == everything | {"seller": False, "lent seller": False}
        assert found("indexed") == in_full
        ProductVersion.objects.filter(pk=later.pk).update(
            state="withdrawn", content_hash="sha256:1", released_at=at, withdrawn_at=at
        )
        assert found("indexed") == nothing

    def test_a_seller_of_another_company_reads_what_it_sells(
        self, api, user_with, company, other_company
    ):
        version = make_released(company=company, sku="PARTAGE-9", plans={"A": "9.90"})
        client = api(user_with(Role.COMPANY_ADMIN, other_company))
        address = f"{VERSIONS}/{version.pk}"
        for path in ("", "/plans", "/pricing-rules", "/publications", "/cq-rules"):
            assert client.get(address + path).status_code == 404
        PublicationFactory(product_version=version, company=other_company)
        for path in ("", "/plans", "/pricing-rules", "/publications", "/cq-rules"):
            assert client.get(address + path).status_code == 200
        assert len(client.get(f"{address}/publications").json()["results"]) == 1
        assert send(client, "patch", address, {"notes": "X"})[0] == 403
        assert PartnerFactory(company=company).pk
