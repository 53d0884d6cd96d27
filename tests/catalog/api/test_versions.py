"""Versions by the API."""

import pytest

from tests.support.calls import API, PRODUCTS, VERSIONS, errors, send
from tests.support.offers import make_released

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


class TestVersions:
    @pytest.mark.requirement("A.3.2-01", "A.2.2-product_version-03", "A.1.1-03")
    def test_created_with_the_next_number(self, manager, draft):
        address = f"{PRODUCTS}/{draft.product_id}/versions"
        body = {
            "effective_from": "2027-01-01T00:00:00+01:00",
            "effective_to": None,
            "notes": "Note",
            "breaking_changes": True,
            "channels": ["web", "field"],
            "geography": {"zones": ["metropole"]},
            "eligibility": {"age_min": 18},
        }
        status, made = send(manager, "post", address, body)
        assert status == 201, made
        assert (made["version"], made["state"], made["breaking_changes"]) == (2, "draft", True)
        assert made["effective_from"] == "2026-12-31T23:00:00Z"
        listed = manager.get(address).json()["results"]
        assert [row["version"] for row in listed] == [1, 2]
        assert send(manager, "get", f"{VERSIONS}/{made['id']}") == (200, made)

    @pytest.mark.requirement("A.3.2-01", "2.1-product-07", "2.1-product-08", "2.1-product-09")
    @pytest.mark.parametrize(
        ("change", "path", "code"),
        [
            ({"effective_from": ...}, "effective_from", "required"),
            ({"effective_from": "2027-01-01"}, "effective_from", "invalid"),
            ({"effective_from": "2027-01-01T00:00:00"}, "effective_from", "offset"),
            ({"effective_to": "2026-01-01T00:00:00Z"}, "", "constraint.product_version_period"),
            ({"notes": 1}, "notes", "invalid"),
            ({"breaking_changes": "yes"}, "breaking_changes", "invalid"),
            ({"channels": ["moon"]}, "channels.0", "invalid_choice"),
            ({"channels": ["web", "web"]}, "channels", "schema.uniqueItems"),
            ({"geography": {"zones": ["mars"]}}, "geography", "schema.enum"),
            ({"geography": {"departments": ["99"]}}, "geography", "schema.enum"),
            ({"eligibility": {"age_min": -1}}, "eligibility", "schema.minimum"),
            ({"eligibility": {"age_min": 9, "age_max": 8}}, "eligibility", "invalid"),
            (
                {"eligibility": {"customer_types": ["professional"]}},
                "eligibility",
                "risk.customers",
            ),
            ({"version": 7}, "version", "unknown_field"),
        ],
    )
    def test_what_is_refused(self, manager, draft, change, path, code):
        body = {"effective_from": "2027-01-01T00:00:00+01:00"} | change
        sent = {name: value for name, value in body.items() if value is not ...}
        address = f"{PRODUCTS}/{draft.product_id}/versions"
        status, answer = send(manager, "post", address, sent)
        assert status == 422, answer
        assert (path, code) in errors(answer)

    def test_a_released_version_keeps_all_but_its_notes(self, manager, company):
        version = make_released(company=company, sku="FIGE-9", plans={"A": "9.90"})
        address = f"{VERSIONS}/{version.pk}"
        assert send(manager, "patch", address, {"notes": "Relue"})[0] == 200
        status, body = send(manager, "patch", address, {"channels": ["web"]})
        assert (status, body["code"]) == (409, "frozen")
        plan, rule = version.plans.get(), version.pricing_rules.get()
        plan_body = {"code": "B", "name": "B", "recurrence": "monthly"}
        rule_body = {"type": "fixed", "payload": {"amount": 1}}
        for method, path, sent in (
            ("post", "plans", plan_body),
            ("patch", f"{API}/plans/{plan.pk}", {"name": "B"}),
            ("delete", f"{API}/plans/{plan.pk}", None),
            ("post", "pricing-rules", rule_body),
            ("patch", f"{API}/pricing-rules/{rule.pk}", {"payload": {"amount": 1}}),
            ("delete", f"{API}/pricing-rules/{rule.pk}", None),
            ("post", "cq-rules", {"required_fields": ["CNI"]}),
        ):
            where = path if path.startswith("/") else f"{address}/{path}"
            status, body = send(manager, method, where, sent)
            assert (status, body["code"]) == (409, "frozen"), (method, path)
