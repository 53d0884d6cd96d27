"""Risks by the API."""

from uuid import uuid4

import pytest

from catalog.models import Risk
from tests.support.calls import PRODUCTS, RISKS, errors, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.mark.requirement("2.1-risk-02", "2.1-risk-03", "2.1-risk-04", "A.2.1-risk-02")
class TestRisks:
    @pytest.mark.parametrize(
        ("change", "path", "code"),
        [
            ({"icon": "dragon"}, "icon", "invalid_choice"),
            ({"scope": "nobody"}, "scope", "invalid_choice"),
            ({"code": "é"}, "code", "code"),
            ({"code": "sante"}, "", "constraint.risk_local_code_is_not_global"),
            ({"parent_id": str(uuid4())}, "parent_id", "unknown"),
            ({"constraints": {"channels": ["moon"]}}, "constraints", "schema.enum"),
            ({"constraints": {"colour": 1}}, "constraints", "schema.additionalProperties"),
            ({"constraints": {"age_min": 9, "age_max": 8}}, "constraints", "invalid"),
            ({"field_schema": {"type": "array"}}, "field_schema", "schema.const"),
            (
                {
                    "field_schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"a": {"title": "A", "type": "string", "pattern": "(a+)+$"}},
                    }
                },
                "field_schema",
                "schema.oneOf",
            ),
        ],
    )
    def test_what_is_refused(self, manager, company, change, path, code):
        body = {"company_id": str(company.pk), "code": "NEUF", "label": "Neuf"} | change
        status, answer = send(manager, "post", RISKS, body)
        assert status == 422, answer
        assert (path, code) in errors(answer)

    def test_made_with_all_its_parts(self, manager, company):
        parent = Risk.objects.get(code="SANTE")
        body = {
            "company_id": str(company.pk),
            "parent_id": str(parent.pk),
            "code": "OPTIQUE",
            "label": "Optique",
            "icon": "health_and_safety",
            "constraints": {"partner": "required"},
            "field_schema": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"cap": {"title": "Plafond", "type": "number", "maximum": 99.5}},
            },
        }
        status, made = send(manager, "post", RISKS, body)
        assert status == 201, made
        assert {name: made[name] for name in body} == body
        shared = {"company_id": str(company.pk), "risk_id": made["id"], "sku": "OPT-1", "name": "X"}
        status, answer = send(manager, "post", PRODUCTS, shared | {"revenue_model": "revenue"})
        assert errors(answer) == {("partner_id", "risk.partner_required")}
        assert "Optique" in answer["errors"][0]["message"]
