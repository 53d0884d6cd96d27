"""A list where an object stands, and the reverse: refused, nothing changed, never a 500 (A.2)."""

import pytest

from catalog.models import Product, Risk
from tests.factories import PlanFactory, ProductFactory, RiskFactory, VersionFactory
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"


@pytest.mark.requirement("A.4-01")
@pytest.mark.parametrize(
    ("route", "field", "values"),
    [
        ("products", "forced_badges", ([],)),
        ("products", "attributes", ([],)),
        ("risks", "constraints", ([], [None], [{}])),
        ("risks", "field_schema", ([], [None], [{}])),
        ("versions", "eligibility", ([], [None], [[]])),
        ("versions", "geography", ([],)),
        ("plans", "parameters", ([],)),
        ("plans", "options", ({},)),
        ("plans", "discounts", ({},)),
    ],
)
def test_the_wrong_kind(api, user_with, company, route, field, values):
    risk = RiskFactory(company=company)
    product = ProductFactory(company=company, risk=risk)
    version = VersionFactory(product=product, company=company)
    rows = {
        "products": product,
        "risks": risk,
        "versions": version,
        "plans": PlanFactory(product_version=version),
    }
    client = api(user_with(Role.COMPANY_ADMIN, company))
    address = f"{API}/{route}/{rows[route].pk}"
    before = client.get(address).json()
    for value in values:
        answer = client.patch(address, {field: value}, content_type="application/json")
        assert answer.status_code == 422, value
        assert answer.json()["errors"][0]["path"].startswith(field), value
    assert client.get(address).json() == before
    assert client.get(f"{API}/products").status_code == 200
    assert (Product.objects.count(), Risk.objects.filter(company=company).count()) == (1, 1)
