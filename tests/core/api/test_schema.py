"""The OpenAPI document: committed, complete, read by whoever signs in, kept by the answers."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from tests.support.offers import make_released
from winvest.core.api.docs import document
from winvest.core.domain.roles import Role

COMMITTED = Path(__file__).parents[3] / "docs" / "api" / "openapi.yaml"


def test_the_committed_document_is_the_generated_one(tmp_path):
    generated = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(generated))
    assert generated.read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8"), (
        "python manage.py spectacular --file docs/api/openapi.yaml"
    )


def test_every_operation_is_told_in_french_with_its_problem():
    described = document()
    assert described["openapi"].startswith("3.1")
    operations = [(path, op) for path, ops in described["paths"].items() for op in ops.values()]
    assert operations
    for path, operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"] != ["api"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        # What client portals read asks for nobody's token.
        public = path.startswith("/api/catalog/public/")
        assert ({"Jeton": []} in operation.get("security", [])) is not public


def test_every_post_has_its_key():
    for path in document()["paths"].values():
        if "post" in path:
            names = {parameter["name"] for parameter in path["post"]["parameters"]}
            assert "Idempotency-Key" in names


@pytest.mark.django_db
class TestDoors:
    def test_the_document(self, api, user_with, company):
        assert Client().get("/api/schema/").status_code == 401
        client = api(user_with(Role.SALES, company))
        assert yaml.safe_load(client.get("/api/schema/").content)["info"]["version"] == "1"
        answer = client.get("/api/schema/?format=json")
        assert "json" in answer["Content-Type"]
        assert "/api/catalog/pricing/quote" in answer.json()["paths"]
        assert client.get("/api/schema/?format=xml").status_code == 404
        assert client.post("/api/schema/").status_code == 405

    def test_the_page(self, browser_as, user_with, company):
        answer = Client().get("/api/docs/")
        assert answer.status_code == 302
        assert answer["Location"].endswith("?next=/api/docs/")
        answer = browser_as(user_with(Role.SALES, company)).get("/api/docs/")
        assert answer.status_code == 200
        assert "'unsafe-inline'" not in answer["Content-Security-Policy"]

    def test_answers_keep_the_document(self, api, user_with, company):
        version = make_released(company=company, sku="AP-1", plans={"A": "9.90"})
        client = api(user_with(Role.CATALOG_MANAGER, company))
        asked = {"sku": "AP-1", "plan": "A", "company_id": str(company.pk), "channel": "web"}
        answers = {
            "/api/catalog/companies": client.get("/api/catalog/companies"),
            "/api/catalog/partners": client.get("/api/catalog/partners"),
            "/api/catalog/risks": client.get("/api/catalog/risks"),
            "/api/catalog/products": client.get("/api/catalog/products"),
            "/api/catalog/products/{id}": client.get(f"/api/catalog/products/{version.product_id}"),
            "/api/catalog/pricing/quote": client.post(
                "/api/catalog/pricing/quote?explain=true", asked, content_type="application/json"
            ),
        }
        for path, answer in answers.items():
            method = "post" if "quote" in path else "get"
            schema = document()["paths"][path][method]["responses"]["200"]["content"]
            rooted = {
                **schema["application/json"]["schema"],
                "components": document()["components"],
            }
            assert answer.status_code == 200, path
            Draft202012Validator(rooted).validate(answer.json())
        problem = client.get("/api/catalog/products?rien=1").json()
        Draft202012Validator(document()["components"]["schemas"]["Problem"]).validate(problem)
