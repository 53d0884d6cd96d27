"""`/api/schema/json/`: one schema per form of price, and what the customer's own schemas say of it."""

import json
from pathlib import Path

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from tests.factories import PlanFactory
from winvest.core import json as exact
from winvest.core.api.json_schemas import schema_files
from winvest.core.domain.roles import Role
from winvest.core.schemas import problems_with

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("A.3.3-01", "A.3.3-02")]
ANNEXE = Path(__file__).with_name("annexe_a3.json")
API = "/api/catalog"
GRID = [{"min": 0, "max": 99, "amount": 10}, {"min": 100, "max": None, "amount": 9.5}]
# What we accept of each form; A.3.3 must accept it too.
ACCEPTED = {
    "fixed": [{"amount": 29.9}, {"amount": 0}, {"amount": 99999999999999}],
    "tiered": [
        GRID,
        [{"min": 0, "max": None, "amount": 5, "base": "percent"}],
        [{"min": 0, "amount": 50, "base": "amount"}],
        [{"min": 0, "max": 10, "amount": 1, "base": None}, {"min": 10, "amount": 2}],
    ],
    "indexed": [{"index": "energy", "formula": "round(base * index / 100, 4)"}],
    "usage": [
        {"unit": "kWh", "unit_price": 0.174},
        {"unit": "Go", "unit_price": 1, "min_charge": None},
        {"unit": "min", "unit_price": 0.05, "min_charge": 12},
    ],
}


def annexe(name):
    return Draft202012Validator(json.loads(ANNEXE.read_text(encoding="utf-8"))[name])


@pytest.fixture
def client(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


def test_the_list_and_each_schema(client):
    assert Client().get("/api/schema/json/").status_code == 401
    listed = client.get("/api/schema/json/").json()["schemas"]
    names = {entry["name"] for entry in listed}
    assert {"pricing/fixed", "pricing/tiered", "pricing/indexed", "pricing/usage"} <= names
    assert names == set(schema_files())
    for entry in listed:
        assert entry["title"]
        answer = client.get(entry["url"])
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/schema+json")
        Draft202012Validator.check_schema(answer.json())
    for unknown in ("pricing/gift", "../settings", "pricing/fixed.json", "%2e%2e/x"):
        assert client.get(f"/api/schema/json/{unknown}").status_code == 404
    assert client.post("/api/schema/json/").status_code == 405


@pytest.mark.parametrize("kind", ACCEPTED)
def test_what_we_accept_the_customer_s_schema_accepts(client, company, kind):
    plan = PlanFactory(product_version__product__company=company, parameters={"base": 1})
    served = exact.loads(client.get(f"/api/schema/json/pricing/{kind}").content)
    address = f"{API}/versions/{plan.product_version_id}/pricing-rules"
    for payload in ACCEPTED[kind]:
        body = {"plan_id": str(plan.pk), "type": kind, "payload": payload}
        body |= {"tier_mode": "slab"} if kind == "tiered" else {}
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code == 201, answer.json()
        assert problems_with(served, exact.loads(json.dumps(payload))) == []
        assert annexe("A.3.3").is_valid(answer.json()["payload"])


def test_the_other_bodies_of_annexe_a3(client, company):
    plan = PlanFactory(product_version__product__company=company)
    product = plan.product_version.product
    bodies = {
        "A.3.1": (
            f"{API}/products",
            {
                "sku": "AP-1",
                "name": "Offre",
                "company_id": str(company.pk),
                "risk_id": str(product.risk_id),
                "revenue_model": "revenue",
            },
        ),
        "A.3.2": (
            f"{API}/products/{product.pk}/versions",
            {"effective_from": "2030-01-01T00:00:00+01:00", "effective_to": None, "notes": "N"},
        ),
    }
    for name, (address, body) in bodies.items():
        assert annexe(name).is_valid(body), name
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code == 201, answer.json()
