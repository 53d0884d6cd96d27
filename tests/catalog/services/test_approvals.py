"""Four eyes: a content is approved by someone else than its authors, and the hash binds (§1)."""

import contextlib

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from catalog.models import ProductVersion, VersionApproval
from catalog.services.approval_states import approval_states, authors_of
from catalog.services.approvals import decide
from catalog.services.copies import duplicate_version
from catalog.services.products import delete_product
from catalog.services.versions import release_version, submit_version
from documents.models import ProductDocument
from documents.services.publish import publish_document
from tests.factories import (
    ExternalMappingFactory,
    PlanFactory,
    ProductFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.offers import make_whole
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden
from winvest.core.models import Membership, MembershipRisk
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


def standings(version):
    return {one.domain.value: one.standing.value for one in approval_states(version)}


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
    assert standings(version)["product"] == "void"
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
        "UPDATE version_author SET round = round + 1",
        "DELETE FROM version_author",
    ):
        with (
            pytest.raises(DatabaseError, match=r"append-only|who wrote is kept"),
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


@pytest.mark.requirement("4-05", "B.6-02")
def test_each_domain_is_approved_by_its_own_role(version, people, company, user_with):
    """R-05, R-06: every role of the matrix, each domain; a jurist keeps ADV out."""
    by_role = {role: user_with(role, company) for role in Role if role != Role.GROUP_ADMIN}
    by_role[Role.GROUP_ADMIN] = user_with(Role.GROUP_ADMIN, None)
    given = {"product": {"company_admin", "catalog_manager"}, "accounting": {"accounting"}}
    given |= {"compliance": {"legal"}, "integration": {"it"}}
    link = ExternalMappingFactory(product=version.product, integration_status="requested")
    it = by_role[Role.IT]
    with pytest.raises(Conflict, match="que d'un produit tarifé par API"):
        decide(actor=it, version=version, domain="integration", decision="approved")
    link.integration_status = "api"
    link.save()
    for domain, roles in given.items():
        allowed = set()
        for role, actor in by_role.items():
            with contextlib.suppress(Forbidden):
                decide(actor=actor, version=version, domain=domain, decision="approved")
                allowed.add(role.value)
        assert allowed == roles, domain
    assert set(standings(version).values()) == {"approved"}
    release_version(actor=people[0], version=version)
    version.refresh_from_db()
    # What is out stays out: a refusal keeps it from being published.
    refused = {"domain": "compliance", "decision": "refused", "comment": "CG périmées"}
    decide(actor=by_role[Role.LEGAL], version=version, **refused)
    version.refresh_from_db()
    assert (version.state, standings(version)["compliance"]) == ("released", "refused")


@pytest.mark.requirement("4-05", "B.6-02")
def test_adv_stands_in_where_no_jurist_holds_the_family(version, company, user_with):
    adv, other = user_with(Role.ADV, company), RiskFactory(company=company)
    jurist = user_with(Role.LEGAL, company)

    def approve():
        return decide(actor=adv, version=version, domain="compliance", decision="approved")

    with pytest.raises(Forbidden, match="par un juriste"):
        approve()
    member = Membership.objects.get(user=jurist)
    MembershipRisk.objects.create(membership=member, company=company, risk_id=other.pk)
    assert approve().domain == "compliance"


def test_a_return_to_a_content_keeps_its_approvals(version, people):
    decide(actor=people[1], version=version, decision="approved")
    release_version(actor=people[0], version=version)
    edited = duplicate_version(actor=people[0], version=version)
    rename(people[0], edited, "Autre")
    assert standings(edited)["product"] == "missing"
    rename(people[0], edited, version.plans.get(code="BASIC").name)
    assert standings(edited)["product"] == standings(version)["product"] == "approved"


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
        body | {"domain": "marketing"},
    ):
        assert post(reviewer, bad).status_code == 422
    assert post(reviewer, body | {"domain": "accounting"}).status_code == 403
    stale = post(reviewer, body | {"content_hash": "sha256:lu-avant"})
    assert (stale.status_code, stale.json()["code"]) == (409, "approval.content_changed")
    refusal = post(reviewer, body | {"decision": "refused"})
    assert (refusal.status_code, refusal.json()["errors"]) == (
        422,
        [{"path": "comment", "code": "approval.comment", "message": "Un refus dit pourquoi."}],
    )
    page = reverse("admin:catalog_productversion_review", args=[version.pk])
    blank = browser_as(reviewer).post(page, {"domain": "product", "decision": "refused"})
    assert blank.context["form"].errors == {"comment": ["Un refus dit pourquoi."]}
    told = browser_as(author).get(page, follow=True).text
    assert "une autre personne le fait" in told
    answer = browser_as(reviewer).post(
        page, {"domain": "product", "decision": "approved", "comment": "Bien"}
    )
    assert answer.status_code == 302
    (said,) = api(author).get(address).json()["results"]
    assert (said["decision"], said["comment"], said["user_email"]) == (
        *("approved", "Bien", reviewer.email),
    )
    change = reverse("admin:catalog_productversion_change", args=[version.pk])
    assert f"Approuvée par {reviewer}" in browser_as(author).get(change).text
    assert post(reviewer, body).status_code == 201
    required = api(author).get(f"/api/catalog/versions/{version.pk}/required-approvals").json()
    product, accounting, _ = required["approvals"]
    assert (product["state"], product["last"]["user"]) == ("approved", str(reviewer))
    assert (accounting["state"], accounting["asked"], accounting["last"]) == ("missing", [], None)
    assert product["last"]["content_hash"] == required["content_hash"]
