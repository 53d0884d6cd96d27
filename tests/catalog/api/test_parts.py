"""Parts of versions and products by the API: plans, prices, publications, rules, codes."""

from uuid import uuid4

import pytest

from catalog.models import CqRule, PricingRule
from documents.models import DocumentType
from tests.factories import (
    DocumentFactory,
    ExternalMappingFactory,
    PlanFactory,
    ProductFactory,
    VersionFactory,
)
from tests.support.calls import API, PRODUCTS, VERSIONS, errors, listed, send
from tests.support.offers import make_released
from tests.support.parity import insert
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


class TestParts:
    @pytest.mark.requirement("2.1-plan-01", "2.1-plan-03", "2.1-plan-04", "A.2.2-product_plan-02")
    def test_plans(self, manager, draft):
        address = f"{VERSIONS}/{draft.pk}/plans"
        body = {
            "code": "BASE",
            "name": "Base",
            "recurrence": "custom",
            "billing_cycle_days": 45,
            "position": 2,
            "valid_from": "2027-01-01T00:00:00Z",
            "valid_to": None,
            "parameters": {"base": 0.2},
            "options": [{"code": "O", "name": "Option", "amount": 5.0, "mandatory": True}],
            "surcharges": [{"code": "S", "name": "Surcharge", "kind": "percent", "value": 10}],
            "discounts": [{"code": "D", "name": "Remise", "kind": "amount", "value": 1}],
        }
        status, made = send(manager, "post", address, body)
        assert status == 201, made
        assert made == body | {"id": made["id"]} | {k: made[k] for k in made if k not in body}
        one = f"{API}/plans/{made['id']}"
        assert send(manager, "get", one) == (200, made)
        for change, path, code in (
            ({"options": [{"code": "O"}]}, "options", "schema.required"),
            ({"options": body["options"] * 2}, "options", "invalid"),
            (
                {"discounts": [body["surcharges"][0] | {"value": 101}]},
                "discounts",
                "schema.maximum",
            ),
            ({"parameters": {"Base": 1}}, "parameters", "schema.pattern"),
            ({"parameters": {"base": 1.00001}}, "parameters", "schema.multipleOf"),
            ({"recurrence": "monthly"}, "", "constraint.product_plan_custom_has_days"),
            ({"valid_to": "2026-01-01T00:00:00Z"}, "", "constraint.product_plan_period"),
            ({"code": "é"}, "code", "code"),
        ):
            status, answer = send(manager, "patch", one, change)
            assert (status, (path, code) in errors(answer)) == (422, True), (change, answer)
        assert send(manager, "post", address, body)[0] == 422
        assert send(manager, "delete", one) == (204, None)

    @pytest.mark.requirement(
        *("A.3.3-01", "A.3.3-02", "A.3.3-03", "A.3.3-04", "A.4-06", "A.5-04", "2.1-plan-02"),
        "A.2.2-pricing_rule-01",
    )
    @pytest.mark.parametrize(
        ("body", "path", "code"),
        [
            ({"payload": {"amount": 9.9}}, None, None),
            ({"payload": {}}, "payload", "schema.required"),
            ({"payload": {"amount": -1}}, "payload", "schema.minimum"),
            ({"payload": {"amount": "1"}}, "payload", "schema.type"),
            ({"payload": {"amount": True}}, "payload", "schema.type"),
            ({"payload": {"amount": 1, "unit": "x"}}, "payload", "schema.additionalProperties"),
            ({"payload": []}, "payload", "schema.type"),
            ({"type": "gift", "payload": {}}, "type", "invalid_choice"),
            (
                {
                    "type": "tiered",
                    "tier_mode": "slab",
                    "payload": [
                        {"min": 0, "max": 99, "amount": 10},
                        {"min": 100, "max": None, "amount": 9, "base": None},
                    ],
                },
                None,
                None,
            ),
            ({"type": "tiered", "payload": [{"min": 0, "amount": 1}]}, "tier_mode", "invalid"),
            ({"type": "tiered", "tier_mode": "slab", "payload": []}, "payload", "schema.minItems"),
            (
                {"type": "tiered", "tier_mode": "slab", "payload": [{"min": 1, "amount": 1}]},
                "payload",
                "tiers.start",
            ),
            (
                {
                    "type": "tiered",
                    "tier_mode": "slab",
                    "payload": [{"min": 0, "amount": 1, "base": "x"}],
                },
                "payload",
                "schema.enum",
            ),
            ({"tier_mode": "slab", "payload": {"amount": 1}}, "tier_mode", "invalid"),
            (
                {"type": "indexed", "payload": {"index": "cpi", "formula": "index * 2"}},
                None,
                None,
            ),
            (
                {"type": "indexed", "payload": {"index": "gold", "formula": "1"}},
                "payload",
                "schema.enum",
            ),
            (
                {"type": "indexed", "payload": {"index": "cpi", "formula": "exec(1)"}},
                "payload",
                "formula.name",
            ),
            (
                {"type": "indexed", "payload": {"index": "cpi", "formula": "base"}},
                "payload",
                "formula.base",
            ),
            ({"type": "usage", "payload": {"unit": "kWh", "unit_price": 0.174}}, None, None),
            (
                {"type": "usage", "payload": {"unit": "kWh", "unit_price": 1, "min_charge": None}},
                None,
                None,
            ),
            ({"type": "usage", "payload": {"unit_price": 1}}, "payload", "schema.required"),
            ({"payload": {"amount": 1}, "tax_code": "FR99"}, "tax_code", "vat.unknown"),
            ({"payload": {"amount": 1}, "tax_rate": 10}, "tax_rate", "vat.rate"),
            ({"payload": {"amount": 1}, "currency": "USD"}, "currency", "invalid"),
            ({"payload": {"amount": 1}, "plan_id": str(uuid4())}, "plan_id", "unknown"),
        ],
    )
    def test_prices(self, manager, draft, body, path, code):
        address = f"{VERSIONS}/{draft.pk}/pricing-rules"
        status, answer = send(manager, "post", address, {"type": "fixed"} | body)
        if code is None:
            assert status == 201, answer
            assert (answer["payload"], answer["tax_rate"]) == (body["payload"], "20.00")
            one = f"{API}/pricing-rules/{answer['id']}"
            status, answer = send(manager, "patch", one, {"tax_code": "FR55"})
            assert (status, answer["tax_rate"]) == (200, "5.50")
            assert send(manager, "delete", one) == (204, None)
        else:
            assert status == 422, answer
            assert (path, code) in errors(answer), answer
            assert not PricingRule.objects.exists()

    @pytest.mark.requirement("A.2.2-pricing_rule-04", "1-06")
    def test_the_prices_of_a_plan_share_their_base_and_vat_code(self, manager, draft):
        """They add up: another base or code is refused as soon as it is added (`domain.md` §3)."""
        address = f"{VERSIONS}/{draft.pk}/pricing-rules"
        plan = PlanFactory(product_version=draft)
        first = {"type": "fixed", "payload": {"amount": 1}, "plan_id": str(plan.pk)}
        status, made = send(manager, "post", address, first)
        assert status == 201, made
        for other in ({"tax_included": False}, {"tax_code": "FR55"}):
            status, answer = send(manager, "post", address, first | other)
            assert (status, errors(answer)) == (422, {("tax_included", "pricing.mixed_terms")})
        assert send(manager, "post", address, first)[0] == 201
        whole = {"type": "fixed", "payload": {"amount": 1}, "tax_included": False}
        assert send(manager, "post", address, whole)[0] == 201
        one = f"{API}/pricing-rules/{made['id']}"
        assert send(manager, "patch", one, {"tax_included": False})[0] == 200

    def test_a_plan_of_another_version_prices_nothing_here(self, manager, company, draft):
        other = PlanFactory(product_version=VersionFactory(product=draft.product, version=2))
        body = {"type": "fixed", "payload": {"amount": 1}, "plan_id": str(other.pk)}
        status, answer = send(manager, "post", f"{VERSIONS}/{draft.pk}/pricing-rules", body)
        assert (status, errors(answer)) == (422, {("plan_id", "invalid")})

    @pytest.mark.requirement("2.1-product-07", "2.1-publication-01", "A.3.5-01", "A.3.5-02")
    @pytest.mark.parametrize(
        ("change", "status", "path", "code"),
        [
            ({}, 201, None, None),
            ({"product_version_id": "own"}, 201, None, None),
            ({"product_version_id": str(uuid4())}, 404, "product_version_id", "not_found"),
            ({"company_id": ...}, 422, "company_id", "required"),
            ({"channels": ...}, 422, "channels", "required"),
            ({"start_at": ...}, 422, "start_at", "required"),
            ({"channels": []}, 422, "channels", "min_length"),
            ({"channels": ["web", "web"]}, 422, "channels", "invalid"),
            ({"channels": ["partner"]}, 422, "channels", "invalid"),
            ({"visibility": "secret"}, 422, "visibility", "invalid_choice"),
            ({"availability": "never"}, 422, "availability", "invalid_choice"),
            ({"end_at": "2026-12-31T00:00:00Z"}, 422, "end_at", "period"),
            ({"start_at": "2020-01-01T00:00:00Z"}, 422, "start_at", "invalid"),
        ],
    )
    def test_publications(self, manager, company, draft, change, status, path, code):
        draft.channels = ["web", "field"]
        draft.save()
        make_publishable(draft)
        body = {
            "company_id": str(company.pk),
            "reason": "L'ADV est absente.",
            "channels": ["web"],
            "start_at": "2027-01-01T00:00:00Z",
            "conditions": "Sous réserve",
            "price_visible": False,
        } | change
        if body.get("product_version_id") == "own":
            body["product_version_id"] = str(draft.pk)
        sent = {name: value for name, value in body.items() if value is not ...}
        address = f"{VERSIONS}/{draft.pk}/publications"
        got, answer = send(manager, "post", address, sent)
        assert got == status, answer
        if code is None:
            one = f"{API}/publications/{answer['id']}"
            wider = {"visibility": "public", "reason": "L'ADV est absente."}
            assert send(manager, "patch", one, wider)[1]["visibility"] == "public"
            assert send(manager, "delete", one) == (204, None)
        else:
            assert (path, code) in errors(answer)

    def test_what_is_on_sale_is_not_erased(self, manager, company):
        version = make_released(company=company, sku="VENDU-2", plans={"A": "1"})
        publication = version.publications.get()
        address = f"{API}/publications/{publication.pk}"
        assert send(manager, "delete", address)[0] == 409

    @pytest.mark.requirement("A.2.2-cq_rule-01", "A.2.2-cq_rule-02", "3.6-02")
    @pytest.mark.requirement("3.6-07")
    def test_quality_rules(self, manager, api, user_with, company, draft):
        address = f"{VERSIONS}/{draft.pk}/cq-rules"
        body = {"required_fields": ["CNI", "RIB"], "rule_sets": ["identity"], "notes": None}
        owner = {"product_version": draft, "company": company}
        script_type = DocumentType.objects.get(code="SCRIPT")
        foreign = DocumentFactory(type=script_type)
        faq = DocumentFactory(product_version=draft)
        for script in (uuid4(), foreign.pk, faq.pk):
            status, answer = send(manager, "post", address, body | {"call_script_id": str(script)})
            assert (status, errors(answer)) == (422, {("call_script_id", "unknown")}), script
            assert insert(CqRule, owner | {"call_script_id": script}) in {
                *("cq_rule_call_script_owner_fk", "cq_rule_call_script")
            }
        script = DocumentFactory(product_version=draft, type=script_type)
        status, made = send(manager, "post", address, body | {"call_script_id": str(script.pk)})
        assert (status, made["required_fields"]) == (201, ["CNI", "RIB"])
        for change in ({"required_fields": ["X"]}, {"rule_sets": ["identity", "identity"]}):
            assert send(manager, "patch", f"{API}/cq-rules/{made['id']}", change)[0] == 422
        seller = api(user_with(Role.CATALOG_MANAGER, company))
        assert send(seller, "post", address, body)[0] == 403
        assert len(seller.get(address).json()["results"]) == 1

    @pytest.mark.requirement("8-07", "A.2.2-external_mapping-02", "2.2-03", "C.2-01", "A.1.1-07")
    def test_external_codes(self, manager, company, other_company, draft):
        address = f"{PRODUCTS}/{draft.product_id}/external-mappings"
        ExternalMappingFactory(
            product=ProductFactory(company=other_company), external_code="CANARI"
        )
        body = {"system": "OggoData", "external_code": "OG-1"}
        status, made = send(manager, "post", address, body)
        assert (status, made["integration_status"]) == (201, "none")
        assert self.status(manager, draft) == "none"
        for change, code in (
            ({"external_code": "CANARI"}, "constraint.external_mapping_code"),
            ({"external_code": "B"}, "constraint.external_mapping_product_system"),
            ({"external_code": " CANARI "}, "constraint.external_mapping_code"),
            ({"external_code": "B\u200b"}, "invalid"),
        ):
            status, answer = send(manager, "post", address, body | change)
            assert status == 422
            assert code in {error["code"] for error in answer["errors"]}, answer
            assert "MTV" not in str(answer)
        send(
            manager,
            "patch",
            f"{API}/external-mappings/{made['id']}",
            {"integration_status": "inactive"},
        )
        assert self.status(manager, draft) == "inactive"
        other = {"system": "Autre", "external_code": "1", "integration_status": "import"}
        assert send(manager, "post", address, other)[0] == 201
        assert self.status(manager, draft) == "import"
        assert [row["sku"] for row in listed(manager, "?integrated=true")] == [draft.product.sku]
        assert send(manager, "delete", f"{API}/external-mappings/{made['id']}") == (204, None)

    def status(self, client, version):
        return client.get(f"{PRODUCTS}/{version.product_id}").json()["integration_status"]
