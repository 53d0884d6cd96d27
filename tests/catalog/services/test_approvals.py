"""Four eyes: a content is approved by someone else than its authors, and the hash binds (§1)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from catalog.models import ProductVersion, VersionApproval
from catalog.services.approvals import authors_of, decide, standing_approval
from catalog.services.copies import duplicate_version
from catalog.services.products import delete_product
from catalog.services.versions import release_version, submit_version
from documents.models import ProductDocument
from documents.services.publish import publish_document
from tests.factories import PlanFactory, ProductFactory, VersionFactory
from tests.support.offers import make_whole
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden
from winvest.core.transaction import transaction as audited

pytestmark = pytest.mark.usefixtures("everything")


@pytest.fixture
def people(user_with, company):
    """Return three catalogue managers."""
    return [user_with(Role.CATALOG_MANAGER, company) for _ in range(3)]


@pytest.fixture
def version(company, people):
    """Return a submitted version that the first of them wrote."""
    made = duplicate_version(actor=people[0], version=make_whole(company, sku="AP-BOX-001"))
    return submit_version(actor=people[0], version=made)


def rename(actor, version, name):
    with audited(actor):
        version.plans.filter(code="BASIC").update(name=name)


@pytest.mark.requirement("1-14")
def test_the_author_never_approves_and_an_edit_voids_the_approval(version, people):
    author, reviewer, editor = people
    with pytest.raises(Conflict) as refused:
        release_version(actor=author, version=version)
    assert refused.value.code == "approvals.product"
    with pytest.raises(Forbidden) as own:
        decide(actor=author, version=version, decision="approved")
    assert own.value.code == "approval.own"
    first = decide(actor=reviewer, version=version, decision="approved")
    rename(editor, version, "Autre")
    assert standing_approval(version, "sha256:autre") is None
    with pytest.raises(Conflict):
        release_version(actor=author, version=version)
    with pytest.raises(Forbidden):
        decide(actor=editor, version=version, decision="approved")
    second = decide(actor=reviewer, version=version, decision="approved")
    assert first.content_hash != second.content_hash
    assert release_version(actor=author, version=version).content_hash == second.content_hash


@pytest.mark.requirement("1-14")
def test_a_refusal_sends_back_and_authors_are_those_since_the_submission_before(version, people):
    author, reviewer, editor = people
    with pytest.raises(ValidationError, match="Un refus dit pourquoi"):
        decide(actor=reviewer, version=version, decision="refused", comment="  ")
    decide(actor=reviewer, version=version, decision="refused", comment="Prix trop bas")
    version.refresh_from_db()
    assert version.state == "draft"
    # Submitted again as it was: still the first author's.
    version = submit_version(actor=author, version=version)
    assert authors_of(version) == {author.pk}
    with pytest.raises(Conflict):
        release_version(actor=author, version=version)
    decide(actor=reviewer, version=version, decision="refused", comment="Toujours")
    version.refresh_from_db()
    rename(editor, version, "Mieux")
    version = submit_version(actor=editor, version=version)
    assert authors_of(version) == {editor.pk}
    decide(actor=author, version=version, decision="approved")
    assert [said.decision for said in VersionApproval.objects.order_by("pk")] == [
        *("refused", "refused", "approved")
    ]


def test_a_later_refusal_takes_the_approval_back(version, people):
    decide(actor=people[1], version=version, decision="approved")
    decide(actor=people[2], version=version, decision="refused", comment="Non")
    version.refresh_from_db()
    version = submit_version(actor=people[0], version=version)
    with pytest.raises(Conflict):
        release_version(actor=people[0], version=version)


AUTHORED = [
    lambda version: version.plans.filter(code="BASIC").update(name="Autre"),
    lambda version: version.pricing_rules.filter(plan__code="BASIC").delete(),
    lambda version: PlanFactory(product_version=version),
    lambda version: version.commission_schemes.get().tiers.filter(min=0).update(value=1),
    lambda version: version.cq_rules.update(notes="Autre"),
    lambda version: ProductDocument.objects.filter(product_version=version, mandatory=True).update(
        title="Autre"
    ),
    lambda version: ProductVersion.objects.filter(pk=version.pk).update(channels=["web"]),
]
NOT_AUTHORED = [
    lambda version: ProductVersion.objects.filter(pk=version.pk).update(notes="Vu"),
    lambda version: version.plans.get(code="BASIC").save(),
    lambda version: ProductDocument.objects.filter(product_version=version, mandatory=False).update(
        title="Autre"
    ),
]


def test_whoever_changes_any_part_is_an_author_and_a_mere_save_is_none(company, people):
    version = make_whole(company, sku="AP-BOX-001")
    for number, change in enumerate([*AUTHORED, *NOT_AUTHORED]):
        with transaction.atomic():
            with audited(people[0]):
                change(version)
            assert bool(authors_of(version)) is (number < len(AUTHORED)), number
            transaction.set_rollback(True)
    script = ProductDocument.objects.get(product_version=version, mandatory=True)
    publish_document(actor=people[0], document=script)
    assert authors_of(version) == set()


def test_what_was_said_is_never_changed_and_a_draft_with_authors_is_deleted(
    version, people, company
):
    decide(actor=people[1], version=version, decision="approved")
    for statement in (
        "UPDATE version_approval SET decision = 'refused', comment = 'x'",
        "DELETE FROM version_approval",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    draft = VersionFactory(product=ProductFactory(company=company, lifecycle_status="draft"))
    with audited(people[0]):
        PlanFactory(product_version=draft)
    assert people[0].pk in authors_of(draft)
    delete_product(actor=people[0], product=draft.product)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not ProductVersion.objects.filter(pk=draft.pk).exists()


@pytest.mark.requirement("5-02")
def test_the_api_and_the_page_ask_someone_else(version, people, api, browser_as):
    author, reviewer, _ = people
    address = f"/api/catalog/versions/{version.pk}/approvals"
    body = {"domain": "product", "decision": "approved"}

    def post(user, body):
        return api(user).post(address, body, content_type="application/json")

    assert post(author, body).json()["code"] == "approval.own"
    for bad in (
        {"domain": "product"},
        body | {"decision": "maybe"},
        body | {"domain": "accounting"},
    ):
        assert post(reviewer, bad).status_code == 422
    refusal = post(reviewer, body | {"decision": "refused"})
    assert (refusal.status_code, refusal.json()["errors"][0]["message"]) == (
        *(422, "Un refus dit pourquoi."),
    )
    page = reverse("admin:catalog_productversion_review", args=[version.pk])
    told = browser_as(author).get(page, follow=True).text
    assert "une autre personne le fait" in told
    answer = browser_as(reviewer).post(page, {"decision": "approved", "comment": "Bien"})
    assert answer.status_code == 302
    (said,) = api(author).get(address).json()["results"]
    assert (said["decision"], said["comment"], said["user_email"]) == (
        *("approved", "Bien", reviewer.email),
    )
    change = reverse("admin:catalog_productversion_change", args=[version.pk])
    assert f"Approuvée par {reviewer}" in browser_as(author).get(change).text
    assert post(reviewer, body).status_code == 201
