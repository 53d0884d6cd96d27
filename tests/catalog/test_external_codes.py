"""External codes at every door: a link to an API needs a credential, a code has no case twin."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from catalog.models import ExternalMapping
from tests.factories import (
    CredentialFactory,
    ExternalMappingFactory,
    PartnerFactory,
    PlanFactory,
    ProductFactory,
)
from tests.support.calls import API, PRODUCTS, errors, send
from tests.support.forms import form_of
from tests.support.pages import add_row, errors_of_rows, page_of
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

DAY = timedelta(days=1)
LINKED = {"system": "OggoData", "external_code": "OG-1", "integration_status": "api"}
# Days from now: in service since, until.
CREDENTIALS = {
    "without partner": (None, None),
    "no credential": ("none", None),
    "ended": (-9, -1),
    "not yet": (1, None),
    "open": (-9, None),
    "renewed, not ended yet": (-9, 1),
}


@pytest.fixture
def manager(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


def product_with(company, since, until):
    if since is None:
        return ProductFactory(company=company)
    partner = PartnerFactory(company=company)
    if since != "none":
        end = None if until is None else now() + until * DAY
        CredentialFactory(partner=partner, valid_from=now() + since * DAY, valid_to=end)
    return ProductFactory(company=company, partner=partner)


@pytest.mark.requirement("C.2-03")
def test_a_link_to_an_api_needs_a_credential_in_service(manager, api, browser_as, company):
    client, browser = api(manager), browser_as(manager)
    for number, (name, (since, until)) in enumerate(CREDENTIALS.items()):
        opened = name in ("open", "renewed, not ended yet")
        product = product_with(company, since, until)
        row = LINKED | {"external_code": f"OG-{number}"}
        told = f"{PRODUCTS}/{product.pk}/external-mappings"
        status, answer = send(client, "post", told, row)
        assert status == (201 if opened else 422), name
        page = browser.post(
            reverse("admin:catalog_externalmapping_add"),
            row | {"product": product.pk, "system": "Page", "plan": ""},
        )
        rows = add_row(
            browser,
            page_of(product),
            "external_mappings",
            row | {"system": "Fiche", "external_code": f"FI-{number}", "plan": ""},
        )
        assert (page.status_code, rows.status_code) == ((302, 302) if opened else (200, 200)), name
        if opened:
            continue
        (error,) = answer["errors"]
        assert (error["path"], error["code"]) == ("integration_status", "integration.credential")
        assert "accès API en service" in error["message"]
        assert "accès API en service" in str(errors_of_rows(rows, "external_mappings"))
        assert "integration_status" in page.context["adminform"].form.errors
        kept = ExternalMappingFactory(product=product, external_code=f"K-{number}")
        change = {"integration_status": "api"}
        assert send(client, "patch", f"{API}/external-mappings/{kept.pk}", change)[0] == 422


@pytest.mark.requirement("C.2-03")
def test_a_credential_that_ends_keeps_no_linked_code_from_other_changes(manager, api, company):
    row = ExternalMappingFactory(
        product=product_with(company, "none", None), integration_status="api"
    )
    address = f"{API}/external-mappings/{row.pk}"
    assert send(api(manager), "patch", address, {"external_code": "NEUF"})[0] == 200
    moved = ExternalMapping.objects.get(pk=row.pk)
    moved.product = product_with(company, -9, -1)
    with pytest.raises(ValidationError, match="accès API en service"):
        moved.full_clean()


@pytest.mark.requirement("C.2-03")
def test_a_linked_product_goes_to_no_partner_that_nothing_opens(manager, api, browser_as, company):
    client, browser = api(manager), browser_as(manager)
    kept = product_with(company, -9, None)
    ExternalMappingFactory(product=kept, integration_status="api")
    page = page_of(kept)
    for name, (since, until) in CREDENTIALS.items():
        partner = product_with(company, since, until).partner
        opened = name in ("open", "renewed, not ended yet")
        body = {"partner_id": str(partner.pk) if partner else None}
        status, answer = send(client, "patch", f"{PRODUCTS}/{kept.pk}", body)
        assert status == (200 if opened else 422), name
        data = form_of(browser.get(page)) | {"partner": partner.pk if partner else ""}
        posted = browser.post(page, data)
        assert posted.status_code == (302 if opened else 200), name
        if not opened:
            assert ("partner_id", "integration.credential") in errors(answer)
            assert "accès API en service" in str(posted.context["adminform"].form.errors["partner"])
    # A code that is linked no more asks for nothing.
    kept.external_mappings.update(integration_status="inactive")
    assert send(client, "patch", f"{PRODUCTS}/{kept.pk}", {"partner_id": None})[0] == 200


# The installation, the environment of the credential, and whether the product may be sold.
SALES = [
    (False, "sandbox", True),
    (False, None, False),
    (True, "sandbox", False),
    (True, "production", True),
]


@pytest.mark.requirement("C.2-03")
@pytest.mark.parametrize(("production", "env", "sold"), SALES)
def test_a_linked_product_is_sold_with_a_production_key(
    manager, api, browser_as, company, settings, production, env, sold
):
    settings.PRODUCTION_CREDENTIALS = production
    partner = PartnerFactory(company=company)
    if env is not None:
        CredentialFactory(partner=partner, env=env)
    product = ProductFactory(company=company, partner=partner, lifecycle_status="test")
    ExternalMappingFactory(product=product, integration_status="api")
    move = reverse("admin:catalog_product_move", args=[product.pk])
    answer = browser_as(manager).post(move, {"to": "active"}, follow=True)
    product.refresh_from_db()
    assert product.lifecycle_status == ("active" if sold else "test")
    assert ("accès API en service" in answer.content.decode()) is not sold
    # The code of a product that is already sold asks for the same.
    active = ProductFactory(company=company, partner=partner, lifecycle_status="active")
    status, _ = send(api(manager), "post", f"{PRODUCTS}/{active.pk}/external-mappings", LINKED)
    assert status == (201 if sold else 422)


@pytest.mark.requirement("C.2-03")
def test_the_end_of_the_last_key_says_what_it_stops(user_with, manager, api, browser_as, company):
    it = user_with(Role.IT, company)
    partner, told = PartnerFactory(company=company), "dépend 1 produit en vente"
    one, other = (CredentialFactory(partner=partner, env=env) for env in ("sandbox", "production"))
    for status, linked in (("active", "api"), ("test", "api"), ("active", "import")):
        product = ProductFactory(company=company, partner=partner, lifecycle_status=status)
        ExternalMappingFactory(product=product, integration_status=linked)
    client, browser = api(it), browser_as(it)
    later = {"valid_to": (now() + DAY).isoformat()}
    status, ended = send(client, "patch", f"{API}/credentials/{one.pk}", later)
    assert (status, ended["warnings"]) == (200, [])
    end = reverse("admin:partners_partnercredential_end", args=[other.pk])
    assert told in browser.get(end).content.decode()
    assert told in browser.post(end, follow=True).content.decode()
    status, ended = send(client, "get", f"{API}/credentials/{other.pk}")
    assert (status, [one["code"] for one in ended["warnings"]]) == (200, ["credential.last"])
    partners = f"{API}/partners/{partner.pk}"
    assert send(client, "get", partners)[1]["warnings"] == []
    one.valid_to = now()
    one.save()
    (warning,) = send(client, "get", partners)[1]["warnings"]
    assert warning["code"] == "partner.api_closed"
    assert warning["message"] in browser.get(page_of(partner)).content.decode().replace(
        "&#x27;", "'"
    )
    sales = send(api(user_with(Role.SALES, company)), "get", partners)[1]
    assert (sales["name"], sales["warnings"]) == (partner.name, [])


@pytest.mark.requirement("8-07")
@pytest.mark.parametrize(
    ("codes", "of_plan", "told"),
    [
        (("og-9", "OG-9"), True, "Ce code externe est déjà pris dans ce système."),
        (("OG-8", "OG-9"), False, "Ce produit a déjà un code dans ce système."),
    ],
)
def test_two_new_codes_of_one_form_are_no_twins(manager, browser_as, company, codes, of_plan, told):
    draft = PlanFactory(product_version__product__company=company, code="BASE").product_version
    browser, page = browser_as(manager), page_of(draft.product)
    data = form_of(browser.get(page)) | {"external_mappings-TOTAL_FORMS": "2"}
    for number, code in enumerate(codes):
        plan = draft.plans.get().pk if of_plan and number == 0 else ""
        row = {"system": "OggoData", "external_code": code, "plan": plan}
        row["integration_status"] = "none"
        data |= {f"external_mappings-{number}-{name}": value for name, value in row.items()}
    answer = browser.post(page, data)
    assert answer.status_code == 200
    assert errors_of_rows(answer, "external_mappings") == {"__all__": [told]}
    assert not ExternalMapping.objects.filter(product=draft.product).exists()


@pytest.mark.requirement("C.2-01", "C.2-02", "1-23")
def test_each_step_of_an_integration_is_traced(manager, api, browser_as, company):
    """Declared and linked to nothing at first; who asked the partner, and when, is told."""
    client, product = api(manager), product_with(company, None, None)
    code = {"system": "OggoData", "external_code": "OG-1"}
    status, made = send(client, "post", f"{PRODUCTS}/{product.pk}/external-mappings", code)
    assert (status, made["integration_status"]) == (201, "none")
    row = ExternalMapping.objects.get(pk=made["id"])
    for step in ("requested", "inactive"):
        change = {"integration_status": step}
        assert send(client, "patch", f"{API}/external-mappings/{row.pk}", change)[0] == 200
    lines = AuditEntry.objects.filter(table="external_mapping", record_id=row.pk).order_by("id")
    assert [line.after["integration_status"] for line in lines] == ["none", "requested", "inactive"]
    assert {line.actor_id for line in lines} == {manager.pk}
    page = browser_as(manager).get(f"{page_of(row).removesuffix('change/')}history/").text
    for word in ("Non intégré", "Demande en cours", "Inactif", manager.name):
        assert word in page
