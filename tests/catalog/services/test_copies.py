"""Copies of versions and products, return to an earlier content, codes of products."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog import parts
from catalog.choices import VersionState
from catalog.models import CqRule, ProductVersion
from catalog.services.copies import duplicate_product, duplicate_version, roll_back
from catalog.services.sku import take_sku
from catalog.services.versions import release_version, submit_version
from documents.choices import DocumentState
from documents.models import ProductDocument
from documents.services.upload import delete_document
from tests.factories import ExternalMappingFactory, ProductFactory, RiskFactory
from tests.support.offers import approve, make_whole
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, NotFound

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)  # the 1st at midnight in Paris
pytestmark = pytest.mark.usefixtures("everything")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


def released(actor, version, *, approved=False, **options):
    submitted = submit_version(actor=actor, version=version)
    return release_version(
        actor=actor, version=submitted if approved else approve(submitted), **options
    )


@pytest.fixture
def version(company):
    return make_whole(company, sku="AP-BOX-001", name="Box")


@pytest.mark.requirement("3.1-07", "4-06")
def test_a_copy_of_a_version_is_the_next_draft_with_the_same_content(version, manager):
    version.notes = "De la première"
    version.save()
    copy = duplicate_version(actor=manager, version=version)
    assert (copy.product, copy.version, copy.state) == (version.product, 2, VersionState.DRAFT)
    assert (copy.effective_from, copy.notes) == (DECEMBER, None)
    assert parts.content_of(copy) == parts.content_of(version)
    assert list(parts.content_of(copy)) == [
        *("billing", "commission_schemes", "documents", "logistics", "offer", "plans", "quality"),
    ]
    titles = {document.title: document.state for document in copy.documents.all()}
    assert titles == {"Script": DocumentState.DRAFT, "Questions": DocumentState.DRAFT}
    script = ProductDocument.objects.get(product_version=copy, title="Script")
    assert CqRule.objects.get(product_version=copy).call_script_id == script.pk
    copy.plans.filter(code="BASIC").update(name="Autre")
    assert version.plans.get(code="BASIC").name == "Basic"


@pytest.mark.requirement("3.1-07")
def test_a_copy_of_a_product_has_a_code_of_its_own(version, manager):
    ExternalMappingFactory(product=version.product)
    product = version.product
    product.badges = {"new": True}
    product.save()
    copy = duplicate_product(actor=manager, product=product)
    risk = product.risk.code
    assert (copy.sku, copy.name) == (f"AP-{risk}-001", "Box (copie)")
    assert (copy.lifecycle_status, copy.created_by, copy.badges) == ("draft", manager, {})
    assert not copy.external_mappings.exists()
    made = ProductVersion.objects.get(product=copy)
    assert (made.version, made.state) == (1, VersionState.DRAFT)
    assert parts.content_hash(made) == parts.content_hash(version)
    named = duplicate_product(actor=manager, product=product, sku="A-MOI-1", name="Autre")
    assert (named.sku, named.name) == ("A-MOI-1", "Autre")


@pytest.mark.requirement("3.1-10")
def test_going_back_makes_a_version_equal_to_an_earlier_one(version, manager):
    first = released(manager, version)
    second = duplicate_version(actor=manager, version=first)
    second.pricing_rules.filter(plan__code="BASIC").update(payload={"amount": Decimal("12.00")})
    second = released(manager, second)
    assert second.content_hash != first.content_hash
    third = roll_back(actor=manager, product=first.product, version=1)
    assert (third.version, third.state, third.notes) == (3, "draft", "Retour à la version 1.")
    # The approval of the first is the third's: the content is the same.
    third = released(manager, third, approved=True, effective_from=datetime(2027, 1, 1, tzinfo=UTC))
    assert third.content_hash == first.content_hash
    rows = ProductVersion.objects.filter(product=first.product).order_by("version")
    assert [(row.version, row.state) for row in rows] == [
        *((1, "released"), (2, "released"), (3, "released"))
    ]


def test_nobody_goes_back_to_what_was_not_released(version, manager):
    with pytest.raises(Conflict) as refused:
        roll_back(actor=manager, product=version.product, version=1)
    assert refused.value.code == "version.not_released"
    with pytest.raises(NotFound):
        roll_back(actor=manager, product=version.product, version=9)
    assert ProductVersion.objects.filter(product=version.product).count() == 1


def test_a_rollback_that_would_not_be_identical_is_refused(version, manager):
    old = released(manager, version)
    # As if an application that read the content otherwise had released it.
    with pytest.MonkeyPatch.context() as patch:
        other = parts.VersionPart("aside", lambda version: version.version, lambda pairs: None)
        patch.setitem(parts._parts, "aside", other)
        with pytest.raises(Conflict) as refused:
            roll_back(actor=manager, product=old.product, version=1)
    assert refused.value.code == "version.not_the_same"
    assert ProductVersion.objects.filter(product=old.product).count() == 1


@pytest.mark.requirement("3.8-04", "3.8-13")
@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.ADV, Role.SALES, Role.AUDITOR])
def test_other_roles_copy_nothing(version, user_with, company, role):
    actor = user_with(role, company)
    for act in (
        lambda: duplicate_version(actor=actor, version=version),
        lambda: duplicate_product(actor=actor, product=version.product),
        lambda: roll_back(actor=actor, product=version.product, version=1),
        lambda: take_sku(actor=actor, company=company, risk=version.product.risk),
    ):
        with pytest.raises(Forbidden):
            act()
    assert ProductVersion.objects.count() == 1


def test_a_shared_file_stays_as_long_as_one_document_names_it(
    version, manager, django_capture_on_commit_callbacks
):
    original = ProductDocument.objects.get(title="Questions")
    default_storage.save(original.file_url, ContentFile(b"Texte"))
    copy = duplicate_version(actor=manager, version=version)
    for document, kept in (
        (ProductDocument.objects.get(product_version=copy, title="Questions"), True),
        (original, False),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            delete_document(actor=manager, document=document)
        assert default_storage.exists(original.file_url) is kept


@pytest.mark.requirement("A.5-01", "3.1-11")
def test_codes_follow_the_greatest_given_or_used_in_the_group(
    company, other_company, manager, user_with
):
    risk = RiskFactory(company=company, code="Sante-1")
    take = lambda: take_sku(actor=manager, company=company, risk=risk)  # noqa: E731
    assert [take(), take()] == ["AP-SANTE1-001", "AP-SANTE1-002"]
    ProductFactory(company=other_company, sku="ap-sante1-041")
    ProductFactory(company=company, sku="AP-SANTE1-999999999", lifecycle_status="draft")
    assert take() == "AP-SANTE1-042"
    foreign = RiskFactory(company=other_company)
    with pytest.raises(NotFound):
        take_sku(actor=user_with(Role.GROUP_ADMIN), company=company, risk=foreign)
