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
from tests.support.calls import API, PRODUCTS, send
from tests.support.forms import form_of
from tests.support.pages import add_row, errors_of_rows, page_of
from winvest.core.clock import now
from winvest.core.domain.roles import Role

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
