"""Products by the API."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from catalog.choices import LifecycleStatus
from catalog.models import Product, ProductPlan, ProductVersion, Risk
from documents.models import ProductDocument
from tests.factories import (
    DocumentFactory,
    ExternalMappingFactory,
    MappingFactory,
    PlanFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.calls import PRODUCTS, VERSIONS, errors, send
from tests.support.forms import form_of
from tests.support.offers import make_released, make_whole
from winvest.core.domain.roles import Role
from winvest.core.models import Membership, MembershipRisk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


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
            ({"forced_badges": {"new": 1}}, "forced_badges", "schema.type"),
            ({"forced_badges": {"old": True}}, "forced_badges", "schema.additionalProperties"),
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

    @pytest.mark.requirement("A.2.2-product-04")
    def test_a_released_product_keeps_its_code(
        self, manager, company, draft, browser_as, user_with
    ):
        """Sales, entries and contracts name it by its code: by the API, the page and SQL."""
        sold = make_released(company=company, sku="GARDE-1", plans={"A": "1"}).product
        address = f"{PRODUCTS}/{sold.pk}"
        status, body = send(manager, "patch", address, {"sku": "AUTRE-1"})
        assert (status, errors(body)) == (409, {("sku", "product.sku_kept")})
        same = {"sku": "GARDE-1", "name": "Un autre nom"}
        assert send(manager, "patch", address, same)[0] == 200
        page = reverse("admin:catalog_product_change", args=[sold.pk])
        browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
        told = browser.post(page, form_of(browser.get(page)) | {"sku": "AUTRE-1"})
        assert "qui ne change plus" in told.text
        with pytest.raises(IntegrityError, match="keeps its code"), transaction.atomic():
            Product.objects.filter(pk=sold.pk).update(sku="AUTRE-1")
        status, body = send(manager, "patch", f"{PRODUCTS}/{draft.product_id}", {"sku": "LIBRE-1"})
        assert (status, body["sku"]) == (200, "LIBRE-1")

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
            told = {(error["code"], error["message"]) for error in body["errors"]}
            assert code in {one for one, _ in told}
        assert told == {("in_use", "Ce brouillon est gardé par : mappings comptables.")}
        status, body = send(manager, "delete", f"{PRODUCTS}/{kept.product_id}")
        assert errors(body) == {
            ("", "product.kept"),
            ("", "product.published"),
            ("", "product.released"),
        }
        assert send(manager, "delete", f"{PRODUCTS}/{draft.product_id}") == (204, None)
        assert not ProductPlan.objects.filter(pk=plan.pk).exists()
        assert Product.objects.filter(pk=kept.product_id).exists()

    @pytest.mark.requirement("A.4-04", "3.1-07")
    def test_a_copy_is_deleted_with_all_its_parts(self, manager, company, user_with, browser_as):
        """Its own documents, schemes and rules go with it; a file that another shares stays."""
        source = make_whole(company, sku="TOUT-1")
        for row in source.documents.all():
            default_storage.delete(row.file_url)
            default_storage.save(row.file_url, ContentFile(b"%PDF-"))
        browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
        for door in ("api", "page"):
            address = f"{PRODUCTS}/{source.product_id}/duplicate"
            status, made = send(manager, "post", address, {})
            assert status == 201, made
            copy = ProductVersion.objects.get(product=made["id"])
            assert copy.documents.count() == 2
            assert copy.commission_schemes.exists()
            own = ProductDocument.objects.get(pk=DocumentFactory(product_version=copy).pk)
            default_storage.save(own.file_url, ContentFile(b"%PDF-"))
            with TestCase.captureOnCommitCallbacks(execute=True):
                if door == "api":
                    assert send(manager, "delete", f"{PRODUCTS}/{made['id']}") == (204, None)
                else:
                    page = reverse("admin:catalog_product_delete", args=[made["id"]])
                    assert browser.post(page, {"post": "yes"}).status_code == 302
            assert not Product.objects.filter(pk=made["id"]).exists(), door
            assert not ProductDocument.objects.filter(product_version=copy.pk).exists()
            assert not default_storage.exists(own.file_url)
        assert all(default_storage.exists(row.file_url) for row in source.documents.all())
        # What someone else did with it keeps it, and says so on the page too.
        mapped = MappingFactory(
            product_version__product=ProductFactory(
                company=company, lifecycle_status=LifecycleStatus.DRAFT
            )
        )
        page = reverse("admin:catalog_product_delete", args=[mapped.product_version.product_id])
        told = browser.post(page, {"post": "yes"}, follow=True).text
        assert "Ce brouillon est gardé par : mappings comptables." in told

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
