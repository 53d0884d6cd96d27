"""A role limited to some risk families writes nothing in the others, by any door (N-02, R-09)."""

from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.services.mapping import validate_mapping
from catalog.choices import LifecycleStatus, VersionState
from catalog.models import Product, ProductVersion, Publication
from catalog.services.lifecycle import move_product
from catalog.services.versions import release_version, submit_version, withdraw_version
from documents.models import ProductDocument
from tests.factories import (
    DocumentFactory,
    MappingFactory,
    PlanFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from tests.support.calls import send
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Forbidden
from winvest.core.models import Membership, MembershipRisk
from winvest.core.permissions import access_of, allowed

pytestmark = pytest.mark.usefixtures("everything")


@pytest.fixture
def insurance(company):
    return RiskFactory(company=company, code="ASSURANCE", label="Assurance")


@pytest.fixture
def energy(company):
    return RiskFactory(company=company, code="BOX-TV", label="Box, TV, Énergie")


@pytest.fixture
def limited(user_with, company, insurance):
    """Return a function that gives a role in the insurance family only."""

    def make(role):
        user = user_with(role, company)
        membership = Membership._base_manager.get(user=user)
        MembershipRisk.objects.create(membership=membership, company=company, risk_id=insurance.pk)
        return user

    return make


@pytest.fixture
def offers(company, insurance, energy):
    """Return a draft version of a product of each family, with a plan and its mapping."""
    made = {}
    for risk in (insurance, energy):
        version = VersionFactory(
            product=ProductFactory(
                company=company, risk=risk, lifecycle_status=LifecycleStatus.TEST
            ),
            company=company,
        )
        PlanFactory(product_version=version)
        made[risk.code] = version
    return made


def test_the_question_takes_the_family_into_account(limited, company, insurance, energy):
    access = access_of(limited(Role.CATALOG_MANAGER))
    assert access.allowed(Action.CATALOG_EDIT, company.pk, insurance.pk)
    assert not access.allowed(Action.CATALOG_EDIT, company.pk, energy.pk)
    assert not access.allowed(Action.CATALOG_EDIT, company.pk)
    assert access.allowed(Action.CATALOG_VIEW_ALL, company.pk)
    assert access.companies(Action.CATALOG_EDIT) == {company.pk}
    assert access.families(Action.CATALOG_EDIT, company.pk) == {insurance.pk}


@pytest.mark.requirement("N-02")
def test_a_family_holds_the_risks_below_it(limited, company, insurance, energy):
    health = RiskFactory(company=company, parent=insurance)
    dental = RiskFactory(company=company, parent=health)
    access = access_of(limited(Role.CATALOG_MANAGER))
    assert access.families(Action.CATALOG_EDIT, company.pk) == {insurance.pk, health.pk, dental.pk}
    for parent, may in ((insurance, True), (dental, True), (energy, False), (None, False)):
        risk = RiskFactory.build(company=company, parent=parent)
        assert access.allowed_on(Action.CATALOG_EDIT, risk, company.pk) == may


@pytest.mark.requirement("N-02")
def test_a_risk_is_not_moved_into_the_other_family(
    limited, company, insurance, energy, api, browser_as
):
    """A move would take the products of the risk with it, as one that is made there."""
    health, dental = (
        RiskFactory(company=company, parent=insurance, code=code) for code in ("SANTE-1", "DENT")
    )
    user = limited(Role.CATALOG_MANAGER)
    address = f"/api/catalog/risks/{health.pk}"
    page = reverse("admin:catalog_risk_change", args=[health.pk])
    browser = browser_as(user)
    for parent in (energy.pk, None):
        status, answer = send(api(user), "patch", address, {"parent_id": parent and str(parent)})
        assert (status, answer["code"]) == (403, "access.forbidden")
    data = form_of(browser.get(page))
    assert "Sélectionnez un choix valide" in browser.post(page, data | {"parent": energy.pk}).text
    assert browser.post(page, data | {"parent": ""}).status_code == 403
    health.refresh_from_db()
    assert health.parent_id == insurance.pk
    assert send(api(user), "patch", address, {"parent_id": str(dental.pk)})[0] == 200
    assert send(api(user), "patch", address, {"label": "Santé"})[0] == 200


def test_a_second_role_without_limit_opens_all(limited, company, energy):
    user = limited(Role.CATALOG_MANAGER)
    Membership.objects.create(user=user, company=company, role=Role.COMPANY_ADMIN)
    assert allowed(user, Action.CATALOG_EDIT, company.pk, energy.pk)
    assert access_of(user).families(Action.CATALOG_EDIT, company.pk) is None


SERVICES = {
    "submit": (Role.CATALOG_MANAGER, lambda user, v: submit_version(actor=user, version=v)),
    "release": (Role.CATALOG_MANAGER, lambda user, v: release_version(actor=user, version=v)),
    "withdraw": (
        Role.CATALOG_MANAGER,
        lambda user, v: withdraw_version(actor=user, version=v, reason="Reporté"),
    ),
    "move": (
        Role.CATALOG_MANAGER,
        lambda user, v: move_product(actor=user, product=v.product, to=LifecycleStatus.ACTIVE),
    ),
    "validate": (
        Role.ACCOUNTING,
        lambda user, v: validate_mapping(actor=user, mapping=MappingFactory(product_version=v)),
    ),
}


@pytest.mark.requirement("N-02")
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_refuses_the_other_family(name, limited, offers):
    role, run = SERVICES[name]
    with pytest.raises(Forbidden):
        run(limited(role), offers["BOX-TV"])
    with suppress(Conflict):  # its state may forbid it, its family does not
        run(limited(role), offers["ASSURANCE"])


def form_of(page) -> dict:
    """Return what the browser would post back."""
    form = page.context["adminform"].form
    data = {}
    for name, field in form.fields.items():
        value = form.initial.get(name, field.initial)
        value = field.prepare_value(value)
        if isinstance(value, bool):
            data |= {name: "on"} if value else {}
        elif hasattr(field.widget, "decompress"):
            parts = field.widget.decompress(form.initial.get(name))
            data |= {
                f"{name}_{n}": part if part is not None else "" for n, part in enumerate(parts)
            }
        else:
            data[name] = "" if value is None else getattr(value, "pk", value)
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return data


@pytest.mark.requirement("N-02")
def test_the_pages_of_the_other_family_are_read_only(limited, offers, browser_as):
    browser = browser_as(limited(Role.CATALOG_MANAGER))
    for code, may in (("ASSURANCE", True), ("BOX-TV", False)):
        version = offers[code]
        product = version.product
        page = reverse("admin:catalog_product_change", args=[product.pk])
        shown = browser.get(page)
        assert shown.status_code == 200
        assert ('name="name"' in shown.text) == may
        answer = browser.post(page, form_of(shown) | {"name": "Renommé"})
        assert answer.status_code == (302 if may else 403)
        product.refresh_from_db()
        assert (product.name == "Renommé") == may
        page = reverse("admin:catalog_productversion_change", args=[version.pk])
        shown = browser.get(page)
        assert ("plans-0-name" in shown.text) == may
        answer = browser.post(f"{page.removesuffix('change/')}submit/")
        assert answer.status_code == (302 if may else 403)


@pytest.mark.requirement("N-02")
def test_a_product_is_neither_made_nor_moved_into_the_other_family(
    limited, company, offers, energy, insurance, browser_as
):
    browser = browser_as(limited(Role.CATALOG_MANAGER))
    add = reverse("admin:catalog_product_add")
    data = form_of(browser.get(add)) | {
        "company": company.pk,
        "sku": "BOX-001",
        "name": "Box",
        "revenue_model": "revenue",
    }
    refused = browser.post(add, data | {"risk": energy.pk})
    assert "Sélectionnez un choix valide" in refused.text
    assert not Product.objects.filter(sku="BOX-001").exists()
    assert browser.post(add, data | {"risk": insurance.pk}).status_code == 302
    product = offers["ASSURANCE"].product
    page = reverse("admin:catalog_product_change", args=[product.pk])
    refused = browser.post(page, form_of(browser.get(page)) | {"risk": energy.pk})
    assert "Sélectionnez un choix valide" in refused.text
    product.refresh_from_db()
    assert product.risk_id == insurance.pk


@pytest.mark.requirement("N-02")
def test_nobody_publishes_in_the_other_family(limited, company, offers, browser_as):
    """The customer's own case: limited to insurance, no Box, TV or energy offer goes on sale."""
    for version in offers.values():
        make_publishable(version)
    browser = browser_as(limited(Role.ADV))
    add = reverse("admin:catalog_publication_add")
    data = form_of(browser.get(add)) | {
        "company": company.pk,
        "channels": ["web"],
        "visibility": "public",
        "start_at_0": "01/12/2026",
        "start_at_1": "09:00",
    }
    refused = browser.post(add, data | {"product_version": offers["BOX-TV"].pk})
    assert "Sélectionnez un choix valide" in refused.text
    assert not Publication.objects.exists()
    accepted = browser.post(add, data | {"product_version": offers["ASSURANCE"].pk})
    assert accepted.status_code == 302
    other = PublicationFactory(product_version=offers["BOX-TV"])
    page = reverse("admin:catalog_publication_change", args=[other.pk])
    assert browser.post(page, {"visibility": "public"}).status_code == 403
    delete = reverse("admin:catalog_publication_delete", args=[other.pk])
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    assert Publication.objects.count() == 2


@pytest.mark.requirement("N-02", "3.8-03")
def test_nobody_maps_accounts_in_the_other_family(limited, offers, browser_as):
    browser = browser_as(limited(Role.ACCOUNTING))
    for code, may in (("ASSURANCE", True), ("BOX-TV", False)):
        mapping = MappingFactory(
            product_version=offers[code], nature="fee", state="to_validate", validated_at=None
        )
        page = reverse("admin:accounting_accountingmapping_change", args=[mapping.pk])
        assert ('name="gl_account"' in browser.get(page).text) == may
        answer = browser.post(page, {"gl_account": "627200"})
        assert answer.status_code == (302 if may else 403), answer.text


@pytest.mark.requirement("N-02", "E.2.5-01")
def test_documents_are_those_of_one_s_families(limited, offers, browser_as):
    browser = browser_as(limited(Role.LEGAL))
    add = reverse("admin:documents_productdocument_add")
    for code, may in (("ASSURANCE", True), ("BOX-TV", False)):
        data = {"product_version": offers[code].pk, "type": "FAQ", "title": "Q", "channels": "web"}
        file = SimpleUploadedFile("faq.txt", b"Questions")
        assert browser.post(add, data | {"file": file}).status_code == (302 if may else 200)
        assert ProductDocument.objects.filter(product_version=offers[code]).exists() == may
        row = DocumentFactory(product_version=offers[code], title="Autre")
        page = reverse("admin:documents_productdocument_change", args=[row.pk])
        assert ("publish/" in browser.get(page).text) == may
        for step, state in (("publish", "published"), ("archive", "archived")):
            answer = browser.post(page.replace("change/", f"{step}/"))
            assert answer.status_code == (302 if may else 403), step
            row.refresh_from_db()
            assert row.state == (state if may else "draft")
        draft = DocumentFactory(product_version=offers[code], title="À effacer")
        delete = reverse("admin:documents_productdocument_delete", args=[draft.pk])
        assert browser.post(delete, {"post": "yes"}).status_code == (302 if may else 403)
        assert ProductDocument.objects.filter(pk=draft.pk).exists() is not may


@pytest.mark.requirement("N-02", "3.8-04")
def test_the_right_is_asked_before_the_body(limited, company, offers, energy, api):
    """403 comes before 409 and 422, whatever is wrong with the body or the state."""
    client = api(limited(Role.CATALOG_MANAGER))
    version = offers["BOX-TV"]
    plan, product = version.plans.get(), version.product
    ProductVersion.objects.filter(pk=version.pk).update(
        state=VersionState.RELEASED, released_at=version.created_at, content_hash="sha256:x"
    )
    wrong = {"inconnu": 1, "name": 5}
    asked = [
        ("post", f"products/{product.pk}/versions", wrong),
        ("patch", f"products/{product.pk}", wrong),
        ("patch", f"products/{product.pk}", {}),
        ("patch", f"versions/{version.pk}", wrong),
        ("patch", f"plans/{plan.pk}", wrong),
        ("delete", f"plans/{plan.pk}", None),
        ("patch", f"risks/{energy.pk}", wrong),
        ("post", "risks", {"company_id": str(company.pk), "parent_id": str(energy.pk)}),
        ("post", "products", {"company_id": str(company.pk), "risk_id": str(energy.pk)}),
        *(
            ("post", f"versions/{version.pk}/{part}", wrong)
            for part in ("plans", "pricing-rules", "commission-schemes")
        ),
        ("post", f"products/{product.pk}/external-mappings", wrong),
        # A field of another action, beside what is wrong.
        ("post", "partners", {"company_id": str(company.pk), "bic": "AGRIFRPPXXX"}),
    ]
    for method, path, body in asked:
        answer = getattr(client, method)(
            f"/api/catalog/{path}", body, content_type="application/json"
        )
        assert answer.status_code == 403, (method, path, answer.content)
    # What only reads asks for the right to read.
    assert client.head(f"/api/catalog/versions/{version.pk}/approvals").status_code == 200
    own = offers["ASSURANCE"].product
    for path in (f"products/{own.pk}/versions", f"versions/{offers['ASSURANCE'].pk}/plans"):
        answer = client.post(f"/api/catalog/{path}", wrong, content_type="application/json")
        assert answer.status_code == 422
