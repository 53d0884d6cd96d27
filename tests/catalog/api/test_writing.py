"""Writing the catalogue by the API: Annexe A.3.1, A.3.2, A.3.3, the parts of a version, codes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from catalog.choices import LifecycleStatus
from catalog.models import CqRule, PricingRule, Product, ProductPlan, ProductVersion, Risk
from catalog.selectors import products
from documents.models import DocumentType
from tests.factories import (
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PartnerFactory,
    PlanFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
    make_released,
)
from tests.support.parity import insert
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, MembershipRisk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
PRODUCTS = "/api/catalog/products"
API = "/api/catalog"
VERSIONS = "/api/catalog/versions"
RISKS = "/api/catalog/risks"


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.COMPANY_ADMIN, company))


@pytest.fixture
def draft(company):
    return VersionFactory(
        product=ProductFactory(company=company, lifecycle_status=LifecycleStatus.DRAFT)
    )


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    return answer.status_code, answer.json() if answer.content else None


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


class TestProducts:
    @pytest.fixture
    def body(self, company):
        return {
            "sku": "AP-SANTE-777",
            "name": "Offre",
            "company_id": str(company.pk),
            "risk_id": str(Risk.objects.get(code="SANTE").pk),
            "revenue_model": "revenue",
        }

    @pytest.mark.requirement("A.3.1-01", "A.3.1-02", "A.2.2-product-08", "A.5-01")
    def test_created_as_a_draft(self, manager, company, body):
        status, made = send(manager, "post", PRODUCTS, body | {"lifecycle_status": "draft"})
        assert status == 201, made
        assert (made["lifecycle_status"], made["badges"], made["warnings"]) == (
            "draft",
            ["new"],
            [],
        )
        product = Product.objects.get(pk=made["id"])
        assert product.created_by is not None
        status, made = send(manager, "post", PRODUCTS, body | {"sku": "Autre.1"})
        assert made["warnings"][0]["code"] == "sku.format"
        assert "AP-SANTE-001" in made["warnings"][0]["message"]

    @pytest.mark.requirement("A.3.1-01", "A.3.1-02", "A.2.2-product-05", "8-07")
    @pytest.mark.parametrize(
        ("change", "path", "code"),
        [
            *(({name: ...}, name, "required") for name in ("sku", "name", "company_id", "risk_id")),
            ({"revenue_model": ...}, "revenue_model", "required"),
            ({"sku": ""}, "sku", "blank"),
            ({"sku": "x" * 81}, "sku", "max_length"),
            ({"sku": 12}, "sku", "invalid"),
            ({"sku": "BOX １"}, "sku", "sku"),
            ({"sku": "BOX\u200b1"}, "sku", "sku"),
            ({"sku": "deja-1"}, "", "constraint.product_sku_any_case"),
            ({"sku": "DEJA-1"}, "sku", "unique"),
            ({"name": "x" * 161}, "name", "max_length"),
            ({"short_name": "x" * 81}, "short_name", "max_length"),
            ({"short_name": 1}, "short_name", "invalid"),
            ({"company_id": "AP"}, "company_id", "invalid"),
            ({"risk_id": str(uuid4())}, "risk_id", "unknown"),
            ({"partner_id": "x"}, "partner_id", "invalid"),
            ({"partner_id": str(uuid4())}, "partner_id", "unknown"),
            ({"revenue_model": "gift"}, "revenue_model", "invalid_choice"),
            ({"revenue_model": "commission"}, "", "constraint.product_commission_has_partner"),
            ({"lifecycle_status": "active"}, "lifecycle_status", "lifecycle.draft_only"),
            ({"lifecycle_status": "alive"}, "lifecycle_status", "invalid_choice"),
            ({"unit": "ton"}, "unit", "invalid_choice"),
            ({"forced_badges": {"new": 1}}, "badges", "schema.type"),
            ({"forced_badges": {"old": True}}, "badges", "schema.additionalProperties"),
            ({"attributes": {"x": 1}}, "attributes", "schema.additionalProperties"),
            ({"attributes": "x"}, "attributes", "invalid"),
            ({"extra": 1}, "extra", "unknown_field"),
        ],
    )
    def test_what_is_refused(self, manager, other_company, body, change, path, code):
        ProductFactory(company=other_company, sku="DEJA-1")
        sent = {name: value for name, value in (body | change).items() if value is not ...}
        status, answer = send(manager, "post", PRODUCTS, sent)
        assert status == 422, answer
        assert (path, code) in errors(answer)
        assert "MTV" not in str(answer)

    def test_another_company_s_is_404_and_another_role_s_403(
        self, manager, api, user_with, company, other_company, body
    ):
        sent = body | {"company_id": str(other_company.pk)}
        assert send(manager, "post", PRODUCTS, sent)[0] == 404
        assert send(api(user_with(Role.SALES, company)), "post", PRODUCTS, body)[0] == 403

    def test_changed_under_its_etag(self, manager, company, draft):
        address = f"{PRODUCTS}/{draft.product_id}"
        tag = manager.get(address)["ETag"]
        change = {"name": "Nouveau nom", "carrier": "Mutuelle X", "forced_badges": {"promo": True}}
        status, body = send(manager, "patch", address, change, **{"if-match": tag})
        assert (status, body["name"], body["carrier"]) == (200, "Nouveau nom", "Mutuelle X")
        assert body["badges"] == ["new", "promo"]
        assert send(manager, "patch", address, {"name": "X"}, **{"if-match": tag})[0] == 412
        status, body = send(manager, "patch", address, {"lifecycle_status": "active"})
        assert errors(body) == {("lifecycle_status", "fixed_field")}

    @pytest.mark.requirement("A.4-04")
    def test_only_a_draft_never_published_is_deleted(self, manager, company, draft):
        plan = PlanFactory(product_version=draft)
        ExternalMappingFactory(product=draft.product)
        kept = make_released(company=company, sku="GARDE-1", plans={"A": "1"})
        future = VersionFactory(
            product=ProductFactory(company=company, lifecycle_status=LifecycleStatus.DRAFT)
        )
        PublicationFactory(product_version=future, start_at=datetime.now(UTC) + timedelta(days=9))
        mapped = MappingFactory(
            product_version__product=ProductFactory(
                company=company, lifecycle_status=LifecycleStatus.DRAFT
            )
        )
        for version, code in (
            (kept, "product.kept"),
            (future, "product.published"),
            (mapped.product_version, "in_use"),
        ):
            status, body = send(manager, "delete", f"{PRODUCTS}/{version.product_id}")
            assert (status, body["code"]) == (409, code)
        assert send(manager, "delete", f"{PRODUCTS}/{draft.product_id}") == (204, None)
        assert not ProductPlan.objects.filter(pk=plan.pk).exists()
        assert Product.objects.filter(pk=kept.product_id).exists()

    @pytest.mark.requirement("2.1-risk-04")
    def test_the_fields_of_the_family_drive_the_attributes(self, manager, company):
        schema = {
            "type": "object",
            "properties": {
                "cover": {"title": "Couverture", "type": "string", "enum": ["base", "plus"]},
                "cap": {"title": "Plafond", "type": "number", "minimum": 0},
            },
            "required": ["cover"],
            "additionalProperties": False,
        }
        parent = RiskFactory(company=company, field_schema=schema)
        product = ProductFactory(
            company=company,
            risk=RiskFactory(company=company, parent=parent),
            lifecycle_status=LifecycleStatus.DRAFT,
        )
        address = f"{PRODUCTS}/{product.pk}"
        for attributes, path_code in (
            ({"cover": "gold"}, {("attributes", "schema.enum")}),
            ({"cap": "dix"}, {("attributes", "schema.type")}),
            ({"cap": -1}, {("attributes", "schema.minimum")}),
            ({"other": 1}, {("attributes", "schema.additionalProperties")}),
        ):
            status, body = send(manager, "patch", address, {"attributes": attributes})
            assert (status, errors(body)) == (422, path_code)
        status, body = send(manager, "patch", address, {"attributes": {"cap": 10.5}})
        assert (status, body["attributes"]) == (200, {"cap": 10.5})  # a draft may be incomplete
        Product.objects.filter(pk=product.pk).update(lifecycle_status="test")
        status, body = send(manager, "patch", address, {"name": "X"})
        assert errors(body) == {("attributes", "schema.required")}


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
            ({"end_at": "2026-12-31T00:00:00Z"}, 422, "", "constraint.publication_period"),
            ({"start_at": "2020-01-01T00:00:00Z"}, 422, "start_at", "invalid"),
        ],
    )
    def test_publications(self, manager, company, draft, change, status, path, code):
        ProductVersion.objects.filter(pk=draft.pk).update(channels=["web", "field"])
        body = {
            "company_id": str(company.pk),
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
            assert (
                send(manager, "patch", one, {"visibility": "public"})[1]["visibility"] == "public"
            )
            assert send(manager, "delete", one) == (204, None)
        else:
            assert (path, code) in errors(answer)

    def test_what_is_on_sale_is_not_erased(self, manager, company):
        version = make_released(company=company, sku="VENDU-2", plans={"A": "1"})
        publication = version.publications.get()
        address = f"{API}/publications/{publication.pk}"
        assert send(manager, "delete", address)[0] == 409

    @pytest.mark.requirement("A.2.2-cq_rule-01", "A.2.2-cq_rule-02", "3.6-02")
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
            ({"external_code": "B "}, "invalid"),
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


def listed(client, query):
    return client.get(PRODUCTS + query).json()["results"]


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
        version.publications.update(price_visible=False)
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
        assert found("fixed") == everything | {"seller": False, "lent seller": False}
        ProductVersion.objects.filter(pk=sold.pk).update(state="withdrawn")
        assert found("fixed") == nothing

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


@pytest.mark.requirement("3.8-04", "3.8-07")
def test_an_answer_is_not_told_again_to_whoever_lost_the_right(
    api, user_with, company, other_company
):
    user = user_with(Role.CATALOG_MANAGER, company, other_company)
    risk, elsewhere = (RiskFactory(company=company) for _ in range(2))
    body = {"sku": "AP-1", "name": "Offre", "risk_id": str(risk.pk), "revenue_model": "revenue"}
    body |= {"company_id": str(company.pk)}
    headers = {"idempotency-key": "cle"}

    def post():
        return api(user).post(PRODUCTS, body, content_type="application/json", headers=headers)

    assert (post().status_code, post()["Idempotent-Replayed"]) == (201, "true")
    member = Membership.objects.get(user=user, company=company)
    limit = MembershipRisk.objects.create(membership=member, company=company, risk_id=elsewhere.pk)
    assert post().status_code == 403
    MembershipRisk.objects.filter(pk=limit.pk).update(risk_id=risk.pk)
    assert post().status_code == 201
    member.delete()
    assert post().status_code == 404
    version = VersionFactory(product__company=company)
    address = f"{VERSIONS}/{version.pk}/plans"
    plan = {"code": "A", "name": "A", "recurrence": "monthly"}
    member = Membership.objects.create(user=user, company=company, role=Role.CATALOG_MANAGER)
    for status in (201, 201, 403):
        answer = api(user).post(
            address, plan, content_type="application/json", headers={"idempotency-key": "plan"}
        )
        assert answer.status_code == status
        if answer.has_header("Idempotent-Replayed"):
            member.delete()
