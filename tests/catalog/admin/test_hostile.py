"""Hostile text in the forms of the catalogue: shown as text, asked as text, sent with a token."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product, Risk
from partners.models import Partner
from tests.factories import BrandFactory, PartnerFactory, ProductFactory, RiskFactory
from tests.support.forms import form_of
from tests.support.imports import Importer, table
from tests.support.pages import page_of
from winvest.core.domain.roles import Role
from winvest.core.models import Membership

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("everything"),
    pytest.mark.requirement("H.2.5-01"),
]
SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7|add:'7' }}"
BROKEN = ("<script>alert", "<img src=x", "onerror=alert(1)>")
SQL = (
    "' OR '1'='1",
    "'; DROP TABLE product; --",
    '" OR ""="',
    "1) OR (1=1",
    "\\' OR 1=1 --",
    "%' UNION SELECT password FROM app_user --",
    "$$;SELECT pg_sleep(9)--",
)
LISTS = ("catalog_product", "catalog_risk", "partners_partner", "core_brand")


@pytest.fixture
def world(company, other_company):
    """Rows of AP that carry the script, and rows of another company that nobody should meet."""
    schema = {
        "type": "object",
        "properties": {"plafond": {"title": SCRIPT[:80], "type": "string", "description": SCRIPT}},
    }
    risk = RiskFactory(company=company, label=SCRIPT, field_schema=schema)
    partner = PartnerFactory(company=company, name=SCRIPT, legal_name=SCRIPT)
    brand = BrandFactory(company=company, name=SCRIPT)
    other = RiskFactory(company=other_company, label="Canari")
    ProductFactory(company=other_company, risk=other, name="Canari", sku="CANARI-1")
    PartnerFactory(company=other_company, name="Canari")
    product = ProductFactory(
        company=company,
        sku="AP-1",
        name=SCRIPT,
        short_name=SCRIPT[:80],
        risk=risk,
        partner=partner,
        brand=brand,
        attributes={"plafond": SCRIPT},
    )
    return [product, risk, partner, brand]


def shown(answer):
    assert answer.status_code == 200, answer
    for bad in BROKEN:
        assert bad not in answer.text, (answer.request["PATH_INFO"], bad)
    return answer.text


def test_a_script_is_shown_as_text_on_every_page(world, company, user_with, browser_as):
    user = user_with(Role.GROUP_ADMIN)
    browser = browser_as(user)
    for row in world:
        page = page_of(row)
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        assert "&lt;script&gt;alert(1)" in shown(browser.get(page))
        assert "&lt;script&gt;alert(1)" in shown(browser.get(reverse(f"{name}_changelist")))
        data = form_of(browser.get(page))
        assert browser.post(page, data).status_code == 302  # its message names the row
        shown(browser.get(reverse(f"{name}_changelist"), {"q": SCRIPT}))
        shown(browser.get(reverse(f"{name}_history", args=[row.pk])))
        if row is not world[-1]:
            shown(browser.get(reverse(f"{name}_delete", args=[row.pk]), follow=True))
    shown(browser.get(reverse("admin:core_auditentry_changelist")))
    lists = {"app_label": "catalog", "model_name": "product", "field_name": "risk"}
    found = browser.get(reverse("admin:autocomplete"), lists)
    assert found["Content-Type"].startswith("application/json")
    assert found["X-Content-Type-Options"] == "nosniff"

    person = Importer(browser, user, company)
    tag = "<script>alert(1)<img src=x onerror=alert(1)>"
    run = person.check("product", table(f"SKU;Nom;{tag}", f"{tag};x;y"), f"{tag}.csv")
    page = shown(browser.get(reverse("admin:core_importrun_change", args=[run.pk])))
    assert page.count("&lt;script&gt;alert(1)") >= 2  # the file, and the heading it has


def test_sql_in_a_search_a_filter_or_an_order_is_only_text(
    world, company, user_with, browser_as, api
):
    user = user_with(Role.COMPANY_ADMIN, company)
    browser, client = browser_as(user), api(user)
    before = [model.objects.count() for model in (Product, Risk, Partner)]
    for text in SQL:
        for name in LISTS:
            page = reverse(f"admin:{name}_changelist")
            for key in ("q", "o", "company__id__exact", "cursor", "lifecycle_status__exact"):
                answer = browser.get(page, {key: text}, follow=True)
                assert answer.status_code in (200, 400, 404), (page, key, text)
                assert "Canari" not in answer.text, (page, key, text)
        for route in ("products", "risks", "partners"):
            for key in ("search", "cursor", "company", "lifecycle_status", "ordering"):
                answer = client.get(f"/api/catalog/{route}", {key: text})
                assert answer.status_code in (200, 404, 422), (route, key, text)
                assert "Canari" not in answer.content.decode()
    assert [model.objects.count() for model in (Product, Risk, Partner)] == before


def test_a_form_without_the_token_of_its_page_is_refused(world, company, user_with):
    user = user_with(Role.GROUP_ADMIN)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    product, risk = world[:2]
    held = Membership._base_manager.count()
    for address, data in (
        (page_of(product), {"name": "Volé"}),
        (reverse("admin:catalog_risk_delete", args=[risk.pk]), {"post": "yes"}),
        (reverse("admin:catalog_product_import"), {"company": company.pk}),
        (reverse("admin:core_user_add"), {"email": "x@winvest.example", "name": "X"}),
        (reverse("admin:logout"), {}),
    ):
        assert browser.post(address, data).status_code == 403, address
    # Signed out too, one is led to the sign-in, and back to the page; nowhere else.
    form = "http://testserver/catalog/product/add/?risk=1"
    for referer, way in (
        (form, "/login/?next=%2Fcatalog%2Fproduct%2Fadd%2F%3Frisk%3D1"),
        ("http://ailleurs.example//ailleurs.example/", "/login/"),
        ("", "/login/"),
    ):
        nobody = Client(enforce_csrf_checks=True, headers={"referer": referer})
        refused = nobody.post(page_of(product), {"name": "Volé"})
        assert refused.status_code == 401
        assert f'href="{way}">Se connecter</a>' in refused.text, referer
    product.refresh_from_db()
    assert product.name == SCRIPT
    assert Membership._base_manager.count() == held
    page = browser.get(page_of(product))
    data = form_of(page) | {"name": "Rendu"}
    assert browser.post(page_of(product), data).status_code == 302
    product.refresh_from_db()
    assert product.name == "Rendu"
