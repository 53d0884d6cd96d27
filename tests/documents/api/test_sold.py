"""What is on sale keeps the documents with which it was approved (B.1-03, M-19)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.db.transaction import atomic

from catalog.models import Publication, Risk
from catalog.services.copies import duplicate_version
from catalog.services.versions import submit_version
from documents.models import ProductDocument
from tests.factories import ProductFactory, VersionFactory
from tests.support.calls import API, errors, send
from tests.support.offers import make_released, make_whole
from tests.support.pdf import pdf
from tests.support.publishable import make_publishable
from winvest.core.clock import now
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")


def deposit(client, version, kind, **fields):
    file = SimpleUploadedFile("piece.pdf", pdf("autre"))
    body = {"type": kind, "title": "Autre", "file": file, **fields}
    answer = client.post(f"{API}/versions/{version.pk}/documents", body)
    return answer.status_code, answer.json()


@pytest.mark.requirement("B.1-03", "3.1-14", "2.1-document-03")
def test_a_document_of_a_sale_is_neither_swapped_nor_taken_away(company, user_with, api):
    health = Risk.objects.get(code="SANTE", is_global=True)
    version = VersionFactory(product=ProductFactory(company=company, risk=health))
    make_publishable(version)
    manager = api(user_with(Role.CATALOG_MANAGER, company))
    adv = api(user_with(Role.ADV, company))
    sale = {
        "company_id": str(company.pk),
        "channels": ["telesales"],
        "start_at": version.effective_from.isoformat(),
    }
    address = f"{API}/versions/{version.pk}/publications"
    dipa = ProductDocument.objects.get(product_version=version, type="DIPA")
    status, published = send(adv, "post", address, sale)
    assert status == 201, published

    for fields in ({}, {"mandatory": "false"}, {"replaces_id": str(dipa.pk), "mandatory": "false"}):
        status, refused = deposit(manager, version, "DIPA", **fields)
        assert (status, refused["code"]) == (409, "document.frozen"), fields
    status, kept = send(manager, "post", f"{API}/documents/{dipa.pk}/archive", {})
    assert (status, kept["code"]) == (409, "document.on_sale")
    (reason,) = kept["errors"]
    assert (reason["code"], "DIPA" in reason["message"] or "information" in reason["message"]) == (
        *("documents.missing", True),
    )
    dipa.refresh_from_db()
    assert dipa.state == "published"
    # A question of the sellers is no approved document.
    assert deposit(manager, version, "FAQ")[0] == 201
    # Once nothing is sold any more, what is kept may be archived.
    for row in version.publications.all():
        if row.end_at is None:
            end = f"{API}/publications/{row.pk}/unpublish"
            assert send(adv, "post", end, {"reason": "Fin"})[0] == 200
    assert send(manager, "post", f"{API}/documents/{dipa.pk}/archive", {})[0] == 200


@pytest.mark.requirement("3.1-14", "A.4-04")
def test_a_product_on_sale_keeps_its_structure_and_changes_its_names(company, user_with, api):
    product = make_released(company=company, sku="AP-1", plans={"A": "10"}).product
    manager = api(user_with(Role.CATALOG_MANAGER, company))
    other = Risk.objects.exclude(pk=product.risk_id).filter(is_global=True).first()
    address = f"{API}/products/{product.pk}"
    for field, value in (("risk_id", str(other.pk)), ("revenue_model", "mixed"), ("unit", "kwh")):
        status, refused = send(manager, "patch", address, {field: value})
        assert (status, errors(refused)) == (422, {(field, "product.on_sale")}), refused
    with pytest.raises(IntegrityError, match="keeps its structure"), atomic():
        type(product).objects.filter(pk=product.pk).update(risk=other)  # by SQL as well
    assert send(manager, "patch", address, {"name": "Box 2", "short_name": "Box"})[0] == 200
    Publication.objects.filter(product=product).update(end_at=now() - timedelta(hours=1))
    status, changed = send(manager, "patch", address, {"unit": "kwh"})
    assert (status, changed.get("errors")) == (200, None)


@pytest.mark.requirement("D.3.3-02", "4-05")
def test_a_lone_jurist_who_deposits_leaves_the_compliance_to_adv(company, user_with, api):
    """R-05: ADV stands in where no jurist may approve."""
    people = {role: user_with(role, company) for role in (Role.LEGAL, Role.ADV)}
    author = user_with(Role.CATALOG_MANAGER, company)
    draft = duplicate_version(actor=author, version=make_whole(company, sku="AP-1"))

    def asked():
        address = f"{API}/versions/{draft.pk}/required-approvals"
        rows = api(author).get(address).json()["approvals"]
        return next(row["asked"] for row in rows if row["domain"] == "compliance")

    assert asked() == [str(people[Role.LEGAL])]
    assert deposit(api(people[Role.LEGAL]), draft, "DIPA", mandatory="true")[0] == 201
    assert asked() == [str(people[Role.ADV])]
    version = submit_version(actor=author, version=draft)
    approval = {"domain": "compliance", "decision": "approved"}
    address = f"{API}/versions/{version.pk}/approvals"
    assert send(api(people[Role.LEGAL]), "post", address, approval)[0] == 403
    status, given = send(api(people[Role.ADV]), "post", address, approval)
    assert (status, given["decision"]) == (201, "approved")


@pytest.mark.requirement("B.4-06", "C.5-02")
def test_a_document_that_ends_before_its_sale_is_told_and_blocks_nothing(company, user_with, api):
    health = Risk.objects.get(code="SANTE", is_global=True)
    version = VersionFactory(product=ProductFactory(company=company, risk=health))
    make_publishable(version)
    adv = api(user_with(Role.ADV, company))
    last = (now() + timedelta(days=20)).date()
    ProductDocument.objects.filter(product_version=version, type="CG").update(valid_until=last)
    problems = f"{API}/versions/{version.pk}/problems?channels=telesales"
    told = [one for one in send(adv, "get", problems)[1]["problems"] if one["part"] == "documents"]
    assert [(one["code"], one["blocking"]) for one in told] == [("documents.expires", False)]
    assert f"jusqu'au {last:%d/%m/%Y} inclus" in told[0]["message"]
    sale = {"company_id": str(company.pk), "channels": ["telesales"], "start_at": now().isoformat()}
    address = f"{API}/versions/{version.pk}/publications"
    assert send(adv, "post", address, sale)[0] == 201
