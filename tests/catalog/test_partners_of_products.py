"""A product names the partners of its company and those opened to it, by every door (M-01)."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from catalog.models import Product
from partners.choices import PartnerStatus
from partners.models import PartnerActivation
from tests.catalog.test_families import form_of
from tests.factories import PartnerActivationFactory, PartnerFactory, ProductFactory, RiskFactory
from tests.support.parity import insert
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.usefixtures("everything")
API = "/api/catalog"
CLOSED = ("partner_id", "partner.closed")


@pytest.fixture
def lent(company, other_company):
    """Return the other company's partner, opened to the company."""
    partner = PartnerFactory(company=other_company)
    PartnerActivationFactory(partner=partner, company=company)
    return partner


@pytest.fixture
def product(company, lent):
    return ProductFactory(company=company, partner=lent, lifecycle_status="draft")


@pytest.fixture
def close(lent):
    """Return a function that sets the activation inactive."""
    return lambda: PartnerActivation.objects.filter(partner=lent).update(
        status=PartnerStatus.INACTIVE
    )


def send(client, method, address, body):
    answer = getattr(client, method)(address, body, content_type="application/json")
    return answer.status_code, answer.json()


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


@pytest.mark.requirement("2.1-partner-07", "A.1.1-01")
def test_a_closed_activation_hides_nothing_of_what_is_there(
    api, browser_as, user_with, company, lent, product, close
):
    close()
    user = user_with(Role.COMPANY_ADMIN, company)
    client, browser = api(user), browser_as(user)
    assert send(client, "patch", f"{API}/products/{product.pk}", {"name": "Renommé"})[0] == 200
    assert client.get(f"{API}/partners/{lent.pk}").status_code == 200
    page = reverse("admin:catalog_product_change", args=[product.pk])
    answer = browser.post(page, form_of(browser.get(page)) | {"name": "Encore"})
    assert answer.status_code == 302
    product.refresh_from_db()
    assert (product.name, product.partner) == ("Encore", lent)
    assert browser.get(reverse("admin:partners_partner_change", args=[lent.pk])).status_code == 200
    (activation,) = client.get(f"{API}/partners/{lent.pk}/activations").json()["results"]
    address = f"{API}/activations/{activation['id']}"
    assert send(client, "patch", address, {"status": "active"})[0] == 200


@pytest.mark.requirement("2.1-partner-07", "A.2.2-product-02")
@pytest.mark.parametrize("is_closed", [False, True], ids=["never opened", "closed"])
def test_a_partner_of_elsewhere_is_not_chosen(
    api, browser_as, user_with, company, other_company, lent, close, is_closed
):
    """Nobody chooses it, not even a person of both companies."""
    close()
    foreign = lent if is_closed else PartnerFactory(company=other_company)
    user = user_with(Role.COMPANY_ADMIN, company, other_company)
    client, browser = api(user), browser_as(user)
    risk = RiskFactory(company=company)
    own = ProductFactory(company=company, risk=risk, lifecycle_status="draft")
    body = {
        "sku": "AP-NEUF",
        "name": "Neuf",
        "company_id": str(company.pk),
        "risk_id": str(risk.pk),
        "revenue_model": "mixed",
        "partner_id": str(foreign.pk),
    }
    status, answer = send(client, "post", f"{API}/products", body)
    assert (status, errors(answer)) == (422, {CLOSED})
    change = {"partner_id": str(foreign.pk)}
    status, answer = send(client, "patch", f"{API}/products/{own.pk}", change)
    assert (status, errors(answer)) == (422, {CLOSED})
    page = reverse("admin:catalog_product_change", args=[own.pk])
    answer = browser.post(page, form_of(browser.get(page)) | {"partner": foreign.pk})
    assert "pas ouvert à cette société" in answer.text
    row = {"company": company, "sku": "AP-SQL", "name": "SQL", "risk": risk, "partner": foreign}
    assert insert(Product, row | {"revenue_model": "revenue"}) == "product_partner_owner"
    with pytest.raises(DatabaseError, match="not open"), transaction.atomic():
        Product.objects.filter(pk=own.pk).update(partner=foreign)
    own.refresh_from_db()
    assert own.partner_id is None


@pytest.mark.requirement("A.4-01")
def test_an_activation_that_serves_is_not_taken_away(company, other_company, lent, product):
    for statement in (
        "DELETE FROM partner_company WHERE partner_id = %s",
        "UPDATE partner_company SET company_id = %s WHERE partner_id = %s",
    ):
        params = [other_company.pk, lent.pk][-statement.count("%s") :]
        with (
            pytest.raises(DatabaseError, match="products of the company"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, params)
    Product.objects.filter(pk=product.pk).update(partner=None)
    PartnerActivation.objects.get(partner=lent).delete()
